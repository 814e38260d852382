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
 cross join lateral (select abate.mark_of(s.mark, x.slot) as mark) k
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
 cross join lateral (select abate.mark_of(s.mark, x.slot) as mark) k
  left join abate.mark v on v.mark = k.mark
 where s.value[x.slot] is not null or k.mark <> 'N';
comment on view abate.latest_reading is
    'The readings of each feed''s newest instant, with the columns of reading. What a feed no longer sends is not in it.';

create or replace view abate.breach_report as
select b.breach_id, p.region_code, p.plant_code, m.monitor_code,
       coalesce(x.parameter_code, l.parameter_code) as parameter_code,
       coalesce(l.period, f.period) as period,
       b.opened, b.closed, coalesce(b.closed, b.last_at) - b.opened as lasted,
       case when b.worst > b.bound then 'above' when b.worst < b.bound then 'below' end as side,
       b.bound, b.worst, coalesce(l.unit, x.unit) as unit,
       case when b.worst > b.bound and b.bound > 0 and b.rule in ('early', 'hour', 'day') then b.worst / b.bound - 1 end
           as multiple,
       b.worst_at, b.last_at, b.count,
       l.standard, l.clause, l.source, l.confirmed_by,
       r.name_zh as parameter_zh, r.name_en as parameter_en,
       p.name_zh as plant_zh, p.name_en as plant_en, m.name_zh as monitor_zh, m.name_en as monitor_en,
       p.sector_code, b.limit_id, b.series_id, f.feed_id,
       b.journal_id, b.first_position, b.worst_position, b.last_position,
       b.rule, b.severity, b.count_30_days, b.reason, b.withdrawn, b.withdrawn_why, b.found, b.evidence,
       n.line_code, b.agency_code, v.plan_code, v.version as plan_version, c.commitment_code,
       c.name_en as commitment_en,
       v.plan_version_id, b.commitment_id, b.plant_id, b.monitor_id
  from abate.breach b
  left join abate.emission_limit l on l.limit_id = b.limit_id
  left join abate.series x on x.series_id = b.series_id
  left join abate.feed f on f.feed_id = x.feed_id
  left join abate.monitor m on m.monitor_id = coalesce(b.monitor_id, f.monitor_id)
  left join abate.plant p on p.plant_id = coalesce(b.plant_id, m.plant_id)
  left join abate.parameter r on r.parameter_code = coalesce(x.parameter_code, l.parameter_code)
  left join abate.line n on n.line_id = b.line_id
  left join abate.commitment_version c on c.commitment_id = b.commitment_id
  left join abate.plan_version v on v.plan_version_id = c.plan_version_id;
comment on view abate.breach_report is
    'Every breach, of any rule, with plant, monitor, parameter, limit and standard, and the commitment it breaks; also those withdrawn.';
comment on column abate.breach_report.closed is 'The instant of the reading that ended it; null: it is open.';
comment on column abate.breach_report.lasted is 'Until it closed; for an open one until its last reading past the bound.';
comment on column abate.breach_report.side is 'Whether the readings were above the upper bound or below the lower one.';
comment on column abate.breach_report.period is 'Of the values judged: realtime and minute as they came, hour and day as means.';
comment on column abate.breach_report.multiple is
    'By how many times a limit was exceeded (worst / bound - 1); null below a lower bound or where the bound is not above 0.';
comment on column abate.breach_report.count is 'How many readings, or means, were past the bound.';
comment on column abate.breach_report.worst_position is 'The message with the worst reading, in the journal journal_id; likewise the first and the last. Means have none: their hours lead to samples.';
comment on column abate.breach_report.plan_version is 'The version of the plan that judged it.';

create or replace view abate.breach_open as
select b.*
  from abate.breach_report b
  join abate.severity s on s.severity = b.severity
 where b.closed is null and b.withdrawn is null
 order by s.rank desc, b.opened;
comment on view abate.breach_open is 'Breaches that last, the gravest and oldest first; columns of breach_report.';

