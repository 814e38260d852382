-- How much of rejected messages is kept, and that all of them are counted.
begin;
select no_plan();
\ir plant.psql
create function pg_temp.take() returns bigint language plpgsql set role = 'abate_writer' as $$
declare taken bigint; begin taken := abate.take_rejects(); return taken; end $$;
-- Messages n1 to n2 of `source`, each its own position and bytes; recorded when they came.
create function pg_temp.come(n1 int, n2 int, source text, at timestamptz default '2020-11-02 00:00+00', reason text default 'line %s: near "%s"', size int default 8, topic text default 't') returns bigint
language plpgsql as $$
declare
    taken bigint;
begin
    truncate pg_temp.incoming_reject;
    insert into pg_temp.incoming_reject
    select 1, n, at + n * interval '1 millisecond', 'north', topic, convert_to(lpad(n::text, size, '0'), 'UTF8'), format(reason, n, n), 1, 0, source from generate_series(n1, n2) n;
    taken := pg_temp.take();
    update abate.rejected_message set recorded = arrived where recorded = now();
    return taken;
end $$;
create function pg_temp.set(code text, v float8) returns void language sql
begin atomic update abate.threshold set value = v where threshold_code = code; end;
create function pg_temp.all_ever() returns numeric language sql
return (select coalesce(sum(times), 0) from abate.rejected_message) + (select coalesce(sum(messages), 0) from abate.reject_count);
prepare counts as select sender, kind, begun, kept, messages, first_position, last_position from abate.reject_count order by day, sender collate "C", kind collate "C";
select pg_temp.set('reject_rows_a_day', 10), pg_temp.set('reject_kinds_a_day', 3) \g /dev/null

select is(pg_temp.come(1, 25, 'P1'), 25::bigint, '25 different messages of a plant');
select results_eq('select position from abate.rejected_message order by position', 'select generate_series(1, 10)::bigint', 'the first ten are kept');
select results_eq('counts', $$values ('P1', 'line ..: near ..', 10, 10, 15::bigint, 11::bigint, 25::bigint)$$, 'the others counted, with where they are in the journal');
select is(pg_temp.all_ever(), 25::numeric, 'all are there');
select pg_temp.come(26, 30, 'P1') \g /dev/null
select is((select count(*)::int from abate.rejected_message), 10, 'nor does the next batch of the day get a row');
select pg_temp.come(31, 35, 'P2'), pg_temp.come(36, 40, 'S2', topic => 'by its monitor') \g /dev/null
select results_eq('select sender, count(*) from abate.rejected_message group by 1 order by 1', $$values ('P1', 10::bigint), ('P2', 5)$$, 'another plant has its own; a monitor counts for its plant');
select is((select messages from abate.reject_count where sender = 'P1'), 25::bigint, 'which has no room any more');

-- A plant, monitors, topics, reasons that nobody has heard of.
select pg_temp.come(n, n, 'nobody' || n, topic => 'topic' || n) from generate_series(41, 80) n \g /dev/null
select results_eq($$select begun, kept, messages from abate.reject_count where sender = ''$$, 'values (10, 10, 30::bigint)', 'strangers are counted together, whatever they call themselves');
select pg_temp.come(81, 180, 'P2', reason => repeat('x%1$s ', 1) || 'is no word') \g /dev/null
select pg_temp.come(n, n, 'P2', reason => translate(n::text, '0123456789', 'abcdefghij')) from generate_series(181, 220) n \g /dev/null
select results_eq($$select kind, begun, messages from abate.reject_count where sender = 'P2' order by kind collate "C"$$,
    $$values ('', 0, 39::bigint), ('bib', 0, 1), ('line ..: near ..', 5, 0), ('x.. is no word', 5, 95)$$, 'so many kinds, and one for the rest');
select pg_temp.come(221, 221, 'P2', reason => 'bib') \g /dev/null
select is((select messages from abate.reject_count where kind = 'bib'), 2::bigint, 'a kind that is known goes on');
select is(pg_temp.all_ever(), 221::numeric, 'all are there');

-- The same again.
select pg_temp.come(1, 10, 'P1') \g /dev/null
select is((select sum(times) from abate.rejected_message where sender = 'P1'), 10::numeric, 'read again they count no more');
insert into abate.journal_position (instance, uuid) values ('north', gen_random_uuid());
update abate.journal_position set journal_id = default;
select is((select journal_id::int from abate.journal_position), 2, 'a journal');
truncate pg_temp.incoming_reject;
insert into pg_temp.incoming_reject select 2, n, '2020-11-02', 'north', 't', convert_to('again ' || n, 'UTF8'), 'r', 1, 0, 'P1' from generate_series(0, 29) n;
select pg_temp.take() \g /dev/null
update abate.journal_position set position = 30;
select pg_temp.take() \g /dev/null
select results_eq('select begun, messages from abate.reject_count where journal_id = 2', 'values (10, 20::bigint)', 'what lies before its position was taken, counted or kept, and counts no more');
select is(pg_temp.all_ever(), 251::numeric, 'all are there, once');
select pg_temp.come(300, 304, 'P1', '2020-11-05 00:00+00') \g /dev/null
truncate pg_temp.incoming_reject;
insert into pg_temp.incoming_reject select 1, 400 + n, '2020-11-05', 'north', 't', '00000300', 'line 300: near "300"', 1, 0, 'P1' from generate_series(1, 50) n;
select pg_temp.take() \g /dev/null
select results_eq('select times, last_position from abate.rejected_message where position = 300', 'values (51::bigint, 450::bigint)', 'a flood of one message is one row, whatever the bounds');
select is((select begun from abate.reject_count where day = '2020-11-05'), 5, 'and takes one place of the day');

