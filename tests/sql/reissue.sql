-- A plant sends again what it said wrongly, and says that it does (merge.sql has the slots): what was found by it as it came
-- is weighed again, in the same transaction.
begin;
select plan(20);
\ir plant.psql

insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values
    ('a21026', 'minute', 'power', 35, 'mg/m3', 'early', 'a page');
create function pg_temp.at(minute int) returns timestamptz language sql
return timestamptz '2020-11-02 08:00+08' + minute * interval '1 minute';
insert into abate.journal_position (journal_id, uuid, instance) overriding system value values (7, gen_random_uuid(), 'story');
insert into abate.sample (feed_id, journal_id, at, position, value)
select pg_temp.feed('S1', 'minute'), 7, pg_temp.at(n::int), n, array[v]
  from unnest(array[30, 40, 50, 36, 20, 45, 60]::float8[]) with ordinality u (v, n);

-- The watch tells of what came: minutes 2 to 4, and since 6, still open.
create function pg_temp.tell(opened int, closed int, worst float8, worst_at int, last_at int, n int) returns void language plpgsql as $$
begin
    perform pg_temp.as_writer(format('insert into pg_temp.incoming_episode select limit_id, %s, %L, %L, %s, %L, %L, %s, 7, %s, %s, %s from abate.emission_limit',
        pg_temp.series('S1', 'minute', 'a21026'), pg_temp.at(opened), pg_temp.at(closed), worst, pg_temp.at(worst_at), pg_temp.at(last_at), n, opened, worst_at, last_at));
    perform pg_temp.as_writer('select abate.take_episodes()');
    truncate pg_temp.incoming_episode;
end $$;
create function pg_temp.reissue(minute int, said float8, at_position int, journal int default 7) returns void language plpgsql as $$
begin
    perform pg_temp.as_writer(format('insert into pg_temp.incoming_sample values (%s, %s, %L, %s, array[%s], null, true)',
        pg_temp.feed('S1', 'minute'), journal, pg_temp.at(minute), at_position, said));
    perform pg_temp.as_writer('select abate.merge_samples()');
    truncate pg_temp.incoming_sample;
end $$;
create view pg_temp.standing as
select (extract(epoch from opened - pg_temp.at(0)) / 60)::int as opened, closed is null as is_open, worst,
       (extract(epoch from worst_at - pg_temp.at(0)) / 60)::int as worst_at, count, withdrawn_why
  from abate.breach;

select pg_temp.tell(2, 5, 50, 3, 4, 3) \g /dev/null
select pg_temp.tell(6, null, 60, 7, 7, 2) \g /dev/null
select pg_temp.reissue(3, 37, 101) \g /dev/null
select results_eq('select worst, worst_at, count from pg_temp.standing where opened = 2', 'values (40::float8, 2, 3)', 'the worst was less: another one is');
select is((select value[1] from abate.sample where at = pg_temp.at(3)), 37::float8, 'what the plant says now counts');
select results_eq($$select value, kept_value, position, reissue_position from abate.revision order by position$$,
    'values (50::float8, 37::float8, 3::bigint, null::bigint), (37, 50, 101, 101)', 'what it said first stands in revision, each with its message');
select results_eq($$select position, value, stored from abate.breach_message((select breach_id from abate.breach where count = 3)) where at = pg_temp.at(3) order by 1$$,
    'values (3::bigint, 50::float8, 37::float8), (101, 37, 37)', 'the breach still leads to both messages');
select results_eq($$select changed_by, old ->> 'value', new ->> 'value', new ->> 'position', new -> 'reissue' from abate.change where table_name = 'sample'$$,
    $$values ('plant P1, by reissue', '50', '37', '101', 'true'::jsonb)$$, 'who changed it, and by which message');
select pg_temp.reissue(2, 34, 102), pg_temp.reissue(4, 35, 103), pg_temp.reissue(3, 33, 104) \g /dev/null
select results_eq('select is_open, withdrawn_why from pg_temp.standing where opened = 2',
    $$values (false, 'a corrected reading says otherwise')$$, 'none is left: it is withdrawn');
select pg_temp.tell(2, 5, 50, 3, 4, 3) \g /dev/null
select is((select count(*) from abate.breach), 2::bigint, 'told again, it does not come back');

