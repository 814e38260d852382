-- What the demo shows of the plan once it is judged. The plan is real; the figures it is judged by are invented.

\echo
\echo 'The closed plant that sent load again: found with the message that says so'
select plant_code, monitor_code, rule, severity, opened, worst, bound, unit, standard, source
  from abate.breach_report
 where rule = 'activity' and withdrawn is null
 order by opened;

\echo 'Where the numbers of the plan stand, year by year (the fall since 2015, or the count)'
select commitment_code as id, day, round(path::numeric, 3) as path, round(actual::numeric, 3) as actual,
       round(forecast::numeric, 3) as forecast, round(low::numeric, 3) as low, round(high::numeric, 3) as high
  from abate.target_path
 where plan_code = 'zhengzhou-2019' and commitment_code in ('O-1', 'O-2', 'O-3', 'J-2')
   and actual is not null
 order by commitment_code, day;

\echo 'Work orders, the gravest first'
select o.number, o.plant_code, o.point, o.factor, o.period, o.severity, o.opened::date, o.value, o."limit", o.multiple,
       o.commitment_code as commitment, o.stage
  from abate.breach_ledger o
  join abate.severity s using (severity)
 where o.withdrawn is null
 order by s.rank desc, o.multiple desc nulls last, o.number
 limit 8;
