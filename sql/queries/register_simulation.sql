-- Registers the monitors of `abatectl simulate`, which prints this with the settings it reads put before.
-- May be run again, also for more monitors.
with wanted as (
    select current_setting('abate.simulation_region')        as region_code,
           current_setting('abate.simulation_plant')         as plant_code,
           current_setting('abate.simulation_monitors')::int as monitors,
           current_setting('abate.simulation_plants')::int   as plants,
           current_setting('abate.simulation_series')        as series
), made_region as (
    insert into abate.region (region_code, name_zh, name_en)
    select region_code, '模拟', 'simulated' from wanted
    on conflict do nothing
), made_plant as (
    insert into abate.plant (plant_code, name_zh, name_en, region_code)
    select plant_code || case when plants > 1 then lpad(n::text, 6, '0') else '' end, '模拟企业', 'simulated plant', region_code
      from wanted, generate_series(1, plants) n
    on conflict (plant_code) do update set region_code = excluded.region_code
    returning plant_id, plant_code
), made_monitor as (
    insert into abate.monitor (monitor_code, plant_id, name_zh, name_en, medium)
    select w.plant_code || lpad(n::text, 6, '0'), p.plant_id, '模拟监测点' || n, 'simulated stack ' || n, 'air'
      from wanted w
     cross join generate_series(1, w.monitors) n
      join made_plant p
        on p.plant_code = w.plant_code || case when w.plants > 1 then lpad(((n - 1) % w.plants + 1)::text, 6, '0') else '' end
    on conflict (monitor_code) do update set plant_id = excluded.plant_id
    returning monitor_id
), made_feed as (
    insert into abate.feed (monitor_id, period)
    select monitor_id, 'minute' from made_monitor
    on conflict (monitor_id, period) do update set period = excluded.period
    returning feed_id
)
insert into abate.series (feed_id, parameter_code, unit, slot)
select f.feed_id, split_part(s.text, '=', 1), split_part(s.text, '=', 2), s.n
  from made_feed f, wanted w, string_to_table(w.series, ',') with ordinality s(text, n)
on conflict (feed_id, parameter_code, statistic) do nothing;
