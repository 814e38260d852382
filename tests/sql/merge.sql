-- abate.merge_samples: what comes for an instant that is there already.
--
-- A row is written as its values and, after a blank, its marks; what is kept with "-" for no marks and "@" position, and
-- behind it which slots a further message filled. The stored row is of position 1, those that come of 101, 102 ... Counts are stored/merged/duplicate/revised. A revision
-- is slot:value mark/kept value kept mark@position; what came with an R before it is a reissue, and what took effect by
-- one has its position behind a "!".
begin;
select plan(70);
select abate.ensure_partition(2020 * 12 + 10) \g /dev/null

create function pg_temp.as_writer(statement text) returns void
language plpgsql set role = 'abate_writer' as $$ begin execute statement; end $$;
create function pg_temp.merge() returns text
language plpgsql set role = 'abate_writer' as $$
declare counts record;
begin
    select * into counts from abate.merge_samples();
    if counts.duplicate <> (select coalesce(sum(n), 0) from unnest(counts.duplicates) n)
       or cardinality(counts.positions) <> cardinality(counts.duplicates) then
        raise exception 'duplicates % are not %', counts.duplicates, counts.duplicate;
    end if;
    return format('%s/%s/%s/%s', counts.stored, counts.merged, counts.duplicate, counts.revised);
end $$;
select pg_temp.as_writer('select abate.prepare_session()') \g /dev/null

create function pg_temp.come(feed int, journal int, rows text[]) returns void language plpgsql as $$
begin
    perform pg_temp.as_writer(format($i$
        insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark, is_reissue)
        select %s, %s, '2020-11-02 08:00:00+08', 100 + n, ltrim(split_part(r, ' ', 1), 'R')::float8[],
               nullif(split_part(r, ' ', 2), ''), r like 'R%%'
          from unnest(%L::text[]) with ordinality u (r, n)$i$, feed, journal, rows));
end $$;
create function pg_temp.kept(feed int) returns text language sql
return (select value::text || ' ' || coalesce(mark, '-') || ' @' || position from abate.sample where feed_id = feed)
    || coalesce((select string_agg(format(' %s@%s', slot, position), '' order by position) from abate.sample_part where feed_id = feed), '');
create function pg_temp.revised(feed int) returns text language sql
return (select string_agg(format('%s:%s%s/%s%s@%s', slot, value, mark, kept_value, kept_mark, position) || coalesce('!' || reissue_position, ''),
                          ' ' order by position, slot)
          from abate.revision where feed_id = feed);

create function pg_temp.story(feed int, name text, before text, came text[], kept text, counts text, revised text)
    returns text language plpgsql as $$
declare
    got text;
begin
    if before is not null then
        insert into abate.sample values
            (feed, 1, '2020-11-02 08:00:00+08', 1, split_part(before, ' ', 1)::float8[], nullif(split_part(before, ' ', 2), ''));
    end if;
    perform pg_temp.come(feed, 1, came);
    got := pg_temp.merge();
    truncate pg_temp.incoming_sample;
    return is(concat_ws(' | ', pg_temp.kept(feed), got, pg_temp.revised(feed)), concat_ws(' | ', kept, counts, revised), name);
end $$;

