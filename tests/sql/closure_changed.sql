-- A closure that is moved, lifted by mistake, and a register that is changed behind it.
begin;
select plan(8);
\ir plant.psql
\ir hours.psql
insert into abate.monitor (monitor_code, plant_id, medium) select 'E1', plant_id, 'water_use' from abate.plant where plant_code = 'P2';
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor where monitor_code = 'E1';
insert into abate.series (feed_id, parameter_code, unit) values (pg_temp.feed('E1', 'minute'), 'x_water_register', 'm3'), (pg_temp.feed('S2', 'minute'), 'a00000', 'm3/s');
insert into abate.meter (series_id, measures, reads) values (pg_temp.series('E1', 'minute', 'x_water_register'), 'water', 'register');
create function pg_temp.at(clock text) returns timestamptz language sql immutable return ('2020-11-02 ' || clock || '+08')::timestamptz;
create function pg_temp.found(monitor text) returns text language plpgsql as $$
begin
    perform abate.judge('2020-11-03 12:00+08', 50000, false);
    return (select string_agg(to_char(b.opened at time zone 'UTC' + interval '8 hours', 'HH24:MI') || ' ' || b.worst, ', ' order by b.opened)
              from abate.breach b join abate.monitor m using (monitor_id) where m.monitor_code = monitor and b.rule = 'activity' and b.withdrawn is null);
end $$;

select pg_temp.send('S2', 'minute', pg_temp.at(c), array[null, v]) from (values ('07:59:59', 4), ('08:00', 5), ('08:01', 0), ('09:30', 8), ('09:31', 0)) r (c, v) \g /dev/null
select abate.close_down('P1', null, pg_temp.at('08:00'), 'a notice') \g /dev/null
select is(pg_temp.found('S2'), '08:00 5, 09:30 8', 'from the very instant on');
update abate.closure set since = pg_temp.at('09:00');
select is(pg_temp.found('S2'), '09:30 8', 'it was closed later than entered: what was before is none');
select is((select withdrawn_why from abate.breach where withdrawn is not null), 'the closure began after it: 2020-11-02 01:00Z', 'and says why');
update abate.closure set ended = since;
select is(pg_temp.found('S2'), null, 'entered in error');
update abate.closure set ended = null;
select is(pg_temp.found('S2'), '09:30 8', 'lifted by mistake: it holds again, and so does what it found');
update abate.closure set since = pg_temp.at('08:00');
select is(pg_temp.found('S2'), '08:00 5, 09:30 8', 'closed earlier after all');

select pg_temp.send('E1', 'minute', pg_temp.at(c), array[v]) from (values ('07:50', 700), ('08:50', 700), ('10:50', 3), ('11:50', 3), ('12:50', 5)) r (c, v) \g /dev/null
select abate.close_down('P2', null, pg_temp.at('08:00'), 'a notice') \g /dev/null
select is(pg_temp.found('E1'), '12:00 2', 'another register, below where the old one stood: it counts nevertheless');
select is(pg_temp.found('E1'), '12:00 2', 'once');
select * from finish();
rollback;
