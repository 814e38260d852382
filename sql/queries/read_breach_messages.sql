-- $1 breach_id: the readings behind it, in the order of the messages that said them.
select m.journal, m.position, m.region_code, m.plant_code, m.monitor_code, extract(epoch from m.utc_offset)::int as utc_offset_s,
       m.feed_id, m.period, abate.microseconds(m.at) as at_us, m.series_id, m.slot, m.name, m.unit, m.value, m.mark,
       m.stored, m.stored_mark
  from abate.breach_message($1::bigint) m;
