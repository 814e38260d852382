-- $1 before: microseconds since 1970, $2 whether to drop -> what would go
select partition, rows, abate.microseconds(first), abate.microseconds(last), bytes
  from abate.retention_month(to_timestamp($1::bigint / 1000000), $2::boolean);
