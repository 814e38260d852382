-- Hours: made of the minutes, real-time values or water samples of a feed, or as the plant reports them.
--
--     judged_feed_hour -> hour_sample -> made_hour -> settled_hour -> hourly, hourly_revision, judged_hour, touched_day
--
-- Facts: HJ 212-2017, appendix D; the numbers are rows of threshold.

set local role abate_owner;

create or replace function abate.rounded(value float8) returns float8
language sql immutable strict parallel safe
return case when value = 0 then value else round(value::numeric, 11 - floor(log(abs(value)))::int)::float8 end;
comment on function abate.rounded is
    'A value to 12 digits: what stands beyond them is the noise of adding up, and must not carry a mean past a limit it is equal to.';
grant execute on function abate.rounded to abate_writer, abate_reader;

create or replace function abate.convert_oxygen(value float8, oxygen float8, reference float8, undefined float8)
    returns float8
language sql immutable parallel safe
return case when oxygen < least(undefined, 21) then abate.rounded(value * (21 - reference) / (21 - oxygen)) end;
comment on function abate.convert_oxygen is
    'A concentration converted to its reference oxygen: value * (21 - reference) / (21 - oxygen), HJ 212-2017, appendix D, formula (28). Null where the oxygen is not known, or is undefined or more (threshold oxygen_undefined).';
grant execute on function abate.convert_oxygen to abate_writer, abate_reader;

create or replace view abate.mean_series as
select x.series_id, x.feed_id, f.monitor_id, x.parameter_code, x.slot, f.period, m.medium,
       case f.period when 'day' then 0 when 'hour' then 1 when 'minute' then 2 else 3 end as precedence,
       m.medium = 'water' and (t.slot is not null or coalesce(p.quantity = 'concentration', false)) as is_sampled,
       t.slot as time_slot, x.unit, coalesce(p.quantity = 'concentration', false) as is_concentration
  from abate.series x
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.parameter p on p.parameter_code = x.parameter_code
  left join abate.series t
    on t.feed_id = x.feed_id and t.parameter_code = x.parameter_code and t.statistic = 'SampleTime'
 where abate.is_value(x.statistic);
comment on view abate.mean_series is 'The series of which means are made, or are reported: those of the measured value itself.';
comment on column abate.mean_series.precedence is
    'Which counts, if several of a monitor and parameter are as valid: the lowest. What is reported comes before what is made.';
comment on column abate.mean_series.is_sampled is
    'An analyser of water holds a value until its next sample: distinct samples are counted, not minutes. Flow, pH and the like are measured all the time.';
comment on column abate.mean_series.is_concentration is 'Only a concentration is converted to a reference oxygen, and weighted by flow.';
comment on column abate.mean_series.time_slot is 'The slot of the sample''s time in the same feed; null: none, and a value that changes is another sample.';

create or replace view abate.official_hour as
select x.monitor_id, x.parameter_code, h.at, h.series_id, h.value, h.oxygen, h.is_valid, h.received, h.valid,
       x.period = 'hour' as is_reported
  from abate.hourly h
  join abate.mean_series x on x.series_id = h.series_id
 where h.is_official;
comment on view abate.official_hour is
    'The hour that counts for a monitor and parameter: the reported one if valid, else the one made of minutes if valid, else the reported or only one.';
comment on column abate.official_hour.is_reported is 'The plant reports it; else it is made of its minutes.';