-- Bytes.
select pg_temp.set('reject_bytes_a_day', 2500) \g /dev/null
select pg_temp.come(500, 509, 'P1', '2020-11-06 00:00+00', size => 1000) \g /dev/null
select results_eq($$select begun, begun_bytes, messages, bytes from abate.reject_count where day = '2020-11-06'$$, 'values (2, 2042::bigint, 8::bigint, 8168::bigint)', 'bytes are bounded, too');

-- Trimming.
select is(abate.trim_rejects('2020-11-10'), 0::bigint, 'nothing is too old, nor too much');
select throws_ok($$select pg_temp.as_writer('select abate.trim_rejects(now() + interval ''2 days'')')$$, '22023', null, 'it cannot be told a time to come');
create temporary table before as select pg_temp.all_ever() as n, (select count(*) from abate.rejected_message) as r;
create temporary table days_before as select day, sender, kind, messages, first_position, last_position from abate.reject_day;
select pg_temp.set('reject_rows', (select r - 12 from before)) \g /dev/null
create temporary table oldest as select reject_id from abate.rejected_message order by recorded, reject_id limit 12;
select is(pg_temp.as_writer('select abate.trim_rejects(''2020-11-10'')')::text, '', 'the writer may trim');
select is((select count(*) from abate.rejected_message), (select r - 12 from before), 'down to the bound');
select is_empty('select from abate.rejected_message join oldest using (reject_id)', 'the oldest');
select is(pg_temp.all_ever(), (select n from before), 'all are counted still');
select set_eq('select day, sender, kind, messages, first_position, last_position from abate.reject_day', 'select * from days_before', 'by day, sender and kind, with their places in the journal');
select is((select sum(kept) from abate.reject_count), (select count(*) from abate.rejected_message), 'what is kept is known');
select is((select sum(kept_bytes) from abate.reject_count), (select sum(abate.reject_size(topic, payload, reason)) from abate.rejected_message), 'and its bytes');
select pg_temp.set('reject_bytes', 1500) \g /dev/null
select isnt(abate.trim_rejects('2020-11-10'), 0::bigint, 'too many bytes');
select cmp_ok((select sum(abate.reject_size(topic, payload, reason)) from abate.rejected_message), '<=', 1500::numeric, 'not after');
select isnt((select count(*) from abate.rejected_message), 0::bigint, 'but some');
select is(abate.trim_rejects('2020-11-06 00:00+00'::timestamptz + interval '90 days', 1), 0::bigint, 'ninety days are kept');
select pg_temp.come(600, 600, 'P1', '2021-03-01') \g /dev/null
select is(abate.trim_rejects('2021-03-01', 1), 1::bigint, 'not more, at most so many at once');
select abate.trim_rejects('2021-03-01') \g /dev/null
select results_eq('select position from abate.rejected_message', 'values (600::bigint)', 'what is new stays');
select is(pg_temp.all_ever(), (select n + 1 from before), 'all are counted');

-- A daemon whose clock was slow: what it says of the arrival is not how long the row was kept.
truncate pg_temp.incoming_reject;
insert into pg_temp.incoming_reject select 1, 700, now() - interval '1 year', 'north', 't', 'slow', 'r', 1, 0, 'P1';
select pg_temp.take() \g /dev/null
select is(abate.trim_rejects(now() - interval '1 hour'), 1::bigint, 'what was recorded in 2021 goes');
select results_eq('select position, recorded from abate.rejected_message', 'values (700::bigint, now())', 'what came a year ago by a slow clock, and was recorded now, stays');
update pg_temp.incoming_reject set position = 701, arrived = now() - interval '1 day', payload = 'right';
select pg_temp.take(), pg_temp.set('reject_rows', 1) \g /dev/null
update abate.rejected_message set recorded = now() - interval '2 hours' where position = 701;
select is(abate.trim_rejects(now()), 1::bigint, 'of too many');
select results_eq('select position from abate.rejected_message', 'values (700::bigint)', 'the one recorded first goes, though it arrived later');
select is((select sum(messages) from abate.reject_day), pg_temp.all_ever(), 'people see them all in reject_day');

select throws_ok(format('select pg_temp.as_writer(%L)', s), '42501', null, 'writer refused: ' || s)
  from unnest(array['delete from abate.reject_count', 'update abate.reject_count set messages = 0', 'insert into abate.reject_count (day, journal_id, broker, sender, kind) values (now(), 1, '''', '''', '''')', 'truncate abate.reject_count']) s;
select throws_ok($$select pg_temp.as_reader('select abate.trim_rejects(now())')$$, '42501', null, 'nor may a reader trim');
select * from finish();
rollback;
