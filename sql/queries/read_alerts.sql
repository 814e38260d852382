-- $1 plant (null: all), $2 whether only what lasts and nobody has acknowledged, $3 how many at most; the newest first
select number, to_char(made at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as made, kind, severity, rule,
       coalesce(plant, plant_code, agency_code, '') as whose, monitor_code, parameter, value, unit, "limit", multiple,
       coalesce(outcome, 'new') as outcome, outcome_why, sent, waiting, acknowledged_by, reason
  from abate.alert_list
 where ($1::text is null or plant_code = $1::text)
   and (not $2::boolean or (status = 'firing' and acknowledged_by is null))
 order by alert_list.made desc, number desc
 limit $3::int;
