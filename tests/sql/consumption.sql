-- What meters counted, hour by hour: registers and intervals, roll-over, another meter, gaps, late readings.
begin;
select plan(34);
\ir plant.psql

-- E1, at plant P2, by a clock 8 hours ahead:  minute  slot 1 i33201 kWh (register)      rolls over at 1000
--                                                      slot 2 x_energy kWh (interval)   multiplier 10
--                                                      slot 3 x_water_register m3       where it rolls over is not known
--                                              day     slot 1 i33201 kWh (register)
insert into abate.monitor (monitor_code, plant_id, medium) select 'E1', plant_id, 'energy' from abate.plant where plant_code = 'P2';
insert into abate.feed (monitor_id, period) select monitor_id, p from abate.monitor, unnest(array['minute', 'day']) p where monitor_code = 'E1';
insert into abate.series (feed_id, parameter_code, unit, slot) values
    (pg_temp.feed('E1', 'minute'), 'i33201', 'kWh', 1), (pg_temp.feed('E1', 'minute'), 'x_energy', 'kWh', 2),
    (pg_temp.feed('E1', 'minute'), 'x_water_register', 'm3', 3), (pg_temp.feed('E1', 'day'), 'i33201', 'kWh', 1);
insert into abate.meter (series_id, measures, reads, carrier_code, rolls_over, multiplier) values
    (pg_temp.series('E1', 'minute', 'i33201'), 'energy', 'register', 'electricity', 1000, 1),
    (pg_temp.series('E1', 'minute', 'x_energy'), 'energy', 'interval', 'electricity', null, 10),
    (pg_temp.series('E1', 'minute', 'x_water_register'), 'water', 'register', null, null, 1),
    (pg_temp.series('E1', 'day', 'i33201'), 'energy', 'register', 'electricity', null, 1);

create function pg_temp.at(clock text) returns timestamptz language sql immutable return ('2020-11-02 ' || clock || '+08')::timestamptz;

-- Readings of a story, as "08:05 100, 08:35 110 D": each at its time, with its mark.
create function pg_temp.read(slot int, readings text) returns void language sql as $$
    insert into abate.sample (feed_id, journal_id, at, position, value, mark)
    select pg_temp.feed('E1', 'minute'), 1, pg_temp.at(w[1]), 1, array_fill(null::float8, array[slot - 1]) || w[2]::float8,
           repeat('N', slot - 1) || coalesce(w[3], 'N')
      from unnest(string_to_array(readings, ', ')) r, string_to_array(r, ' ') w;
$$;
-- Closes hours of the minute feed, and says how many rows changed.
create function pg_temp.closed(hours text, period text default 'minute') returns int language plpgsql as $$
begin
    perform abate.prepare_judge();
    insert into pg_temp.judged_feed_hour select pg_temp.feed('E1', period), pg_temp.at(h) from unnest(string_to_array(hours, ' ')) h;
    return abate.close_consumption();
end $$;
create function pg_temp.counted(parameter text, period text default 'minute') returns text language sql as $$
    select string_agg(to_char(at at time zone 'UTC' + interval '8 hours', 'HH24') || ' ' || round(amount::numeric, 3)::float8
                      || case state when 'measured' then '' else ' ' || state end, ', ' order by at)
      from abate.consumption where series_id = pg_temp.series('E1', period, parameter)
$$;
create function pg_temp.forget() returns void language sql as $$
    truncate abate.sample, abate.consumption;
$$;
-- One story: these readings come to this when all their hours are closed at once; when each hour is closed alone; and
-- when they come one by one, in the order of time or against it, and their hour is closed with each.
create function pg_temp.story(name text, slot int, readings text, parameter text, expected text) returns setof text language plpgsql as $$
declare
    hours text[];
    h text;
    one text;
    got text[];
begin
    select array_agg(distinct substr(r, 1, 3) || '00' order by substr(r, 1, 3) || '00') into hours from unnest(string_to_array(readings, ', ')) r;
    perform pg_temp.forget();
    perform pg_temp.read(slot, readings);
    perform pg_temp.closed(array_to_string(hours, ' '));
    got := array[pg_temp.counted(parameter)];
    truncate abate.consumption;
    foreach h in array hours loop perform pg_temp.closed(h); end loop;
    got := got || pg_temp.counted(parameter);
    perform pg_temp.forget();
    foreach one in array string_to_array(readings, ', ') loop
        perform pg_temp.read(slot, one), pg_temp.closed(substr(one, 1, 3) || '00');
    end loop;
    got := got || pg_temp.counted(parameter);
    perform pg_temp.forget();
    for one in select u from unnest(string_to_array(readings, ', ')) u order by u desc loop
        perform pg_temp.read(slot, one), pg_temp.closed(substr(one, 1, 3) || '00');
    end loop;
    got := got || pg_temp.counted(parameter);
    return next is(got, array_fill(expected, array[4]), name);