-- The watch knows the readings as they came.
select pg_temp.reissue(7, 40, 105) \g /dev/null
select results_eq('select worst, worst_at, count from pg_temp.standing where opened = 6', 'values (45::float8, 6, 2)', 'one that goes on is weighed, too');
insert into abate.sample (feed_id, journal_id, at, position, value) values (pg_temp.feed('S1', 'minute'), 7, pg_temp.at(8), 106, '{41}');
select pg_temp.tell(6, null, 60, 7, 8, 3) \g /dev/null
select results_eq('select worst, worst_at, count from pg_temp.standing where opened = 6', 'values (45::float8, 6, 3)', 'the watch tells of it as it came: it stands as it is');
select is_empty($$select kind from abate.alert where kind = 'worse'$$, 'and nobody is alerted of what was corrected');
select pg_temp.tell(6, 9, 60, 7, 8, 3) \g /dev/null
select results_eq('select is_open, worst, worst_at, count from pg_temp.standing where opened = 6', 'values (false, 45::float8, 6, 3)', 'and so does its end');

-- In one batch: a reading past the limit, its reissue, and what the watch says.
insert into abate.sample (feed_id, journal_id, at, position, value) values (pg_temp.feed('S1', 'minute'), 7, pg_temp.at(20), 120, '{99}');
select pg_temp.reissue(20, 9, 121) \g /dev/null
select pg_temp.tell(20, null, 99, 20, 20, 1) \g /dev/null
select results_eq('select is_open, withdrawn_why from pg_temp.standing where opened = 20',
    $$values (false, 'a corrected reading says otherwise')$$, 'a breach that was corrected before it was told of is withdrawn');

-- A person decides otherwise; the journal read once more does not change that, a further reissue does.
select abate.accept_revision(revision_id) from abate.revision where at = pg_temp.at(7) and value = 60 \g /dev/null
select pg_temp.reissue(7, 40, 105) \g /dev/null
select is((select value[1] from abate.sample where at = pg_temp.at(7)), 60::float8, 'a person decides for the first: so it stays');
select pg_temp.reissue(7, 40, 130) \g /dev/null
select is((select value[1] from abate.sample where at = pg_temp.at(7)), 40::float8, 'until the plant reissues it again');

-- What came before a person decided, and was rejected then, is read only now: it waits for a person, too.
insert into abate.sample (feed_id, journal_id, at, position, value) values (pg_temp.feed('S1', 'minute'), 7, pg_temp.at(30), 300, '{10}');
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
values (pg_temp.feed('S1', 'minute'), pg_temp.at(30), 1, 11, 'N', 10, 'N', 7, 310);
update abate.journal_position set position = 400 where journal_id = 7;
insert into abate.journal_position (journal_id, uuid, instance, retired) overriding system value values (6, gen_random_uuid(), 'story', now());
select abate.accept_revision(revision_id) from abate.revision where at = pg_temp.at(30) and value = 11 \g /dev/null
select pg_temp.reissue(30, 12, 305), pg_temp.reissue(30, 13, 399), pg_temp.reissue(30, 14, 500, 6) \g /dev/null
select is((select value[1] from abate.sample where at = pg_temp.at(30)), 11::float8, 'a reissue of before does not undo it');
select results_eq('select value, kept_value, reissue_position from abate.revision where at = pg_temp.at(30) and value > 11 order by 1',
    'values (12::float8, 11::float8, null::bigint), (13, 11, null), (14, 11, null)', 'but stands beside it');
select pg_temp.reissue(30, 15, 400) \g /dev/null
select is((select value[1] from abate.sample where at = pg_temp.at(30)), 15::float8, 'one that comes after does');

-- A whole day of seven parameters.
insert into abate.sample (feed_id, journal_id, at, position, value)
select 900, 7, timestamptz '2020-11-10 00:00+00' + n * interval '1 minute', 1000 + n, array_fill(n::float8, '{7}') from generate_series(0, 1439) n;
insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value, is_reissue)
select feed_id, 7, at, position + 10000, array_fill(value[1] + 0.5, '{7}'), true from abate.sample where feed_id = 900;
select results_eq($$select stored, merged, duplicate, revised from abate.merge_samples()$$, 'values (0, 0, 0, 10080)', 'a day of minutes is reissued at once');
select is((select count(*) from abate.sample where feed_id = 900 and value = array_fill((position - 1000 + 0.5)::float8, '{7}')), 1440::bigint, 'all of them took effect');
select is((select count(*) from abate.revision where feed_id = 900), 20160::bigint, 'what was there stands beside what came');

select * from finish();
rollback;
