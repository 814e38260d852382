-- What the demo found, for a person.

\echo
\echo 'Stored'
select p.plant_code, p.name_en as plant, count(distinct m.monitor_id) as monitors, sum(s.messages) as messages,
       sum(s.readings) as readings, min(s.first at time zone m.utc_offset)::date as first,
       max(s.last at time zone m.utc_offset)::date as last
  from (select feed_id, count(*) as messages, sum(cardinality(array_remove(value, null))) as readings,
               min(at) as first, max(at) as last
          from abate.sample
         group by feed_id) s
  join abate.feed f using (feed_id)
  join abate.monitor m using (monitor_id)
  join abate.plant p using (plant_id)
 group by p.plant_code, p.name_en
 order by messages desc;

\echo 'Rejected, and why'
select reason, sum(times) as times, min(topic) as topic,
       left(encode((array_agg(payload order by reject_id))[1], 'escape'), 60) as payload
  from abate.rejected_message
 group by reason
 order by times desc
 limit 10;

\echo 'Said again with another value: the first is kept, both can be seen'
select m.monitor_code, r.at, x.parameter_code, r.kept_value, r.value as later_value
  from abate.revision r
  join abate.feed f using (feed_id)
  join abate.monitor m using (monitor_id)
  join abate.series x on x.feed_id = r.feed_id and x.slot = r.slot
 order by r.revision_id
 limit 10;

\echo 'Breaches by limit: of values as they came (minute), or of means (hour, day). Beside: readings past the bound in no breach,'
\echo 'as they did not last, as later ones had been judged before they came, or as the mean was not valid; they are stored'
select h.plant_code, h.parameter_en as parameter, h.period, h.bound, h.unit, sum(h.breaches) as breaches,
       sum(h.readings) as readings, sum(p.past - h.readings) as beside
  from (select plant_code, parameter_en, period, side, bound, unit, feed_id, parameter_code, limit_id,
               count(*) as breaches, sum(count) as readings
          from abate.breach_report
         where rule in ('early', 'hour', 'day') and withdrawn is null
         group by plant_code, parameter_en, period, side, bound, unit, feed_id, parameter_code, limit_id) h
 cross join lateral (select count(*) as past
                       from abate.reading r
                      where r.feed_id = h.feed_id and r.parameter_code = h.parameter_code and r.is_valid
                        and case h.side when 'above' then r.value > h.bound else r.value < h.bound end) p
 group by h.plant_code, parameter, h.period, h.side, h.bound, h.unit
 order by h.plant_code, parameter, h.bound;

\echo 'The worst breach of each limit'
select plant_code, monitor_en as monitor, parameter_en as parameter, opened, count as readings, worst, bound, unit,
       round(multiple::numeric, 2) as multiple
  from (select *, row_number() over (partition by limit_id
                                     order by greatest(worst - bound, bound - worst) desc, opened) as place
          from abate.breach_report
         where limit_id is not null and withdrawn is null) b
 where place = 1
 order by multiple desc nulls last;

\echo 'Whose limit that is'
select distinct plant_code, parameter_en as parameter, bound, unit, standard, clause, source,
       coalesce(confirmed_by, 'nobody yet') as confirmed_by
  from abate.breach_report
 where rule in ('early', 'hour', 'day')
 order by plant_code, parameter, bound;

-- The rows of one breach: the longest over the highest NOx threshold, and the readings about it.
select limit_id, series_id, breach_id, feed_id, parameter_code, monitor_code, bound, opened, coalesce(closed, last_at) as ended
  from abate.breach_report
 where parameter_code = 'a21002' and rule in ('early', 'hour') and withdrawn is null
 order by bound desc, count desc, opened
 limit 1
\gset
\if :{?breach_id}
\echo The readings of one of them: :monitor_code, :parameter_code over :bound
select at, value, unit, case when value > :bound then '*' else '' end as over, journal_id, position
  from abate.reading
 where feed_id = :feed_id and parameter_code = :'parameter_code'
   and at between timestamptz :'opened' - 2 * interval '1 minute' * (select case period when 'hour' then 60 else 1 end from abate.feed where feed_id = :feed_id)
              and timestamptz :'ended' + interval '1 minute' * (select case period when 'hour' then 60 else 1 end from abate.feed where feed_id = :feed_id)
 order by at
 limit 24;
\endif