end $$;

select pg_temp.story(name, slot, readings, case slot when 1 then 'i33201' when 2 then 'x_energy' else 'x_water_register' end, expected) from (values
    ('a register: what it grew by up to each reading, in the hour of that reading', 1,
     '08:05 100, 08:35 110, 09:05 125, 09:55 126, 10:00 130', '08 10, 09 16, 10 4'),
    ('the first reading ever has nothing to be counted from', 1, '08:05 100, 09:00 101', '09 1'),
    ('one reading alone', 1, '08:05 100', null),
    ('a register that stands still has counted nothing', 1, '08:05 7, 08:30 7, 09:30 7', '08 0, 09 0'),
    ('an amount: the sum of the hour, times the multiplier', 2, '08:00 1, 08:15 2, 08:45 3, 09:00 4', '08 60, 09 40'),
    ('a mark that does not count is left out: of a register', 1, '08:05 100, 08:30 900 D, 08:55 110, 09:30 120 C, 10:10 130', '08 10, 10 20 bridged'),
    ('and of amounts', 2, '08:00 1, 08:15 2 D, 08:30 4, 09:00 4 D', '08 50'),
    ('a gap is bridged: its growth stands in the hour the register was read again', 1, '08:05 100, 08:50 101, 12:10 140, 13:10 141', '08 1, 12 39 bridged, 13 1'),
    -- 1000 - 990 + 15 = 25, less than half of 1000.
    ('a roll-over within an hour', 1, '08:05 980, 08:15 990, 08:30 15, 08:45 20', '08 40 rolled_over'),
    ('a roll-over between two hours', 1, '08:05 980, 08:15 990, 09:30 15, 09:45 20', '08 10, 09 30 rolled_over'),
    ('a roll-over in a gap', 1, '08:05 980, 08:15 990, 11:30 15', '08 10, 11 25 rolled_over'),
    ('to 0 exactly: 1000 - 995', 1, '08:05 995, 08:30 0', '08 5 rolled_over'),
    -- 1000 - 700 + 200 = 500 is not less than half: the meter was exchanged rather than read for so long.
    ('a fall too far from the top is another meter', 1, '08:05 700, 08:30 200, 08:45 203', '08 3 replaced'),
    ('just within: 1000 - 700 + 199', 1, '08:05 700, 08:30 199, 08:45 203', '08 503 rolled_over'),
    ('a register above where it should roll over is another meter', 1, '08:05 1500, 08:30 10, 08:45 12', '08 2 replaced'),
    ('where it rolls over is not known: another meter, counted from its first reading on', 3, '08:05 5000, 08:30 5004, 09:10 12, 09:40 15, 10:10 16', '08 4, 09 3 replaced, 10 1'),
    ('the state of an hour is the gravest', 3, '08:05 50, 11:10 60, 11:30 2, 11:50 3', '11 11 replaced'),
    -- Else the 0 would count all 5000 again.
    ('one reading gone astray to 0 is passed over', 3, '08:05 5000, 08:30 0, 08:45 5004', '08 4'),
    ('and one far too high', 3, '08:05 5000, 08:30 999999, 08:45 5004', '08 4'),
    ('the last of its hour, known as astray by the next hour', 3, '08:05 5000, 08:55 0, 09:05 5004', '09 4'),
    ('the first of its hour', 3, '08:05 5000, 08:50 5001, 09:05 0, 09:15 5004', '08 1, 09 3'),
    ('an hour of its own', 3, '08:05 5000, 08:50 5001, 09:05 0, 10:15 5004, 11:15 5005', '08 1, 10 3 bridged, 11 1')
  ) s (name, slot, readings, expected);

-- A reading that comes late.
select pg_temp.forget() \g /dev/null
select pg_temp.read(1, '08:05 100, 11:05 130, 12:05 131') \g /dev/null
select is(pg_temp.closed('08:00 11:00 12:00') || ': ' || pg_temp.counted('i33201'), '2: 11 30 bridged, 12 1', 'a gap of two hours');
select pg_temp.read(1, '09:05 110, 10:05 120') \g /dev/null
select is(pg_temp.closed('09:00 10:00') || ': ' || pg_temp.counted('i33201'), '3: 09 10, 10 10, 11 10, 12 1',
    'what comes late fills it, and the hour of the next reading is counted again though nothing came in it');
