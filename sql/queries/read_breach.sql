-- $1 breach_id
select b.breach_id, b.rule, b.severity, b.plant_code, coalesce(b.plant_zh, b.plant_en) as plant, b.monitor_code,
       coalesce(b.monitor_zh, b.monitor_en) as monitor, b.parameter_code, coalesce(b.parameter_zh, b.parameter_en) as parameter,
       b.period,
       to_char(b.opened at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as opened,
       to_char(b.closed at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as closed,
       to_char(b.worst_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as worst_at,
       b.worst, b.bound, b.unit, b.count, b.standard, b.clause, b.limit_id, b.source, b.confirmed_by,
       b.plan_code, b.plan_version, b.commitment_code, b.reason, b.withdrawn_why
  from abate.breach_report b
 where b.breach_id = $1::bigint;
