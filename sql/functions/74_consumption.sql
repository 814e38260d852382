-- What meters counted, hour by hour.
--
--     interval   each reading is an amount: the hour has their sum
--     register   a total that grows: the growth from one reading to the next belongs to the hour of the later one
--
-- So a reading that comes late changes its own hour and those of its neighbours, and these are counted again with it.

set local role abate_owner;

create or replace view abate.metering as
select t.series_id, x.feed_id, x.slot, t.measures, t.carrier_code, x.unit, t.reads, t.rolls_over, t.multiplier,
       case f.period when 'day' then interval '24 hours' else interval '1 hour' end as reads_every,
       m.monitor_id, m.monitor_code, m.utc_offset, m.must_report_from, m.must_report_to,
       p.plant_id, p.plant_code, p.region_code
  from abate.meter t
  join abate.series x on x.series_id = t.series_id
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.plant p on p.plant_id = m.plant_id;
comment on view abate.metering is 'Each meter with its feed, monitor and plant.';
comment on column abate.metering.reads_every is 'How far apart its readings may be, in hours counted, without being a gap.';

create or replace function abate.valid_readings(feed_id int, slot smallint)
    returns table (at timestamptz, value float8)
language sql stable parallel safe
begin atomic
    select s.at, s.value[valid_readings.slot]
      from abate.sample s
     where s.feed_id = valid_readings.feed_id
       and s.value[valid_readings.slot] is not null
       and abate.mark_of(s.mark, valid_readings.slot)
           in (select v.mark from abate.mark v where v.is_valid);
end;
comment on function abate.valid_readings is
    'The readings of a slot whose mark lets them count. Written to be merged into the query that asks, so that bounds, order and limit of that reach the primary key of sample.';

create or replace function abate.readings_around(feed_id int, slot smallint, hour timestamptz)
    returns table (at timestamptz)
language sql stable parallel safe
begin atomic
    (select r.at from abate.valid_readings(feed_id, slot) r where r.at < hour order by r.at desc limit 1)
     union all
    (select r.at from abate.valid_readings(feed_id, slot) r where r.at >= hour + interval '1 hour' order by r.at limit 2);
end;
comment on function abate.readings_around is
    'The valid readings whose growth depends on those of an hour: the one before it, that may turn out to be astray, and the two after.';

-- One reading that goes astray, to 0 as a rule, would count all that a register ever counted. It is known by its
-- neighbours: they are in order and it is not between them.
create or replace function abate.register_growth(feed_id int, slot smallint, hour timestamptz, utc_offset interval,
                                                 rolls_over float8, reads_every interval)
    returns table (amount float8, state text)
language sql stable parallel safe
begin atomic
    with reading as (
        (select r.at, r.value
           from abate.valid_readings(feed_id, slot) r
          where r.at < hour
            and exists (select from abate.valid_readings(feed_id, slot) h
                         where h.at >= hour and h.at < hour + interval '1 hour')
          order by r.at desc
          limit 2)
         union all
        select r.at, r.value
          from abate.valid_readings(feed_id, slot) r
         where r.at >= hour and r.at < hour + interval '1 hour'
         union all
        (select r.at, r.value
           from abate.valid_readings(feed_id, slot) r
          where r.at >= hour + interval '1 hour'
          order by r.at
          limit 1)
    ),
    beside as (
        select r.at, r.value, lag(r.value) over w as former, lead(r.value) over w as latter
          from reading r
        window w as (order by r.at)
    ),
    step as (
        select b.at, b.value, lag(b.at) over w as since, lag(b.value) over w as base
          from beside b
         where not coalesce(b.former <= b.latter and b.value not between b.former and b.latter, false)
        window w as (order by b.at)
    ),
    growth as (
        select case when s.value >= s.base then s.value - s.base
                    when t.is_turn then rolls_over - s.base + s.value
                    else 0 end as amount,
               s.value < s.base and not t.is_turn as is_replaced,
               s.value < s.base and t.is_turn as is_turn,
               hour - abate.hour_of(s.since, utc_offset) > reads_every as is_bridged
          from step s
         cross join lateral (select coalesce(s.base < rolls_over and rolls_over - s.base + s.value < rolls_over / 2,
                                             false) as is_turn) t
         where s.base is not null and s.at >= hour and s.at < hour + interval '1 hour'
    )
    select sum(g.amount),
           case when bool_or(g.is_replaced) then 'replaced'
                when bool_or(g.is_turn) then 'rolled_over'
                when bool_or(g.is_bridged) then 'bridged'
                else 'measured' end
      from growth g
    having count(*) > 0;
end;
comment on function abate.register_growth is
    'By how much a register grew up to each valid reading of an hour, since the one before. A fall is a roll-over if rolls_over is known and the growth then less than half of it; else another meter, and what was used between the two readings is not known and left out. A reading that is not between its two neighbours although these are in order is passed over. No row: no reading, or nothing before it.';

