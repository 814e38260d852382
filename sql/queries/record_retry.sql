-- $1 reject_id, $2 outcome, $3 stored, $4 duplicate, $5 differs, $6 reason or null
select abate.record_retry($1::bigint, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::text);
