-- $1 before: microseconds since 1970, $2 whether to drop, $3 how many rows they had when they were shown -> each month that went
select partition, rows, abate.microseconds(first), abate.microseconds(last), bytes
  from abate.let_months_go(to_timestamp($1::bigint / 1000000), $2::boolean, $3::bigint);