create or replace function abate.take_touched(at timestamptz, most int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off set plan_cache_mode = force_custom_plan as $$
declare
    due   constant timestamptz := at - interval '1 hour'
        - coalesce(abate.threshold('hour_grace', null, at), 0) * interval '1 minute';
    until timestamptz;
    taken int;
begin
    -- Whole hours: what a monitor sent of one by minutes and as a mean is closed together.
    select max(t.hour) into until
      from (select hour from abate.touched_hour where hour <= due order by hour limit most) t;

    with gone as (
        delete from abate.touched_hour t where t.hour <= until
        returning t.feed_id, t.hour, t.is_asked, t.journal_id, t.broker
    ),
    heard as (
        insert into abate.monitor_way as w (monitor_id, journal_id, broker, heard)
        select f.monitor_id, g.journal_id, g.broker, max(g.hour)
          from gone g
          join abate.feed f on f.feed_id = g.feed_id
         where g.broker is not null
         group by f.monitor_id, g.journal_id, g.broker
        on conflict (monitor_id, journal_id, broker) do update set heard = excluded.heard
         where excluded.heard > w.heard
    )
    insert into pg_temp.judged_feed_hour (feed_id, at, is_asked)
    select feed_id, hour, bool_or(is_asked) from gone group by feed_id, hour;
    get diagnostics taken = row_count;
    return taken;
end
$$;
comment on function abate.take_touched is
    'Moves the hours that are over (and threshold hour_grace with them) from touched_hour to pg_temp.judged_feed_hour, the oldest first: about so many rows, and the rest of the last hour. By which way their monitors were heard goes into monitor_way. Returns how many hours of feeds those are.';

create or replace function abate.valid_marks() returns text
language sql stable
begin atomic
    select coalesce(string_agg(k.mark, '' order by k.mark), '') from abate.mark k where k.is_valid;
end;
comment on function abate.valid_marks is 'The marks that count as a measurement, in one text.';

create or replace function abate.hour_rule()
    returns table (medium text, at timestamptz, minutes float8, samples float8, readings float8, share float8,
                   undefined float8)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select d.medium, d.at, abate.threshold('hour_valid_minutes', d.medium, d.at),
           abate.threshold('hour_valid_samples', d.medium, d.at),
           coalesce(abate.threshold('minute_valid_values', d.medium, d.at), 1),
           abate.threshold('difference_share', d.medium, d.at), abate.threshold('oxygen_undefined', d.medium, d.at)
      from (select distinct m.medium, j.at
              from pg_temp.judged_feed_hour j
              join abate.feed f on f.feed_id = j.feed_id
              join abate.monitor m on m.monitor_id = f.monitor_id) d;
end
$$;
comment on function abate.hour_rule is 'The thresholds that hold for the hours of pg_temp.judged_feed_hour.';

-- A walk along the primary key for each hour of a feed, whatever the planner thinks; told the first and the last
-- instant, it leaves the other months alone. "offset 0" is what keeps it from reading a month to find an hour.
create or replace function abate.read_hours() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(j.at), max(j.at) + interval '1 hour' into earliest, latest from pg_temp.judged_feed_hour j;

    with came as materialized (
        select j.feed_id, j.at as hour, s.at, s.value, s.mark,
               f.period = 'realtime' and r.readings > 1 as is_counted
          from pg_temp.judged_feed_hour j
          join abate.feed f on f.feed_id = j.feed_id and f.period <> 'day'
          join abate.monitor m on m.monitor_id = f.monitor_id
          join abate.hour_rule() r on r.medium = m.medium and r.at = j.at
         cross join lateral (select s.at, s.value, s.mark
                               from abate.sample s
                              where s.feed_id = j.feed_id and s.at >= j.at and s.at < j.at + interval '1 hour'
                                and s.at >= earliest and s.at < latest
                             offset 0) s
    ),
    crowded as (
        select distinct c.feed_id, c.hour
          from (select feed_id, hour from came
                 group by feed_id, hour, date_bin('1 minute', at, hour) having count(*) > 1) c
    )
    insert into pg_temp.hour_sample (feed_id, hour, at, value, mark, is_dense)
    select c.feed_id, c.hour, c.at, c.value, c.mark, c.is_counted or d.feed_id is not null
      from came c
      left join crowded d on d.feed_id = c.feed_id and d.hour = c.hour;
end
$$;
comment on function abate.read_hours is
    'The samples of pg_temp.judged_feed_hour into pg_temp.hour_sample; is_dense: of an hour with several to a minute.';

-- HJ 212-2017, appendix D.2: an hour is the mean of its valid minutes.
create or replace function abate.average_values() returns void
language plpgsql set search_path = pg_catalog, pg_temp set enable_sort = off as $$
declare
    valid_marks constant text := abate.valid_marks();
    n_is_valid  constant boolean := strpos(valid_marks, 'N') > 0;
begin
    -- "offset 0": the view is worked out once, not joined to each sample. Sums are kept by hash: sorting costs more than all
    -- the rest, and the planner does not know how few series there are.
    insert into pg_temp.made_hour (series_id, at, received, valid, value)
    select x.series_id, r.hour,
           count(*) filter (where v.value is not null or abate.mark_of(r.mark, x.slot) <> 'N'),
           count(v.value) filter (where (r.mark is null and n_is_valid)
                                     or strpos(valid_marks, abate.mark_of(r.mark, x.slot)) > 0),
           avg(v.value) filter (where (r.mark is null and n_is_valid)
                                   or strpos(valid_marks, abate.mark_of(r.mark, x.slot)) > 0)
      from (select feed_id, hour, value, mark from pg_temp.hour_sample where not is_dense) r
      join (select series_id, feed_id, slot, is_sampled from abate.mean_series offset 0) x on x.feed_id = r.feed_id
     cross join lateral (select r.value[x.slot] as value) v
     where not x.is_sampled
     group by x.series_id, r.hour;
end
$$;
comment on function abate.average_values is 'Hours of feeds that send once a minute, or less: the mean of the valid values.';

create or replace function abate.average_minutes() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    valid_marks constant text := abate.valid_marks();
begin
    insert into pg_temp.made_hour (series_id, at, received, valid, value)
    select m.series_id, m.hour, count(*) filter (where m.received > 0), count(*) filter (where m.valid >= c.needed),
           avg(m.value) filter (where m.valid >= c.needed)
      from (select x.series_id, x.period, x.medium, r.hour,
                   count(*) filter (where r.value[x.slot] is not null or k.mark <> 'N') as received,
                   count(r.value[x.slot]) filter (where strpos(valid_marks, k.mark) > 0) as valid,
                   avg(r.value[x.slot]) filter (where strpos(valid_marks, k.mark) > 0) as value
              from pg_temp.hour_sample r
              join abate.mean_series x on x.feed_id = r.feed_id
             cross join lateral (select abate.mark_of(r.mark, x.slot) as mark) k
             where r.is_dense and not x.is_sampled
             group by x.series_id, x.period, x.medium, r.hour, date_bin('1 minute', r.at, r.hour)) m
      join abate.hour_rule() u on u.medium = m.medium and u.at = m.hour
     cross join lateral (select greatest(case m.period when 'realtime' then u.readings end, 1) as needed) c
     group by m.series_id, m.hour;
end
$$;
comment on function abate.average_minutes is
    'Hours of feeds that send several times a minute: the mean of the means of the minutes with enough valid values.';

-- HJ 212-2017, appendix D: an hour of water has 1 to 6 samples. An analyser repeats a value until it has the next.
create or replace function abate.average_samples() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    valid_marks constant text := abate.valid_marks();
begin
    insert into pg_temp.made_hour (series_id, at, received, valid, value)
    with reading as (
        select x.series_id, r.hour, r.at, r.value[x.time_slot] as taken,
               r.value[x.slot] is not null or abate.mark_of(r.mark, x.slot) <> 'N' as is_received,
               case when strpos(valid_marks, abate.mark_of(r.mark, x.slot)) > 0 then r.value[x.slot] end as value
          from pg_temp.hour_sample r
          join abate.mean_series x on x.feed_id = r.feed_id
         where x.is_sampled
    ),
    turn as ( -- among the valid ones, so that a pause for calibration does not make one sample two
        select *, case when taken is null and value is distinct from
                            lag(value) over (partition by series_id, hour, value is null, taken is null order by at)
                       then 1 else 0 end as begins
          from reading
    ),
    numbered as (
        select *, sum(begins) over (partition by series_id, hour, value is null, taken is null order by at) as run
          from turn
    ),
    distinct_sample as (
        select series_id, hour, count(*) filter (where is_received) as received, avg(value) as value
          from numbered
         group by series_id, hour, value is null, taken, run
    )
    select series_id, hour, sum(received), count(value), avg(value) from distinct_sample group by series_id, hour;
end
$$;
comment on function abate.average_samples is
    'Hours of an analyser of water: the mean of its distinct samples, told apart by their time (statistic SampleTime), or by a value that changes.';

-- The means just made, beside those that stand for the same monitors and hours: together they tell the oxygen and which
-- of several counts.
create or replace function abate.settle_hours() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    earliest timestamptz;
    latest   timestamptz;
begin
    select min(j.at), max(j.at) into earliest, latest from pg_temp.judged_feed_hour j;

    insert into pg_temp.settled_hour (series_id, at, received, valid, value, oxygen, is_valid, is_official, closed,
                                      is_new, is_changed, is_moved, is_asked)
    with place as (
        select f.monitor_id, j.at, bool_or(j.is_asked) as is_asked
          from pg_temp.judged_feed_hour j
          join abate.feed f on f.feed_id = j.feed_id and f.period <> 'day'
         group by f.monitor_id, j.at
    ),
    mean as materialized (
        select p.monitor_id, p.at, p.is_asked, x.series_id, x.parameter_code, x.precedence, h.closed,
               h.series_id is null as is_new, h.is_official as was_official,
               h.received as old_received, h.valid as old_valid, h.value as old_value, h.oxygen as old_oxygen,
               h.is_valid as old_is_valid, m.received, m.valid, m.value, m.is_valid
          from place p
          join abate.mean_series x on x.monitor_id = p.monitor_id and x.period <> 'day'
          join abate.hour_rule() r on r.medium = x.medium and r.at = p.at
          left join pg_temp.made_hour n on n.series_id = x.series_id and n.at = p.at
          left join lateral (select * from abate.hourly h
                              where h.series_id = x.series_id and h.at = p.at and h.at between earliest and latest
                              limit 1) h on true
         cross join lateral (
               select case when n.series_id is null then h.received when x.period = 'hour' then least(n.received, 1)
                           else n.received end as received,
                      case when n.series_id is null then h.valid when x.period = 'hour' then least(n.valid, 1)
                           else n.valid end as valid,
                      case when n.series_id is null then h.value else abate.rounded(n.value) end as value,
                      case when n.series_id is null then h.is_valid
                           else coalesce(n.valid >= case when x.period = 'hour' then 1
                                                         when x.medium = 'water' then r.samples
                                                         else r.minutes end, false) end as is_valid
               ) m
         where n.received > 0 or h.series_id is not null
    ),
    oxygen as (
        select distinct on (monitor_id, at) monitor_id, at, case when is_valid then value end as value
          from mean
         where parameter_code = 'a19001'
         order by monitor_id, at, is_valid desc, precedence, series_id
    ),
    official as (
        select mean.*, o.value as oxygen,
               row_number() over (partition by mean.monitor_id, parameter_code, mean.at
                                  order by is_valid desc, precedence, series_id) = 1 as is_official
          from mean
          left join oxygen o on o.monitor_id = mean.monitor_id and o.at = mean.at
    )
    select series_id, at, received, valid, value, oxygen, is_valid, is_official, closed, is_new,
           not is_new and (received, valid, value, oxygen, is_valid)
               is distinct from (old_received, old_valid, old_value, old_oxygen, old_is_valid),
           not is_new and is_official <> was_official, is_asked
      from official;
end
$$;
comment on function abate.settle_hours is
    'Into pg_temp.settled_hour: all hours of the monitors touched, new, changed (another mean or oxygen), moved (another one counts now), or none of these.';

create or replace function abate.keep_hours() returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    written int;
begin
    insert into abate.hourly_revision (series_id, at, received, valid, value, oxygen, is_valid, closed)
    select h.series_id, h.at, h.received, h.valid, h.value, h.oxygen, h.is_valid, h.closed
      from pg_temp.settled_hour s
     cross join lateral (select * from abate.hourly h where h.series_id = s.series_id and h.at = s.at limit 1) h
     where s.is_changed;

    insert into abate.hourly as h (series_id, received, valid, at, value, oxygen, closed, is_valid, is_official)
    select series_id, received, valid, at, value, oxygen,
           case when is_new or is_changed then clock_timestamp() else closed end, is_valid, is_official
      from pg_temp.settled_hour
     where is_new or is_changed or is_moved
     order by at, series_id
    on conflict (series_id, at) do update
       set received = excluded.received, valid = excluded.valid, value = excluded.value, oxygen = excluded.oxygen,
           closed = excluded.closed, is_valid = excluded.is_valid, is_official = excluded.is_official;
    get diagnostics written = row_count;

    insert into pg_temp.judged_hour (series_id, at)
    select series_id, at from pg_temp.settled_hour where is_new or is_changed or is_moved or is_asked;
    return written;
end
$$;
comment on function abate.keep_hours is
    'Writes what is new or has changed to hourly, what it was before to hourly_revision, and names it in pg_temp.judged_hour.';

create or replace function abate.touch_days() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.touched_day (monitor_id, day)
    select f.monitor_id, abate.day_of(t.at, m.utc_offset)
      from (select x.feed_id, s.at
              from pg_temp.settled_hour s
              join abate.series x on x.series_id = s.series_id
             where s.is_new or s.is_changed
             union
            select j.feed_id, j.at
              from pg_temp.judged_feed_hour j
              join abate.feed f on f.feed_id = j.feed_id and f.period = 'day') t
      join abate.feed f on f.feed_id = t.feed_id
      join abate.monitor m on m.monitor_id = f.monitor_id
     group by 1, 2
     order by 1, 2
    on conflict do nothing;
end
$$;
comment on function abate.touch_days is 'The days in which an hour is new or has changed, or for which one was reported, into touched_day.';

create or replace function abate.close_hours(at timestamptz) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_custom_plan
set work_mem = '64MB' as $$
declare
    written int;
begin
    delete from pg_temp.judged_feed_hour j where j.at + interval '1 hour' > close_hours.at; -- not over yet
    perform abate.ensure_hourly_partition(m.month)
       from (select distinct abate.month_of(j.at) as month from pg_temp.judged_feed_hour j) m;

    perform abate.read_hours();
    perform abate.average_values();
    perform abate.average_minutes();
    perform abate.average_samples();
    perform abate.settle_hours();
    written := abate.keep_hours();
    perform abate.touch_days();
    return written;
end
$$;
comment on function abate.close_hours is
    'Makes the hours of pg_temp.judged_feed_hour, again if something came late. Returns how many rows of hourly are new or have changed; pg_temp.judged_hour has them, and all those a person asked for.';
