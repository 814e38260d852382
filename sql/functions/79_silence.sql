-- Monitors that must report, and do not.

set local role abate_owner;

create or replace function abate.excused_since(excused abate.monitor, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select min(e.since)
      from (select s.begins as since
              from abate.stoppage s
             where (s.monitor_id = excused.monitor_id or s.plant_id = excused.plant_id) and s.begins <= at
                 and s.ends > at
             union all
            select c.since
              from abate.closure_monitor c
             where c.monitor_id = excused.monitor_id and c.since <= at and (c.ended is null or c.ended > at)
             union all
            select d.since
              from (select abate.day_begins(excused.must_report_to, excused.utc_offset) as since) d
             where d.since <= at) e;
end;
comment on function abate.excused_since is
    'Since when a monitor has not to report at an instant: stopped or out of order, closed, or not bound to any more; null: it has to.';

create or replace function abate.bound_since(bound abate.monitor, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select greatest(abate.day_begins(bound.must_report_from, bound.utc_offset),
                    (select max(s.ends) from abate.stoppage s
                      where (s.monitor_id = bound.monitor_id or s.plant_id = bound.plant_id) and s.ends <= at),
                    (select max(c.ended) from abate.closure_monitor c
                      where c.monitor_id = bound.monitor_id and c.ended <= at));
end;
comment on function abate.bound_since is 'Since when a monitor has had to report: its first day, or the end of the last stop or closure.';

create or replace function abate.spoke_last(monitor_id int, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select max(n.at)
      from abate.feed f
     cross join lateral (select s.at from abate.sample s
                          where s.feed_id = f.feed_id and s.at <= spoke_last.at
                          order by s.at desc
                          limit 1) n
     where f.monitor_id = spoke_last.monitor_id;
end;
comment on function abate.spoke_last is 'The newest instant a monitor has sent, up to one.';

create or replace function abate.spoke_next(monitor_id int, since timestamptz, at timestamptz) returns timestamptz
language sql stable
begin atomic
    select min(n.at)
      from abate.feed f
     cross join lateral (select s.at from abate.sample s
                          where s.feed_id = f.feed_id and s.at > since and s.at <= spoke_next.at
                          order by s.at
                          limit 1) n
     where f.monitor_id = spoke_next.monitor_id;
end;
comment on function abate.spoke_next is 'The first instant a monitor has sent after one, up to another.';

create or replace function abate.end_silence(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    ended int;
begin
    with silent as materialized (
        select b.breach_id, b.opened, abate.spoke_next(b.monitor_id, b.opened, end_silence.at) as spoke,
               abate.excused_since(m, end_silence.at) as excused,
               abate.threshold('silent_after', m.medium, end_silence.at) * interval '1 minute' as most
          from abate.breach b
          join abate.monitor m on m.monitor_id = b.monitor_id
         where b.rule = 'silence' and b.closed is null and b.withdrawn is null and b.opened <= end_silence.at
    ),
    told as (
        update abate.breach b
           set closed = greatest(s.opened, least(s.spoke, s.excused)),
               last_at = greatest(s.opened, least(s.spoke, s.excused)),
               withdrawn = case when s.spoke <= s.opened + s.most then clock_timestamp() end,
               withdrawn_why = case when s.spoke <= s.opened + s.most
                   then 'late samples: it was not silent for so long' end
          from silent s
         where b.breach_id = s.breach_id and (s.spoke is not null or s.excused is not null)
        returning 1
    )
    select count(*) into ended from told;

    -- How long it has lasted, as far as anybody needs to know it.
    update abate.breach b
       set last_at = end_silence.at
     where b.rule = 'silence' and b.closed is null and b.withdrawn is null
       and b.last_at <= end_silence.at - interval '1 hour';
    return ended;
end
$$;
comment on function abate.end_silence is
    'Step of abate.judge_silence(): closes silences of monitors that have spoken since or need not; withdraws those that late samples fill.';

create or replace function abate.begin_silence(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    begun int;
begin
    with silent as materialized ( -- most have just spoken: one look into the newest samples tells
        select m as monitor, t.most
          from abate.monitor m
         cross join lateral (select abate.threshold('silent_after', m.medium, begin_silence.at) * interval '1 minute' as most) t
         where m.must_report_from <= abate.day_of(begin_silence.at, m.utc_offset)
           and not exists (select
                             from abate.feed f
                             join abate.sample s on s.feed_id = f.feed_id
                            where f.monitor_id = m.monitor_id
                              and s.at >= begin_silence.at - t.most and s.at <= begin_silence.at)
           and not exists (select from abate.breach b
                            where b.rule = 'silence' and b.monitor_id = m.monitor_id and b.opened <= begin_silence.at
                              and b.closed is null and b.withdrawn is null)
    ),
    since as materialized (
        select s.monitor, s.most, greatest(abate.spoke_last((s.monitor).monitor_id, begin_silence.at),
                                           abate.bound_since(s.monitor, begin_silence.at)) as opened
          from silent s
         where abate.excused_since(s.monitor, begin_silence.at) is null
    ),
    made as (
        insert into abate.breach (rule, plant_id, monitor_id, line_id, opened, last_at, count, reason)
        select 'silence', (s.monitor).plant_id, (s.monitor).monitor_id, (s.monitor).line_id, s.opened,
               begin_silence.at, 1,
               format('no message since %s; after %s one is due',
                      to_char(s.opened at time zone 'UTC' + (s.monitor).utc_offset, 'YYYY-MM-DD HH24:MI'), s.most)
          from since s
         where s.opened < begin_silence.at - s.most
           and not exists (select from abate.breach b
                            where b.rule = 'silence' and b.monitor_id = (s.monitor).monitor_id and b.opened = s.opened)
        returning 1
    )
    select count(*) into begun from made;
    return begun;
end
$$;
comment on function abate.begin_silence is
    'Step of abate.judge_silence(): opens a breach for each monitor that has to report and was silent for too long (threshold silent_after).';

create or replace function abate.judge_silence(at timestamptz, out opened int, out closed int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
begin
    closed := abate.end_silence(at);
    opened := abate.begin_silence(at);
end
$$;
comment on function abate.judge_silence is
    'Step of abate.judge(): monitors with must_report_from that are silent at an instant. Returns how many silences began and how many ended.';
