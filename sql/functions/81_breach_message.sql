-- From a breach back to the messages behind it.

set local role abate_owner;

create or replace function abate.breach_span(breach_id bigint)
    returns table (series_id int, since timestamptz, until timestamptz)
language sql stable
begin atomic
    with judged as (
        select b.*, l.parameter_code, l.reference_oxygen
          from abate.breach b
          left join abate.emission_limit l on l.limit_id = b.limit_id
         where b.breach_id = breach_span.breach_id
    ),
    past as (
        select j.monitor_id, j.parameter_code, j.reference_oxygen, e.at, e.series_id,
               case j.rule when 'hour' then interval '1 hour' else interval '1 day' end as length, j.rule
          from judged j
          join abate.exceedance e on e.limit_id = j.limit_id and e.monitor_id = j.monitor_id
                                 and e.at between j.opened and j.last_at
         where j.rule in ('hour', 'day') and (e.withdrawn is null or j.withdrawn is not null)
    ),
    -- The hours that a mean was made of: its own or those of its day; the oxygen and the flow that came into it.
    made as (
        select h.series_id, h.at
          from past p
          join abate.mean_series x on x.series_id = p.series_id
          join abate.official_hour h on h.monitor_id = p.monitor_id and h.at >= p.at and h.at < p.at + p.length
         where (h.parameter_code = p.parameter_code and p.rule = 'day' and x.period <> 'day')
            or (h.parameter_code = 'a19001' and p.reference_oxygen is not null and x.period <> 'day')
            or (h.parameter_code = 'w00000' and p.rule = 'day' and x.period <> 'day'
                and exists (select from abate.daily d
                              join abate.monitor m on m.monitor_id = p.monitor_id
                             where d.series_id = p.series_id and d.day = abate.day_of(p.at, m.utc_offset) and d.is_weighted))
    )
    select j.series_id, j.opened, coalesce(j.closed, j.last_at) + interval '1 microsecond'
      from judged j
     where j.rule in ('early', 'activity')
     union
    select p.series_id, p.at, p.at + p.length
      from past p
      join abate.mean_series x on x.series_id = p.series_id
     where p.rule = 'hour' or x.period = 'day'
     union
    select m.series_id, m.at, m.at + interval '1 hour' from made m
     union
    select x.series_id, j.opened, j.opened + interval '1 hour'
      from judged j
      join abate.mean_series o on o.series_id = j.series_id
      join abate.mean_series x on x.monitor_id = o.monitor_id and x.parameter_code = o.parameter_code and x.period <> 'day'
     where j.rule = 'difference'
     union
    select x.series_id, n.at, n.at + interval '1 microsecond'
      from judged j
      join abate.mean_series x on x.monitor_id = j.monitor_id
     cross join lateral (values (abate.spoke_last(j.monitor_id, j.opened)),
                                (abate.spoke_next(j.monitor_id, j.opened, 'infinity'))) n (at)
     where j.rule = 'silence' and n.at is not null;
end;
comment on function abate.breach_span is
    'Which series, from when until before when, a breach rests on: of single values the episode and what ended it; of means the hours they are made of, with the oxygen and flow that came into them; of a difference both sides; of a silence the last message before and the first after it; of a commitment none.';

create or replace function abate.breach_message(breach_id bigint)
    returns table (journal uuid, "position" bigint, region_code text, plant_code text, monitor_code text, utc_offset interval,
                   feed_id int, period text, at timestamptz, series_id int, slot smallint, name text, unit text,
                   value float8, mark text, stored float8, stored_mark text)
language sql stable
begin atomic
    with reading as (
        select x.feed_id, f.monitor_id, f.period, x.series_id, x.slot, x.unit, s.at, s.journal_id, s.position,
               x.parameter_code || case x.statistic when 'value' then '' else '-' || x.statistic end as name,
               s.value[x.slot] as value, abate.mark_of(s.mark, x.slot) as mark,
               q.journal_id as part_journal_id, q.position as part_position
          from abate.breach_span(breach_message.breach_id) w
          join abate.series x on x.series_id = w.series_id
          join abate.feed f on f.feed_id = x.feed_id
         cross join lateral (select n.* from abate.sample n
                              where n.feed_id = x.feed_id and n.at >= w.since and n.at < w.until offset 0) s
          left join lateral (select n.journal_id, n.position
                               from abate.sample_part n
                              where n.feed_id = x.feed_id and n.at = s.at and x.slot = any (n.slot)
                              order by n.journal_id desc, n.position desc limit 1) q on true
         where s.value[x.slot] is not null or abate.mark_of(s.mark, x.slot) <> 'N'
    ),
    said as (
        select r.feed_id, r.monitor_id, r.period, r.series_id, r.slot, r.unit, r.at, coalesce(r.part_journal_id, r.journal_id) as journal_id,
               coalesce(r.part_position, r.position) as position, r.name, r.value, r.mark, r.value as stored, r.mark as stored_mark
          from reading r
         where not exists (select from abate.revision v
                            where v.feed_id = r.feed_id and v.at = r.at and v.slot = r.slot
                              and v.journal_id = r.journal_id and v.position = r.position)
         union all
        select r.feed_id, r.monitor_id, r.period, r.series_id, r.slot, r.unit, r.at,
               coalesce(case when is_first then r.part_journal_id end, v.journal_id),
               coalesce(case when is_first then r.part_position end, v.position), r.name, v.value, v.mark, r.value, r.mark
          from reading r
          join abate.revision v on v.feed_id = r.feed_id and v.at = r.at and v.slot = r.slot
         cross join lateral (select v.journal_id = r.journal_id and v.position = r.position as is_first) f
    )
    select distinct j.uuid, s.position, p.region_code, p.plant_code, m.monitor_code, m.utc_offset, s.feed_id, s.period, s.at,
           s.series_id, s.slot, s.name, s.unit, s.value, s.mark, s.stored, s.stored_mark
      from said s
      join abate.monitor m on m.monitor_id = s.monitor_id
      join abate.plant p on p.plant_id = m.plant_id
      left join abate.journal_position j on j.journal_id = s.journal_id
     order by 1, 2, s.at, s.feed_id, s.slot;
end;
comment on function abate.breach_message is
    'The readings a breach rests on, with the journal and position of the message that said each, also where an instant came in several (sample_part): what is stored, and what came later for the same instant and differed (revision). value and mark are what that message says, stored and stored_mark what counts now.';