select pg_temp.story(row_number() over ()::int, name, before, came::text[], kept, counts, revised)
  from (values
    ('a new instant',
     null, '{"{1,2}"}', '{1,2} - @101', '1/0/0/0', null),
    ('the same again',
     '{1,2}', '{"{1,2}"}', '{1,2} - @1', '0/0/2/0', null),
    ('the same again, with marks',
     '{1,NULL} ND', '{"{1,NULL} ND"}', '{1,NULL} ND @1', '0/0/2/0', null),
    ('the second part, behind the first',
     '{1,2}', '{"{NULL,NULL,3,4}"}', '{1,2,3,4} - @1 {3,4}@101', '0/1/0/0', null),
    ('the second part, before the first',
     '{NULL,NULL,3,4}', '{"{1,2}"}', '{1,2,3,4} - @1 {1,2}@101', '0/1/0/0', null),
    ('the second part leaves a gap',
     '{1}', '{"{NULL,NULL,3}"}', '{1,NULL,3} - @1 {3}@101', '0/1/0/0', null),
    ('a part and what is there already',
     '{1,2}', '{"{1,2,3}"}', '{1,2,3} - @1 {3}@101', '0/1/2/0', null),
    ('a value that differs: the first stays, the other is a revision',
     '{1,2}', '{"{1,5}"}', '{1,2} - @1', '0/0/1/1', '2:5N/2N@101'),
    ('a value that differs beside one that is new',
     '{1}', '{"{9,2}"}', '{1,2} - @1 {2}@101', '0/1/0/1', '1:9N/1N@101'),
    ('the same value with another mark is a revision',
     '{1}', '{"{1} D"}', '{1} - @1', '0/0/0/1', '1:1D/1N@101'),
    ('a mark taken back is a revision too',
     '{1} M', '{"{1}"}', '{1} M @1', '0/0/0/1', '1:1N/1M@101'),
    ('a shorter row, the same as far as it goes',
     '{1,2,3}', '{"{1}"}', '{1,2,3} - @1', '0/0/1/0', null),
    ('a row of nothing changes nothing',
     '{1,2}', '{"{NULL,NULL,NULL}"}', '{1,2} - @1', '0/0/0/0', null),
    ('an empty slot takes the value and its mark',
     '{1,NULL}', '{"{NULL,2} NM"}', '{1,2} NM @1 {2}@101', '0/1/0/0', null),
    ('marks shorter than the values are filled with N',
     '{1} D', '{"{NULL,2,3}"}', '{1,2,3} DNN @1 {2,3}@101', '0/1/0/0', null),
    ('no reading (mark D), then a real one',
     '{NULL,2} D', '{"{7}"}', '{7,2} - @1 {1}@101', '0/1/0/0', null),
    ('no reading, then a real one with a mark',
     '{NULL,2} D', '{"{7} C"}', '{7,2} CN @1 {1}@101', '0/1/0/0', null),
    ('no reading, for another reason: the first mark stays',
     '{NULL} D', '{"{NULL} M"}', '{NULL} D @1', '0/0/1/0', null),
    ('an empty slot learns why it is empty',
     '{1,NULL}', '{"{NULL,NULL} NB"}', '{1,NULL} NB @1 {2}@101', '0/1/0/0', null),
    ('a stored value is said not to be one: a revision',
     '{4}', '{"{NULL} F"}', '{4} - @1', '0/0/0/1', '1:F/4N@101'),
    ('the same message twice at once',
     null, '{"{1,2}","{1,2}"}', '{1,2} - @101', '1/0/2/0', null),
    ('two parts at once',
     null, '{"{1,2}","{NULL,NULL,3}"}', '{1,2,3} - @101 {3}@102', '1/1/0/0', null),
    ('three parts at once, the second shorter',
     null, '{"{NULL,2}","{1}","{NULL,NULL,3} NNT"}', '{1,2,3} NNT @101 {1}@102 {3}@103', '1/2/0/0', null),
    ('parts at once, and a stored one',
     '{1}', '{"{NULL,2}","{NULL,NULL,3}"}', '{1,2,3} - @1 {2}@101 {3}@102', '0/2/0/0', null),
    ('a part that adds, and behind it one that does not',
     '{1}', '{"{NULL,2}","{1}"}', '{1,2} - @1 {2}@101', '0/1/1/0', null),
    ('two at once that differ: the first of them stays',
     null, '{"{1}","{2}"}', '{1} - @101', '1/0/0/1', '1:2N/1N@102'),
    ('several at once that differ',
     null, '{"{1}","{2}","{3}","{1}"}', '{1} - @101', '1/0/1/2', '1:2N/1N@102 1:3N/1N@103'),
    ('the same other value twice is one revision',
     '{1}', '{"{2}","{2}"}', '{1} - @1', '0/0/0/2', '1:2N/1N@101'),
    ('at once: no reading, then two real ones',
     null, '{"{NULL} D","{5}","{6}"}', '{5} - @101 {1}@102', '1/1/0/1', '1:6N/5N@103'),
    ('at once: a real one, then none',
     null, '{"{5}","{NULL} D"}', '{5} - @101', '1/0/0/1', '1:D/5N@102'),
    ('marks that are all N are not kept',
     '{1}', '{"{NULL,2} NN"}', '{1,2} - @1 {2}@101', '0/1/0/0', null),
    ('zero and minus zero are the same',
     '{0}', '{"{-0}"}', '{0} - @1', '0/0/1/0', null),
    ('a value of full precision comes through',
     '{0.1}', '{"{NULL,2.2250738585072014e-308}"}', '{0.1,2.2250738585072014e-308} - @1 {2}@101', '0/1/0/0', null),
    ('a reissue takes the place of what differs',
     '{1,2}', '{"R{1,5}"}', '{1,5} - @1', '0/0/1/1', '2:2N/5N@1 2:5N/2N@101!101'),
    ('a reissue of what nobody has said yet',
     null, '{"R{1}"}', '{1} - @101', '1/0/0/0', null),
    ('a reissue that says the same',
     '{1}', '{"R{1}"}', '{1} - @1', '0/0/1/0', null),
    ('a reissue fills what is empty, and takes the place of the rest',
     '{1}', '{"R{9,2}"}', '{9,2} - @1 {2}@101', '0/1/0/1', '1:1N/9N@1 1:9N/1N@101!101'),
    ('a reissue that says nothing of a slot leaves it',
     '{1,2}', '{"R{NULL,3}"}', '{1,3} - @1', '0/0/0/1', '2:2N/3N@1 2:3N/2N@101!101'),
    ('a reissue takes a value back',
     '{4}', '{"R{NULL} F"}', '{NULL} F @1', '0/0/0/1', '1:4N/F@1 1:F/4N@101!101'),
    ('a reissue takes a mark back',
     '{1} D', '{"R{1}"}', '{1} - @1', '0/0/0/1', '1:1D/1N@1 1:1N/1D@101!101'),
    ('a reissue, then what it corrected, once more: it stays corrected',
     '{1}', '{"R{2}","{1}"}', '{2} - @1', '0/0/0/2', '1:1N/2N@1 1:2N/1N@101!101'),
    ('the same reissue twice',
     '{1}', '{"R{2}","R{2}"}', '{2} - @1', '0/0/1/1', '1:1N/2N@1 1:2N/1N@101!101'),
    ('one reissue after another: the last counts',
     '{1}', '{"R{2}","R{3}"}', '{3} - @1', '0/0/0/2', '1:1N/2N@1 1:2N/1N@101!101 1:3N/2N@102!102'),
    ('a reissue that takes a reissue back',
     '{1}', '{"R{2}","R{1}"}', '{1} - @1', '0/0/0/2', '1:1N/2N@1!102 1:2N/1N@101!101'),
    ('what waits for a person takes effect when it is reissued',
     '{1}', '{"{2}","R{2}"}', '{2} - @1', '0/0/0/2', '1:1N/2N@1 1:2N/1N@101!102'),
    ('at once: a value and its reissue',
     null, '{"{1}","R{2}"}', '{2} - @101', '1/0/0/1', '1:1N/2N@101 1:2N/1N@102!102')
  ) s (name, before, came, kept, counts, revised);

