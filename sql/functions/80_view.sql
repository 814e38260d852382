-- What people ask.

set local role abate_owner;

create or replace view abate.newest_sample as
select f.feed_id, s.at, s.value, s.mark, s.journal_id, s.position
  from abate.feed f
 cross join lateral (select * from abate.sample s where s.feed_id = f.feed_id order by s.at desc limit 1) s;
comment on view abate.newest_sample is 'The newest row of each feed in sample: one look-up a feed, from the newest month backwards.';

create or replace view abate.reading as
select p.region_code, p.plant_code, m.monitor_code, m.medium, f.period, x.parameter_code, x.statistic,
       s.at, s.value[x.slot] as value, x.unit, k.mark, coalesce(v.is_valid, false) as is_valid,
       r.name_zh as parameter_zh, r.name_en as parameter_en,
       p.name_zh as plant_zh, p.name_en as plant_en, m.name_zh as monitor_zh, m.name_en as monitor_en,
       s.feed_id, x.series_id, s.journal_id, s.position
  from abate.sample s
  join abate.feed f on f.feed_id = s.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.plant p on p.plant_id = m.plant_id
  join abate.series x on x.feed_id = s.feed_id
  join abate.parameter r on r.parameter_code = x.parameter_code
 cross join lateral (select coalesce(nullif(substr(s.mark, x.slot, 1), ''), 'N') as mark) k
  left join abate.mark v on v.mark = k.mark
 where s.value[x.slot] is not null or k.mark <> 'N';
comment on view abate.reading is
    'Every reading, one row a value: whose, of what, when, how much. Ask by plant_code or monitor_code and a span of at. A row with a mark and no value says that there was none, and why.';
comment on column abate.reading.at is 'The instant measured, or the beginning of the period.';
comment on column abate.reading.mark is 'One letter that says of what kind the reading is (table mark); N is normal.';
comment on column abate.reading.is_valid is 'Whether the mark lets it count as a measurement.';
comment on column abate.reading.position is 'Where the message stands in the journal journal_id.';

create or replace view abate.latest_reading as
select p.region_code, p.plant_code, m.monitor_code, m.medium, f.period, x.parameter_code, x.statistic,
       s.at, s.value[x.slot] as value, x.unit, k.mark, coalesce(v.is_valid, false) as is_valid,
       r.name_zh as parameter_zh, r.name_en as parameter_en,
       p.name_zh as plant_zh, p.name_en as plant_en, m.name_zh as monitor_zh, m.name_en as monitor_en,
       s.feed_id, x.series_id, s.journal_id, s.position
  from abate.newest_sample s
  join abate.feed f on f.feed_id = s.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.plant p on p.plant_id = m.plant_id
  join abate.series x on x.feed_id = s.feed_id
  join abate.parameter r on r.parameter_code = x.parameter_code
 cross join lateral (select coalesce(nullif(substr(s.mark, x.slot, 1), ''), 'N') as mark) k
  left join abate.mark v on v.mark = k.mark
 where s.value[x.slot] is not null or k.mark <> 'N';
comment on view abate.latest_reading is
    'The readings of each feed''s newest instant, with the columns of reading. What a feed no longer sends is not in it.';

create or replace view abate.breach_report as
select b.breach_id, p.region_code, p.plant_code, m.monitor_code, x.parameter_code, f.period,
       b.opened, b.closed, coalesce(b.closed, b.last_at) - b.opened as lasted,
       case when b.worst > b.bound then 'above' else 'below' end as side,
       b.bound, b.worst, x.unit,
       case when b.worst > b.bound and b.bound > 0 then b.worst / b.bound - 1 end as multiple,
       b.worst_at, b.last_at, b.count,
       l.standard, l.clause, l.source, l.confirmed_by,
       r.name_zh as parameter_zh, r.name_en as parameter_en,
       p.name_zh as plant_zh, p.name_en as plant_en, m.name_zh as monitor_zh, m.name_en as monitor_en,
       p.sector_code, b.limit_id, b.series_id, f.feed_id,
       b.journal_id, b.first_position, b.worst_position, b.last_position
  from abate.breach b
  join abate.emission_limit l on l.limit_id = b.limit_id
  join abate.series x on x.series_id = b.series_id
  join abate.feed f on f.feed_id = x.feed_id
  join abate.monitor m on m.monitor_id = f.monitor_id
  join abate.plant p on p.plant_id = m.plant_id
  join abate.parameter r on r.parameter_code = x.parameter_code;
comment on view abate.breach_report is 'Every breach with plant, monitor, parameter, limit and standard.';
comment on column abate.breach_report.closed is 'The instant of the reading that ended it; null: it is open.';
comment on column abate.breach_report.lasted is 'Until it closed; for an open one until its last reading past the bound.';
comment on column abate.breach_report.side is 'Whether the readings were above the upper bound or below the lower one.';
comment on column abate.breach_report.multiple is
    'By how many times the bound was exceeded (worst / bound - 1); null below a lower bound or where the bound is not above 0.';
comment on column abate.breach_report.count is 'How many readings were past the bound.';
comment on column abate.breach_report.worst_position is 'The message with the worst reading, in the journal journal_id; likewise the first and the last.';
