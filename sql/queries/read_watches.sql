-- Every limit with each series it holds for, and where the watch stands.
-- last_us: what is older was judged. If the newest sample has no value of the series, one may still come for its instant.
with newest as materialized (
    select feed_id, at, value from abate.newest_sample
)
select l.limit_id,
       x.series_id,
       x.feed_id,
       x.slot,
       l.lower,
       l.upper,
       coalesce(l.lower_clear, l.lower) as lower_clear,
       coalesce(l.upper_clear, l.upper) as upper_clear,
       (extract(epoch from l.hold) * 1000000)::bigint as hold_us,
       abate.microseconds(l.valid_from) as valid_from_us,
       abate.microseconds(l.valid_to) as valid_to_us,
       abate.microseconds(n.at) - case when n.value[x.slot] is null then 1 else 0 end as last_us,
       w.phase,
       abate.microseconds(w.last_at) as state_last_us,
       abate.microseconds(w.since) as since_us,
       w.worst,
       abate.microseconds(w.worst_at) as worst_at_us,
       w.count,
       w.first_position,
       w.worst_position,
       w.last_position
  from abate.limit_series h
  join abate.emission_limit l on l.limit_id = h.limit_id
  join abate.series x on x.series_id = h.series_id
  left join newest n on n.feed_id = x.feed_id
  left join abate.watch_state w on w.limit_id = l.limit_id and w.series_id = x.series_id
 order by l.limit_id, x.series_id;
