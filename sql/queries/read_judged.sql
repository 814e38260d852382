-- What was judged otherwise since $1: first how many breaches were withdrawn, then each verdict that is another one.
select (select count(*) from abate.breach b where b.withdrawn >= $1::text::timestamptz) as withdrawn,
       p.plan_code, c.commitment_code, v.on_day, o.verdict as old, v.verdict as new, v.reason
  from (select) as always
  left join (abate.verdict v
             join lateral (select r.verdict from abate.verdict r
                            where r.commitment_id = v.commitment_id and r.on_day = v.on_day
                              and r.replaced >= $1::text::timestamptz
                            order by r.replaced limit 1) o on o.verdict <> v.verdict
             join abate.commitment_version c on c.commitment_id = v.commitment_id
             join abate.plan_version p on p.plan_version_id = c.plan_version_id)
         on v.judged >= $1::text::timestamptz and v.replaced is null
 order by v.on_day, p.plan_code, c.ordinal;
