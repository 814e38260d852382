-- $1 months ahead of this one -> those made; the daemon's own statement, with another number
with was as materialized (
    select array_agg(month) as months from abate.sample_partition
)
select format('sample_%s_%s', to_char(m / 12, 'FM0000'), to_char(m % 12 + 1, 'FM00')) as made
  from was,
       lateral (select abate.ensure_partitions_ahead($1::int)) e (done),
       lateral generate_series(abate.month_of(now()), abate.month_of(now()) + $1::int) m
 where m <> all (coalesce(was.months, '{}'))
 order by m;