-- Order is by position, whatever the order of the rows.
insert into pg_temp.incoming_sample values (900, 1, '2020-11-02 00:00+00', 12, '{2}', null), (900, 1, '2020-11-02 00:00+00', 11, '{1}', null);
select is(pg_temp.merge() || ' ' || pg_temp.kept(900), '1/0/0/1 {1} - @11', 'the lower position was first');
truncate pg_temp.incoming_sample;

-- Two measurements of one message, for the same instant.
insert into pg_temp.incoming_sample values (901, 1, '2020-11-02 00:00+00', 5, '{1}', null), (901, 1, '2020-11-02 00:00+00', 5, '{NULL,2}', null);
select is(pg_temp.merge() || ' ' || pg_temp.kept(901), '1/1/0/0 {1,2} - @5', 'two parts of one position');
truncate pg_temp.incoming_sample;

-- Read again from the journal: nothing new.
select pg_temp.come(902, 1, '{"{1}","{2}","{NULL,3}"}') \g /dev/null
select is(pg_temp.merge(), '1/1/0/1', 'three messages');
select is(pg_temp.merge() || ' ' || pg_temp.kept(902) || ' ' || pg_temp.revised(902), '0/0/2/1 {1,3} - @101 {2}@103 1:2N/1N@102', 'taken again, they change nothing');
truncate pg_temp.incoming_sample;

