-- Every monitor with its feeds and series, where it has any; and the newest instant stored of the feed.
with newest as materialized (
    select feed_id, at from abate.newest_sample
)
select m.monitor_code,
       p.plant_code,
       p.region_code,
       extract(epoch from m.utc_offset)::int as utc_offset_s,
       f.feed_id,
       f.period,
       abate.microseconds(n.at) as last_us,
       x.slot,
       x.parameter_code || case x.statistic when 'value' then '' else '-' || x.statistic end as name,
       x.unit
  from abate.monitor m
  join abate.plant p on p.plant_id = m.plant_id
  left join abate.feed f on f.monitor_id = m.monitor_id
  left join abate.series x on x.feed_id = f.feed_id
  left join newest n on n.feed_id = f.feed_id
 order by m.monitor_code, f.feed_id, x.slot;