create or replace function abate.close_consumption() returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
declare
    changed int;
begin
    with touched as materialized (
        select m.series_id, m.feed_id, m.slot, m.reads, m.utc_offset, j.at
          from (select distinct feed_id, at from pg_temp.judged_feed_hour) j
          join abate.metering m on m.feed_id = j.feed_id
    ),
    due as materialized (
        select series_id, at from touched
         union
        select t.series_id, abate.hour_of(n.at, t.utc_offset)
          from touched t
         cross join lateral abate.readings_around(t.feed_id, t.slot, t.at) n
         where t.reads = 'register'
           and (exists (select from abate.valid_readings(t.feed_id, t.slot) r
                         where r.at >= t.at and r.at < t.at + interval '1 hour')
                or exists (select from abate.consumption c where c.series_id = t.series_id and c.at = t.at))
    ),
    counted as materialized (
        select d.series_id, d.at, c.amount * m.multiplier as amount, c.state
          from due d
          join abate.metering m on m.series_id = d.series_id
          left join lateral (
              select sum(r.value) as amount, 'measured' as state
                from abate.valid_readings(m.feed_id, m.slot) r
               where m.reads = 'interval' and r.at >= d.at and r.at < d.at + interval '1 hour'
              having count(*) > 0
               union all
              select g.amount, g.state
                from abate.register_growth(m.feed_id, m.slot, d.at, m.utc_offset, m.rolls_over, m.reads_every) g
               where m.reads = 'register') c on true
    ),
    written as (
        insert into abate.consumption as k (series_id, at, amount, state)
        select series_id, at, amount, state from counted where amount is not null order by 2, 1
        on conflict (series_id, at) do update set amount = excluded.amount, state = excluded.state
         where (k.amount, k.state) is distinct from (excluded.amount, excluded.state)
        returning 1
    ),
    removed as (
        delete from abate.consumption k
         using counted c
         where k.series_id = c.series_id and k.at = c.at and c.amount is null
        returning 1
    )
    select (select count(*) from written) + (select count(*) from removed) into changed;
    return changed;
end
$$;
comment on function abate.close_consumption is
    'Counts the hours of pg_temp.judged_feed_hour that have meters, and for registers the hours of the readings around them. Returns how many rows of consumption are new, changed or gone.';

-- A look-up for each meter and month, so that only what is asked for is read, and that from the primary key alone.
create or replace function abate.consumed(from_day date, to_day date)
    returns table (series_id int, month date, amount float8, hours bigint, first_at timestamptz, last_at timestamptz)
language sql stable parallel safe
begin atomic
    select m.series_id, g.month::date, k.amount, k.hours, k.first_at, k.last_at
      from abate.metering m
     cross join generate_series(date_trunc('month', from_day::timestamp), to_day - interval '1 day',
                                interval '1 month') as g (month)
     cross join lateral (
           select sum(c.amount) as amount, count(*) as hours, min(c.at) as first_at, max(c.at) as last_at
             from abate.consumption c
            where c.series_id = m.series_id
              and c.at >= abate.day_begins(greatest(from_day, g.month::date), m.utc_offset)
              and c.at < abate.day_begins(least(to_day, (g.month + interval '1 month')::date), m.utc_offset)) k
     where k.hours > 0;
end;
comment on function abate.consumed is
    'What each meter counted from a day up to but without another, by the clock of its monitor, month by month; with the number of hours counted, the first and the last of them.';
grant execute on function abate.consumed to abate_writer, abate_reader;

-- A look-up for each meter and day, so that of a day asked for only its hours are read, however many years are behind it.
create or replace view abate.plant_consumption as
select m.plant_code, m.region_code, g.day::date as day, m.measures, m.carrier_code, m.unit, sum(k.amount) as amount
  from abate.metering m
 cross join lateral generate_series(
           abate.day_of((select min(c.at) from abate.consumption c where c.series_id = m.series_id), m.utc_offset)::timestamp,
           abate.day_of((select max(c.at) from abate.consumption c where c.series_id = m.series_id), m.utc_offset)::timestamp,
           interval '1 day') as g (day)
 cross join lateral (
       select sum(c.amount) as amount, count(*) as hours
         from abate.consumption c
        where c.series_id = m.series_id and c.at >= abate.day_begins(g.day::date, m.utc_offset)
          and c.at < abate.day_begins(g.day::date + 1, m.utc_offset)) k
 where k.hours > 0
 group by 1, 2, 3, 4, 5, 6;
comment on view abate.plant_consumption is
    'What the meters of a plant counted in a day, by the clock of the monitors; for many plants and long spans ask abate.consumed().';
comment on column abate.plant_consumption.amount is 'In unit; a meter that counts in another unit is another row.';