select is(pg_temp.closed('08:00 09:00 10:00 11:00 12:00'), 0, 'counted once more, nothing changes');
update abate.sample set mark = 'D' where at in (pg_temp.at('09:05'), pg_temp.at('10:05'));
select is(pg_temp.closed('09:00 10:00') || ': ' || pg_temp.counted('i33201'), '3: 11 30 bridged, 12 1', 'marked as invalid afterwards, their hours are gone and the gap is back');

-- A register read once a day: that is no gap.
insert into abate.sample select pg_temp.feed('E1', 'day'), 1, pg_temp.at('00:00') + d * interval '1 day', 1, array[v], null from (values (0, 100), (1, 124), (3, 150)) r (d, v);
select abate.prepare_judge() \g /dev/null
insert into pg_temp.judged_feed_hour select feed_id, at from abate.sample where feed_id = pg_temp.feed('E1', 'day');
select is(abate.close_consumption(), 2, 'a register read once a day');
select results_eq($$select abate.day_of(at, '8 hours'), amount, state from abate.consumption where series_id = pg_temp.series('E1', 'day', 'i33201') order by 1$$,
    $$values ('2020-11-03'::date, 24::float8, 'measured'), ('2020-11-05', 26, 'bridged')$$, 'is not bridged from day to day, but over a day left out');

-- By the day of the monitor's clock: 2020-11-02 24:00 there is 16:00 UTC.
select pg_temp.forget() \g /dev/null
insert into abate.sample select pg_temp.feed('E1', 'minute'), 1, v.at, 1, array[v.register, v.amount], null
  from (values ('2020-11-02 15:00+00'::timestamptz, 100::float8, 1::float8), ('2020-11-02 15:30+00', 105, 1), ('2020-11-02 16:00+00', 109, 2)) v (at, register, amount);
select abate.prepare_judge() \g /dev/null
insert into pg_temp.judged_feed_hour select pg_temp.feed('E1', 'minute'), h from unnest(array['2020-11-02 15:00+00', '2020-11-02 16:00+00']::timestamptz[]) h;
select abate.close_consumption() \g /dev/null
-- 2nd: 5 + (1 + 1) x 10; 3rd: 4 + 2 x 10
select results_eq('select plant_code, region_code, day, measures, carrier_code, unit, amount from abate.plant_consumption order by day',
    $$values ('P2', '410100', '2020-11-02'::date, 'energy', 'electricity', 'kWh', 25::float8), ('P2', '410100', '2020-11-03', 'energy', 'electricity', 'kWh', 24)$$,
    'a plant''s days: its meters of one carrier and unit together');
select results_eq($$select month, amount, hours from abate.consumed('2020-11-02', '2020-11-03') where series_id = pg_temp.series('E1', 'minute', 'i33201')$$,
    $$values ('2020-11-01'::date, 5::float8, 1::bigint)$$, 'a span of days, without its end');
select results_eq($$select sum(amount), sum(hours)::bigint, max(last_at) from abate.consumed('2020-11-01', '2020-12-01')$$,
    $$values (49::float8, 4::bigint, '2020-11-02 16:00+00'::timestamptz)$$, 'a month');

-- The cost of an hour does not grow with what is stored: it reads the same number of rows after a year as after a day.
select pg_temp.forget() \g /dev/null
select abate.ensure_partition(2020 * 12 + m) from generate_series(0, 11) m \g /dev/null
create function pg_temp.rows_read() returns bigint language sql as $$
    select coalesce(sum(pg_stat_get_xact_tuples_returned(indexrelid)), 0)::bigint
      from pg_index where indrelid in (select inhrelid from pg_inherits where inhparent = 'abate.sample'::regclass) $$;
create function pg_temp.cost(clock text) returns bigint language plpgsql as $$
declare
    before bigint := pg_temp.rows_read();
begin
    perform pg_temp.closed(clock);
    return pg_temp.rows_read() - before;
end $$;
insert into abate.sample select pg_temp.feed('E1', 'minute'), 1, t, 1, array[100, 1, 100], null
  from generate_series(pg_temp.at('00:00'), pg_temp.at('09:59'), '1 minute') t;
create temporary table cost as select pg_temp.cost('09:00') as after_a_day;
insert into abate.sample select pg_temp.feed('E1', 'minute'), 1, t, 1, array[100, 1, 100], null
  from generate_series('2020-01-01 00:00+00', '2020-11-01 00:00+00', interval '5 minutes') t;
truncate abate.consumption;
select cmp_ok(after_a_day, '>', 100::bigint, 'an hour reads its rows') from cost;
select is(pg_temp.cost('09:00'), after_a_day, 'and no more of them with months behind it') from cost;

select lives_ok($$select pg_temp.as_reader('select * from abate.plant_consumption; select * from abate.metering; select * from abate.consumed(''2020-01-01'', ''2021-01-01'')')$$,
    'the reader may ask');

select * from finish();
rollback;
