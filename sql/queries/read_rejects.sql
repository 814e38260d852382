-- $1 words of the topic, $2 words of the reason, $3 since: microseconds, $4 whether also those that are settled, $5 before
-- this reject_id; each but $4 may be null -> the newest, at most 200
select r.reject_id, to_char(r.arrived at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as arrived,
       to_char(r.last_arrived at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as last_arrived, r.broker, r.topic,
       r.sender, r.reason, r.faults, r.kept, r.times, r.instance, r.journal, r.position, encode(r.payload, 'hex') as payload,
       r.retry_outcome, to_char(r.retried at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as retried, r.retry_reason
  from abate.reject r
 where ($1::text is null or strpos(r.topic, $1::text) > 0)
   and ($2::text is null or strpos(lower(r.reason), lower($2::text)) > 0)
   and ($3::bigint is null or r.last_arrived >= to_timestamp($3::bigint / 1000000))
   and ($4::boolean or not r.is_settled)
   and ($5::bigint is null or r.reject_id < $5::bigint)
 order by r.reject_id desc
 limit 200;
