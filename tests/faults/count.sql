-- What a bed has in its database against what its plants were told. To be run after `acked` (a, b: ranges of numbers,
-- inclusive) is made; set: messages (published or being published: 0 .. messages - 1), monitors, rejects_too (a condition
-- on rejected_message: further rejects that are as they should be), is_whole (all are acknowledged, in their order).
--
-- One line: acknowledged, lost, twice, rejects nobody can explain, breaches missing.
with expected as materialized (
    select i, i % 50 = 49 as is_bad, 1 + i % :monitors as monitor, i / :monitors as minute,
           case when i / :monitors % 20 between 5 and 7 then 60 else 40 end as other,
           case when i % 50 = 49 then
               case i / 50 % 4 when 0 then '%"time": missing%' when 1 then '%a34013%not a number%' when 2 then '%z99999%'
                               else '%not JSON%' end end as reason
      from generate_series(0::bigint, :messages - 1) i
), acknowledged as materialized (
    select i from acked, generate_series(a, b) i
), sampled as materialized (
    select s.value[1]::bigint as i, m.monitor_code, s.at, s.value
      from abate.sample s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id)
     where m.monitor_code <= 'SIM' || lpad(:'monitors', 6, '0')
), right_sample as materialized (
    select i from sampled s join expected e using (i)
     where not e.is_bad -- joined by the number alone: whatever else is right is no key
       and (s.monitor_code = 'SIM' || lpad(e.monitor::text, 6, '0')
            and s.at = timestamptz '2021-01-01 00:00Z' + e.minute * interval '1 minute' and s.value[3] = e.other) is true
), reject as materialized (
    select substring(encode(r.payload, 'escape') from '"id":"bed-(\d+)"')::bigint as i, r.reason, (:rejects_too) as is_expected
      from abate.rejected_message r
), right_reject as materialized (
    select i, r.reason like e.reason as is_bad from reject r join expected e using (i)
     where r.reason like e.reason or r.is_expected
), stepped as (
    select e.other > 50 as is_over, lag(e.other > 50, 1, false) over (partition by monitor order by minute) as was_over
      from expected e where not is_bad
), breach as (
    select (select count(*) from stepped where is_over and not was_over) as wanted, (select count(*)
              from abate.breach b
              join abate.series s on s.series_id = b.series_id
              join abate.feed f on f.feed_id = s.feed_id
              join abate.monitor m on m.monitor_id = f.monitor_id
             where m.monitor_code <= 'SIM' || lpad(:'monitors', 6, '0')) as got
)
select (select count(*) from acknowledged),
       (select count(*) from acknowledged a
         where not exists (select from right_sample s where s.i = a.i) and not exists (select from right_reject r where r.i = a.i)),
       (select count(*) from sampled) - (select count(distinct i) from right_sample)
         + (select count(*) from abate.revision)
         + (select count(*) - count(distinct i) from right_reject where is_bad)
         + (select greatest(0, got - wanted) from breach),
       (select count(*) from reject r
         where not r.is_expected and not exists (select from expected e where e.i = r.i and r.reason like e.reason)),
       (select case when :is_whole then greatest(0, wanted - got) else 0 end from breach);
