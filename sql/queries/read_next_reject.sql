-- $1 words of the topic, $2 words of the reason, $3 since: microseconds, $4 this one alone, each null or what is asked for; $5
-- instance, $6 after this reject_id -> the next that is not settled: oldest first, so that corrections come in their order
select r.reject_id, r.journal_id, r.position, abate.microseconds(r.arrived), r.broker, r.topic, encode(r.payload, 'hex'), r.times
  from abate.reject r
 where ($1::text is null or strpos(r.topic, $1::text) > 0)
   and ($2::text is null or strpos(lower(r.reason), lower($2::text)) > 0)
   and ($3::bigint is null or r.last_arrived >= to_timestamp($3::bigint / 1000000))
   and case when $4::bigint is null then not r.is_settled else r.reject_id = $4::bigint end
   and r.instance = $5::text
   and r.reject_id > $6::bigint
 order by r.reject_id
 limit 1;
