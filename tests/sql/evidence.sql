-- The chain of segments, and the way from a breach back to its messages.
begin;
select plan(41);
\ir plant.psql
\ir hours.psql
\set uuid_1 11111111-1111-4111-8111-111111111111

insert into abate.journal_position (instance, uuid, position) values ('north', :'uuid_1', 20000);
select journal_id as j from abate.journal_position \gset
create function pg_temp.record(first bigint, last bigint, digest text, extra text default '') returns bigint language plpgsql as $$
begin
    perform pg_temp.as_writer(format('select abate.record_segment((select journal_id from abate.journal_position where instance = ''north''), %s, %s, %s, decode(repeat(%L, 32), ''hex''), ''2020-11-02 08:00+00''%s)',
        first, last, last - first + 64, digest, extra));
    return (select max(end_position) from abate.journal_segment);
end $$;

-- the chain
select is(pg_temp.record(0, 4096, '11'), 4096::bigint, 'the daemon records a segment');
select is(pg_temp.record(4096, 9000, '22'), 9000::bigint, 'and the next');
select results_eq('select encode(chain, ''hex'') from abate.journal_segment order by first_position',
    $$values ('b5fee80503ac6834b31ed6a31f0bebbd887bda24340ff918949f9e2eadd8464c'), ('38a69ad50451d47f3be5629f374acdab418a623cd21b298fb5a10eccd40834fe')$$,
    'chained as reckoned elsewhere: SHA-256(previous, uuid, first, end, digest)');
select is(pg_temp.record(0, 4096, '11'), 9000::bigint, 'said again, it changes nothing');
select is(count(*), 2::bigint, 'two rows') from abate.journal_segment;
select throws_ok(format('select pg_temp.record(%s)', what), 'AB005', null, 'refused: ' || why)
  from (values ('0, 4096, ''33''', 'another digest'), ('4096, 9001, ''22''', 'another end'), ('9001, 9500, ''33''', 'a gap'), ('8000, 9500, ''33''', 'an overlap'),
               ('8000, 9500, ''33'', '', true''', 'an overlap, called a gap')) v (what, why);
select throws_ok($$select pg_temp.as_writer('select abate.record_segment(32767::smallint, 0, 1, 65, sha256(''''), now())')$$, 'AB005', null, 'refused: an unknown journal');
select is(pg_temp.record(10000, 12000, '44', ', true'), 12000::bigint, 'over a gap only if that is said');
select results_eq('select line, segments, end_position from abate.evidence_head',
    format($$values ('abate evidence: instance north journal %s segments 3 up to position 12000 closed 2020-11-02T08:00:00.000000Z chain ' || (select encode(chain, 'hex') from abate.journal_segment where first_position = 10000), 3::bigint, 12000::bigint)$$, :'uuid_1'),
    'one line for outside');
update abate.journal_position set retired = now();
select throws_ok('select pg_temp.record(12000, 13000, ''55'')', 'AB005', null, 'refused: a retired journal');
update abate.journal_position set retired = null;
select is(pg_temp.record(12000, 13000, '55'), 13000::bigint, 'back in use it goes on');

-- append-only, for a superuser, too
select throws_ok(statement, '42501', 'abate.journal_segment is evidence: nothing in it is changed or deleted', 'refused: ' || statement)
  from unnest(array['update abate.journal_segment set bytes = 1', 'delete from abate.journal_segment', 'truncate abate.journal_segment',
                    'update abate.journal_segment set recorded = now() where first_position = 0']) statement;
select throws_ok(format('select pg_temp.as_writer(%L)', statement), '42501', null, 'writer refused: ' || statement)
  from unnest(array['insert into abate.journal_segment select * from abate.journal_segment', 'alter table abate.journal_segment disable trigger user']) statement;
select throws_ok($$select pg_temp.as_reader('select abate.record_segment(1::smallint, 0, 1, 65, sha256(''''), now())')$$, '42501', null, 'reader refused: recording');
select lives_ok(format('select pg_temp.as_reader(%L)', statement), 'reader: ' || statement)
  from unnest(array['select * from abate.evidence_head', 'select * from abate.breach_message(1)', 'select * from abate.journal_segment']) statement;