-- The same with reissues: they are outdone, and take effect no more.
select pg_temp.come(905, 1, '{"{1}","R{2}","R{3}","{1}"}') \g /dev/null
select is(pg_temp.merge() || ' ' || pg_temp.kept(905), '1/0/0/3 {3} - @101', 'three messages, two of them reissues');
select is((select count(*) from abate.change where table_name = 'sample' and row_key like '905,%'), 2::bigint, 'each is on record as a change');
select results_eq($$select old, new - 'journal_id', changed_by from abate.change where row_key like '905,%' order by change_id limit 1$$,
                  $$values ('{"value": 1, "mark": "N", "journal_id": 1, "position": 101}'::jsonb,
                            '{"value": 2, "mark": "N", "position": 102, "reissue": true}'::jsonb, 'unknown plant, by reissue')$$, 'from what, to what, by which message');
select pg_temp.merge() \g /dev/null
select is(pg_temp.kept(905) || ' ' || (select count(*) from abate.change where row_key like '905,%'), '{3} - @101 2', 'taken again, they change nothing');
truncate pg_temp.incoming_sample;

-- Others are left alone.
insert into pg_temp.incoming_sample values (903, 1, '2020-11-02 00:00+00', 1, '{1}', null), (903, 1, '2020-11-02 00:01+00', 2, '{1}', null), (904, 1, '2020-11-02 00:00+00', 3, '{1}', null);
select is(pg_temp.merge(), '3/0/0/0', 'other feeds and other instants are other rows');
truncate pg_temp.incoming_sample;
select is(pg_temp.merge(), '0/0/0/0', 'nothing came');

-- What no row may hold, neither directly nor by a merge.
select throws_ok(format('select pg_temp.as_writer(%L)', statement), '23514', null, name)
  from (values ('NaN is refused', $$insert into abate.sample values (1, 1, '2020-11-02', 1, '{1,NaN}', null)$$),
               ('an array from 0 is refused', $$insert into abate.sample values (1, 1, '2020-11-02', 1, '[0:1]={1,2}', null)$$),
               ('more marks than values are refused', $$insert into abate.sample values (1, 1, '2020-11-02', 1, '{1}', 'NN')$$),
               ('infinity is refused in a new row',
                $$insert into pg_temp.incoming_sample values (1, 1, '2020-11-02', 1, '{-Infinity}', null); select abate.merge_samples()$$),
               ('infinity is refused in a part',
                $$insert into pg_temp.incoming_sample values (903, 1, '2020-11-02 00:00+00', 1, '{NULL,Infinity}', null); select abate.merge_samples()$$)
       ) s (name, statement);

-- A batch at once comes to the same as message by message. Few values, so that all collide.
create temporary table message as
select n, (random() * 5)::int as feed, case when random() < 0.5 then null else (random() * 9)::int::text end as mark_seed,
       array(select case when random() < 0.4 then null else (random() * 2)::int end
               from generate_series(1, 1 + (n * 7) % 4))::float8[] as value
  from (select setseed(0.25)) s, generate_series(1, 300) n;
