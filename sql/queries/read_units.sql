-- The series that come in another unit than is stored, or of a gas that may: density is that of the pure gas, in g/L. Apart
-- from the registry, which is long.
select x.feed_id, x.slot, m.monitor_code, f.period,
       x.parameter_code || case x.statistic when 'value' then '' else '-' || x.statistic end as name,
       x.unit, x.sent_unit, p.molar_mass / v.molar_volume as density
  from abate.series x
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.parameter p on p.parameter_code = x.parameter_code
 cross join (select abate.threshold('molar_volume', 'air', now()) as molar_volume) v
 where x.sent_unit is not null or p.molar_mass is not null
 order by m.monitor_code, f.period, x.slot;