-- the way back: single values
create function pg_temp.put(monitor text, period text, at timestamptz, place bigint, value float8[], mark text default null) returns void language sql
begin atomic
    insert into abate.sample select pg_temp.feed(monitor, period), j.journal_id, at, place, value, mark from abate.journal_position j;
    insert into abate.touched_hour (feed_id, hour) values (pg_temp.feed(monitor, period), abate.hour_of(at, '8 hours'));
end;
-- "position value" of each reading, and what counts now where it is another
create function pg_temp.behind(breach bigint) returns text language sql
return (select string_agg(concat_ws(' ', m.position, case when not m.name like 'a21026' then m.name end, coalesce(m.value::text, m.mark), case when m.stored is distinct from m.value then 'now ' || m.stored end), ', '
                          order by m.position, m.slot)
          from abate.breach_message(breach) m where m.journal = '11111111-1111-4111-8111-111111111111');
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, confirmed_by, reference_oxygen)
select 'a21026', v.period, monitor_id, 35, 'mg/m3', v.standard, 'a page', 'somebody', v.oxygen
  from abate.monitor, (values ('minute', 'early', null::float8), ('hour', 'hour', null), ('hour', 'hour at 3', 3), ('day', 'day', null)) v (period, standard, oxygen) where monitor_code = 'S1';
create function pg_temp.lim(name text) returns int language sql return (select limit_id from abate.emission_limit where standard = name);
select pg_temp.put('S1', 'minute', '2020-11-02 01:00+00'::timestamptz + n * interval '1 minute', 100 + n, v, m)
  from (values (0, '{30}'::float8[], null), (1, '{40}', null), (2, '{null,7}', null), (3, '{50}', null), (4, '{31}', null), (5, '{32}', null), (6, '{null}', 'D')) w (n, v, m) \g /dev/null
insert into abate.breach (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, journal_id, first_position, worst_position, last_position, monitor_id)
select pg_temp.lim('early'), pg_temp.series('S1', 'minute', 'a21026'), '2020-11-02 01:01+00', '2020-11-02 01:04+00', 35, 50, '2020-11-02 01:03+00', '2020-11-02 01:03+00', 2, :j, 101, 103, 103, f.monitor_id
  from abate.feed f where f.feed_id = pg_temp.feed('S1', 'minute') returning breach_id as early \gset
select is(pg_temp.behind(:early), '101 40, 103 50, 104 31', 'an episode: from its first reading to the one that ended it');
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
values (pg_temp.feed('S1', 'minute'), '2020-11-02 01:03+00', 1, 45, 'N', 50, 'N', :j, 900) returning revision_id as said \gset
select is(pg_temp.behind(:early), '101 40, 103 50, 104 31, 900 45 now 50', 'what was said later and differs is there, too');
select abate.accept_revision(:said) \g /dev/null
select is(pg_temp.behind(:early), '101 40, 103 50 now 45, 104 31, 900 45', 'accepted, it is the one that counts');
update abate.breach set closed = null where breach_id = :early;
select is(pg_temp.behind(:early), '101 40, 103 50 now 45, 900 45', 'while it is open, up to the last one judged');
select is((select string_agg(distinct concat_ws(' ', region_code, plant_code, monitor_code, utc_offset, period, slot, name, unit), ';') from abate.breach_message(:early)),
    '410100 P1 S1 08:00:00 minute 1 a21026 mg/m3', 'with all that is wanted to decode the message again');

-- In two messages: 105 brought something else, and this value came in 950; 951 says another.
update abate.sample set value = array[36, 9] where position = 105;
insert into abate.sample_part values (pg_temp.feed('S1', 'minute'), :j, '2020-11-02 01:05+00', 950, '{1}');
update abate.breach set last_at = '2020-11-02 01:05+00' where breach_id = :early;
select is(pg_temp.behind(:early), '101 40, 103 50 now 45, 104 31, 900 45, 950 36', 'of an instant in two messages: the one that said it');
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
values (pg_temp.feed('S1', 'minute'), '2020-11-02 01:05+00', 1, 37, 'N', 36, 'N', :j, 951) returning revision_id as said \gset
select is(pg_temp.behind(:early), '101 40, 103 50 now 45, 104 31, 900 45, 950 36, 951 37 now 36', 'and the one that differs');
select abate.accept_revision(:said) \g /dev/null
select is(pg_temp.behind(:early), '101 40, 103 50 now 45, 104 31, 900 45, 950 36 now 37, 951 37', 'which takes its place');

