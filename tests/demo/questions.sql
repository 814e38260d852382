-- Five questions a bureau asks. Run by the demo; to be read as examples.

\echo
\echo '1. Which limits were broken, by whom, how often, for how long, and how badly?'
select plant_code, parameter_en as parameter, side, bound, unit, standard,
       count(*)                         as breaches,
       sum(count)                       as readings,
       max(lasted)                      as longest,
       case side when 'above' then max(worst) else min(worst) end as worst,
       round(max(multiple)::numeric, 2) as multiple
  from abate.breach_report
 where rule in ('early', 'hour', 'day') and withdrawn is null
 group by plant_code, parameter_en, side, bound, unit, standard
 order by plant_code, parameter_en, side, bound;

\echo '2. In how many hours of each month was the turbine''s NOx over 100 mg/m3, and how high did it get?'
select to_char(at at time zone interval '3 hours', 'YYYY-MM') as month,
       count(*)                                               as hours,
       count(*) filter (where value > 100)                    as over_100,
       round(avg(value)::numeric, 1)                          as mean,
       max(value)                                             as highest
  from abate.reading
 where plant_code = 'GT-TR' and parameter_code = 'a21002' and is_valid
 group by month
having count(*) filter (where value > 100) > 0
 order by month;

\echo '3. How much electricity did the steel works use each month, against the first month?'
select month, round(kwh) as kwh, round(co2_t::numeric, 1) as co2_t,
       to_char(100 * kwh / first_value(kwh) over (order by month) - 100, 'SG990.0') || ' %' as against_first
  from (select to_char((at - interval '15 minutes') at time zone interval '9 hours', 'YYYY-MM') as month,
               sum(value) filter (where parameter_code = 'x_energy') as kwh,
               sum(value) filter (where parameter_code = 'x_co2')    as co2_t
          from abate.reading
         where plant_code = 'STEEL-KR' and parameter_code in ('x_energy', 'x_co2') and is_valid
         group by month) m
 order by month;

\echo '4. When did each generating unit last run, and which has not run for half a year since?'
select plant_code, plant_en as plant,
       to_char(max(at) filter (where value > 0) at time zone interval '-5 hours', 'YYYY-MM-DD HH24:MI') as last_running_hour,
       count(*) filter (where value > 0)  as hours_run,
       round(sum(value))                  as mwh,
       case when max(at) - max(at) filter (where value > 0) > interval '180 days' then 'closed?' else '' end as verdict
  from abate.reading
 where plant_code like 'NY-%' and parameter_code = 'x_power' and is_valid
 group by plant_code, plant_en
 order by max(at) filter (where value > 0);

\echo '5. Which analysers fell silent while the rest of their monitor went on?'
select monitor_code, parameter_en as parameter, last_value, monitor_until,
       justify_days(date_trunc('day', monitor_until - last_value)) as silent_for
  from (select monitor_code, parameter_en, max(at) as last_value,
               max(max(at)) over (partition by feed_id) as monitor_until
          from abate.reading
         where is_valid
         group by monitor_code, parameter_en, statistic, feed_id) s
 where monitor_until - last_value > interval '7 days'
 order by silent_for desc;
