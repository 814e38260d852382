-- $1 plan (null: all), $2 day (null: today by the plan's clock)
select s.plan_code,
       s.version,
       d.day,
       s.commitment_code,
       replace(s.verdict, '_', ' ') as verdict,
       case when s.is_soft then 'soft' end as soft,
       s.deadline,
       s.actual,
       s.wanted,
       s.unit,
       s.quotation,
       s.reason
  from abate.plan p
 cross join lateral (select coalesce($2::date, abate.day_of(now(), p.utc_offset)) as day) d
 cross join lateral abate.plan_status(d.day) s
 where s.plan_code = p.plan_code
   and ($1::text is null or p.plan_code = $1)
 order by s.plan_code, s.ordinal, s.commitment_code;