-- means
delete from abate.sample;
delete from abate.revision;
delete from abate.touched_hour;
select pg_temp.put('S1', 'minute', '2020-11-03 00:00+00'::timestamptz + n * interval '1 minute', 200 + n, array[40, null, null, 10]) from generate_series(0, 59) n \g /dev/null
select pg_temp.put('S1', 'minute', '2020-11-03 01:00+00'::timestamptz + n * interval '1 minute', 300 + n, '{10}') from generate_series(0, 59) n \g /dev/null
select abate.prepare_judge() \g /dev/null
select abate.judge('2020-11-03 12:00+00', 10000, false) \g /dev/null
create function pg_temp.breach_of(name text, rule_ text) returns bigint language sql
return (select b.breach_id from abate.breach b join abate.emission_limit l using (limit_id) where l.standard = name and b.rule = rule_ and b.withdrawn is null);
select is((select concat_ws(' ', count(*), min(position), max(position), string_agg(distinct name, '+')) from abate.breach_message(pg_temp.breach_of('hour', 'hour'))),
    '60 200 259 a21026', 'an hour: its minutes');
select is((select concat_ws(' ', count(*), min(position), max(position), string_agg(distinct name, '+')) from abate.breach_message(pg_temp.breach_of('hour at 3', 'hour'))),
    '120 200 259 a19001+a21026', 'converted: the oxygen of the hour, too');
select pg_temp.put('S1', 'hour', '2020-11-03 00:00+00', 7, '{41}') \g /dev/null
select abate.judge('2020-11-03 12:00+00', 10000, false) \g /dev/null
select is((select concat_ws(' ', count(*), min(position), max(position)) from abate.breach_message(pg_temp.breach_of('hour', 'hour'))), '1 7 7', 'reported: the message that reports it');
select is((select concat_ws(' ', count(*), min(position), max(position)) from abate.breach_message((select breach_id from abate.breach where rule = 'difference'))), '61 7 259', 'a difference: both sides');
insert into abate.sample select pg_temp.feed('S1', 'minute'), :j, h + n * interval '1 minute', 1000 + n, '{40}', null
  from generate_series('2020-11-02 16:00+00'::timestamptz, '2020-11-03 15:00+00', '1 hour') h, generate_series(0, 59) n on conflict do nothing;
insert into abate.touched_hour (feed_id, hour) select pg_temp.feed('S1', 'minute'), h from generate_series('2020-11-02 16:00+00'::timestamptz, '2020-11-03 15:00+00', '1 hour') h;
select abate.judge('2020-11-04 12:00+00', 10000, false) \g /dev/null
select is((select concat_ws(' ', count(*) filter (where period = 'minute'), count(*) filter (where period = 'hour')) from abate.breach_message(pg_temp.breach_of('day', 'day'))),
    '1380 1', 'a day: the minutes of 23 hours, and the one that was reported');

-- what has no messages, and what is beside a silence
insert into abate.breach (rule, opened, last_at, count, monitor_id) select 'silence', '2020-11-03 20:00+00', '2020-11-03 21:00+00', 1, monitor_id from abate.monitor where monitor_code = 'S1' returning breach_id as silence \gset
select is((select string_agg(at::text, ' ') from abate.breach_message(:silence)), '2020-11-03 15:59:00+00', 'a silence: the last message before it');
select pg_temp.put('S1', 'minute', '2020-11-04 05:00+00', 5000, '{1}') \g /dev/null
select is((select string_agg(at::text, ' ') from abate.breach_message(:silence)), '2020-11-03 15:59:00+00 2020-11-04 05:00:00+00', 'and the first after it');
select is_empty('select * from abate.breach_message(-1)', 'an unknown breach has none');

select * from finish();
rollback;