alter table message add mark text, add is_reissue boolean not null default false;
update message set is_reissue = n % 3 = 0;
update message set mark = (select string_agg(substr('NNNND', 1 + (ascii(mark_seed) + i * n) % 5, 1), '' order by i)
                             from generate_series(1, cardinality(value)) i) where mark_seed is not null;

insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark, is_reissue)
select 1000 + feed, 1, '2020-11-03 00:00+00', n, value, mark, is_reissue from message;
select pg_temp.merge() as at_once \gset
truncate pg_temp.incoming_sample;
create function pg_temp.one_by_one() returns text language plpgsql as $$
declare
    m message;
    c int[];
    total int[] := '{0,0,0,0}';
begin
    for m in select * from message order by n loop
        insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark, is_reissue)
        values (2000 + m.feed, 1, '2020-11-03 00:00+00', m.n, m.value, m.mark, m.is_reissue);
        c := string_to_array(pg_temp.merge(), '/')::int[];
        total := array[total[1] + c[1], total[2] + c[2], total[3] + c[3], total[4] + c[4]];
        truncate pg_temp.incoming_sample;
    end loop;
    return array_to_string(total, '/');
end $$;
select is(pg_temp.one_by_one(), :'at_once', 'three hundred messages: the same counts at once and one by one');
select results_eq('select feed_id - 1000, position, value, mark from abate.sample where feed_id between 1000 and 1999 order by 1',
                  'select feed_id - 2000, position, value, mark from abate.sample where feed_id between 2000 and 2999 order by 1', 'the same rows');
select results_eq('select feed_id - 1000, slot, value, mark, kept_value, kept_mark, position, reissue_position from abate.revision where feed_id between 1000 and 1999 order by 1, 2, 7, 3, 4',
                  'select feed_id - 2000, slot, value, mark, kept_value, kept_mark, position, reissue_position from abate.revision where feed_id between 2000 and 2999 order by 1, 2, 7, 3, 4',
                  'the same revisions');
create function pg_temp.changed(base int) returns setof text language sql
begin atomic
    select format('%s %s %s %s', substr(c.row_key, 2), c.old, c.new, count(*))
      from abate.change c where c.row_key like substr(base::text, 1, 1) || '00_, 2020-11-03%' group by c.row_key, c.old, c.new order by 1;
end;
select isnt_empty('select pg_temp.changed(1000)', 'some took effect');
select results_eq('select pg_temp.changed(1000)', 'select pg_temp.changed(2000)', 'the same changes on record');
insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, mark, is_reissue)
select 2000 + feed, 1, '2020-11-03 00:00+00', n, value, mark, is_reissue from message;
select pg_temp.merge() \g /dev/null
select results_eq('select feed_id - 1000, position, value, mark from abate.sample where feed_id between 1000 and 1999 order by 1',
                  'select feed_id - 2000, position, value, mark from abate.sample where feed_id between 2000 and 2999 order by 1', 'all of it read once more: the same rows');
select results_eq('select pg_temp.changed(1000)', 'select pg_temp.changed(2000)', 'and nothing more on record');

truncate pg_temp.incoming_sample;
insert into pg_temp.incoming_sample values (950, 1, '2020-11-02 00:00+00', 5, '{1,2}', null), (950, 1, '2020-11-02 00:00+00', 6, '{1,NULL,3}', null),
    (951, 1, '2020-11-02 00:00+00', 6, '{1}', null);
select results_eq('select positions, duplicates from abate.merge_samples()', $$values ('{6}'::bigint[], '{1}'::int[])$$, 'which message said what was there');
truncate pg_temp.incoming_sample;
insert into pg_temp.incoming_sample values (950, 1, '2020-11-02 00:00+00', 7, '{1,2,3}', null);
select results_eq('select positions, duplicates from abate.merge_samples()', $$values ('{7}'::bigint[], '{3}'::int[])$$, 'and when it is all the same');
truncate pg_temp.incoming_sample;
select * from finish();
rollback;
