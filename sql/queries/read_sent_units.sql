-- The series whose devices send another unit than is stored.
select m.monitor_code, f.period, x.parameter_code || case x.statistic when 'value' then '' else '-' || x.statistic end as name,
       x.sent_unit, x.unit, p.molar_mass / abate.threshold('molar_volume', 'air', now()) as density
  from abate.series x
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.parameter p on p.parameter_code = x.parameter_code
 where x.sent_unit is not null
 order by m.monitor_code, f.period, x.slot;