create or replace view abate.breach_ledger as
select b.breach_id as number, b.found, b.rule, b.severity, s.name_zh as severity_zh, s.name_en as severity_en,
       b.region_code, b.plant_code, coalesce(b.plant_zh, b.plant_en) as plant,
       b.monitor_code as point, coalesce(b.monitor_zh, b.monitor_en) as point_name,
       b.parameter_code, coalesce(b.parameter_zh, b.parameter_en) as factor, b.period,
       b.opened, b.closed, b.worst_at, b.worst as value, b.bound as "limit", b.unit,
       round(b.multiple::numeric, 2) as multiple,
       b.count, b.count_30_days, b.standard, b.clause, b.plan_code, b.plan_version, b.commitment_code, b.agency_code,
       b.line_code,
       b.reason as finding,
       h.sent_to, h.read_at, h.cause as reason, h.explanation as handled, h.evidence, h.verified_by,
       h.closed_at as archived,
       h.steps,
       case when b.withdrawn is not null then 'withdrawn'
            when h.closed_at is not null then 'archived'
            when h.verified_by is not null then 'verified'
            when h.cause is not null or h.explanation is not null then 'answered'
            when h.read_at is not null then 'read'
            when h.sent_to is not null then 'sent'
            else 'new' end as stage,
       b.withdrawn, b.withdrawn_why
  from abate.breach_report b
  join abate.severity s on s.severity = b.severity
  left join lateral (
       select (array_agg(n.sent_to order by n.handling_id desc) filter (where n.sent_to is not null))[1] as sent_to,
              (array_agg(n.read_at order by n.handling_id desc) filter (where n.read_at is not null))[1] as read_at,
              (array_agg(n.cause order by n.handling_id desc) filter (where n.cause is not null))[1] as cause,
              (array_agg(n.explanation order by n.handling_id desc) filter (where n.explanation is not null))[1] as explanation,
              (array_agg(n.evidence order by n.handling_id desc) filter (where n.evidence is not null))[1] as evidence,
              (array_agg(n.verified_by order by n.handling_id desc) filter (where n.verified_by is not null))[1] as verified_by,
              (array_agg(n.closed_at order by n.handling_id desc) filter (where n.closed_at is not null))[1] as closed_at,
              count(*) as steps
         from abate.handling n
        where n.breach_id = b.breach_id) h on true;
comment on view abate.breach_ledger is
    'The work orders: each breach with what was exceeded, and the latest word of table handling on what was done about it.';
comment on column abate.breach_ledger.number is 'breach_id: the number of the order.';
comment on column abate.breach_ledger.multiple is 'value / limit - 1, to two places.';
comment on column abate.breach_ledger.finding is 'What the judge says, where value and limit do not say it all.';
comment on column abate.breach_ledger.reason is 'works, treatment, instrument, stopped, false, other (handling.cause).';
comment on column abate.breach_ledger.handled is 'What was done, in words (handling.explanation).';
comment on column abate.breach_ledger.steps is 'Rows of handling.';
comment on column abate.breach_ledger.stage is 'new, sent, read, answered, verified, archived; or withdrawn.';

create or replace view abate.plant_card as
select p.plant_id, p.plant_code, p.name_zh, p.name_en, p.region_code, r.name_zh as region_zh, r.name_en as region_en,
       p.sector_code, s.name_zh as sector_zh, s.name_en as sector_en, p.size_class, p.is_in_built_up_area, p.park_code,
       p.disposition, p.start_due, p.finish_due, c.since as closed_since, c.lines_retired,
       m.monitors, m.must_report, m.newest as last_message, b.open_breaches, b.worst_open, b.breaches_30_days,
       b.worst_30_days
  from abate.plant p
  join abate.region r on r.region_code = p.region_code
  left join abate.sector s on s.sector_code = p.sector_code
 cross join lateral (
       select min(c.since) filter (where c.plant_id is not null) as since, count(c.line_id) as lines_retired
         from abate.closure c
        where c.ended is null
          and (c.plant_id = p.plant_id or c.line_id in (select l.line_id from abate.line l where l.plant_id = p.plant_id))) c
 cross join lateral (
       select count(distinct m.monitor_id) as monitors,
              count(distinct m.monitor_id) filter (where m.must_report_from is not null and m.must_report_to is null) as must_report,
              max(n.at) as newest
         from abate.monitor m
         left join abate.feed f on f.monitor_id = m.monitor_id
         left join lateral (select t.at from abate.sample t where t.feed_id = f.feed_id order by t.at desc limit 1) n on true
        where m.plant_id = p.plant_id) m
 cross join lateral (
       select count(*) filter (where b.closed is null) as open_breaches,
              (array_agg(b.severity order by v.rank desc) filter (where b.closed is null))[1] as worst_open,
              count(*) filter (where b.opened > m.newest - interval '30 days') as breaches_30_days,
              (array_agg(b.severity order by v.rank desc) filter (where b.opened > m.newest - interval '30 days'))[1]
                  as worst_30_days
         from abate.breach b
         join abate.severity v on v.severity = b.severity
        where b.plant_id = p.plant_id and b.withdrawn is null
          and (b.closed is null or b.opened > m.newest - interval '30 days')) b;
comment on view abate.plant_card is 'One row a plant: what it is, what the plan has in store for it, and how it stands.';
comment on column abate.plant_card.closed_since is 'Since when the whole plant is closed; null: it is not.';
comment on column abate.plant_card.lines_retired is 'How many of its lines are closed.';
comment on column abate.plant_card.must_report is 'How many of its monitors have to report.';
comment on column abate.plant_card.last_message is 'The newest instant any of its monitors has sent.';
comment on column abate.plant_card.worst_open is 'The gravest of its open breaches.';
comment on column abate.plant_card.breaches_30_days is 'Breaches begun in the 30 days before its last message.';
