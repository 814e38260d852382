-- $1 breach_id: the readings behind it, in the order of the messages that said them.
select m.journal, m.position, m.region_code, m.plant_code, m.monitor_code, extract(epoch from m.utc_offset)::int as utc_offset_s,
       m.feed_id, m.period, abate.microseconds(m.at) as at_us, m.slot, m.name, m.unit, m.value, m.mark,
       m.stored, m.stored_mark, x.sent_unit, p.molar_mass / abate.threshold('molar_volume', 'air', now()) as density
  from abate.breach_message($1::bigint) with ordinality m
  join abate.series x on x.series_id = m.series_id
  join abate.parameter p on p.parameter_code = x.parameter_code
 order by m.ordinality;
