-- $1 before: microseconds since 1970, $2 uuid of the journal that was looked at, or null -> what stands against it
select is_final, what
  from abate.retention_obstacle(to_timestamp($1::bigint / 1000000))
 union all
select false, format('instance "%s" has a journal of its own, stored up to position %s: whether it holds more is not seen from here', j.instance, j.position)
  from abate.journal_position j
 where j.retired is null and j.uuid is distinct from $2::uuid
 order by 1 desc;
