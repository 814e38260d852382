-- What becomes of the alerts that have been taken up: told late or not at all because they are over, silenced, inhibited.
--
-- The alerts in work are in a temporary table that is analyzed: of a storm the planner would know nothing otherwise.

set local role abate_owner;

create or replace function abate.take_alerts(at timestamptz, most int) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    taken int;
begin
    update abate.alert a
       set prepared = take_alerts.at
     where a.alert_id in (select n.alert_id from abate.alert n where n.outcome is null order by n.alert_id limit most);
    get diagnostics taken = row_count;
    if taken = 0 then
        return 0;
    end if;

    create temporary table alert_in_work on commit drop as
    with picked as materialized (
        select a.* from abate.alert a where a.outcome is null and a.prepared is not null
    )
    select a.alert_id, a.kind, a.severity, a.rule, a.breach_id, a.plant_id, a.monitor_id, a.agency_code, a.at, a.step, a.made,
           p.region_code, p.sector_code, x.parameter_code, b.commitment_id, b.opened, b.last_at,
           b.closed is not null or b.withdrawn is not null or n.over_since is not null as is_over,
           b.withdrawn is not null as is_withdrawn,
           coalesce(n.over_since, abate.knowable(a.rule, coalesce(b.closed, b.opened))) as over_since,
           abate.alert_about(a.kind, a.plant_id, a.agency_code, a.breach_id) as about
      from picked a
      left join lateral (select n.* from abate.breach n where n.breach_id = a.breach_id offset 0) b on true
     cross join lateral (
           select case a.kind when 'trouble' then (select t.ended from abate.trouble t where t.trouble_id = a.trouble_id)
                              when 'trouble_lasts' then (select t.ended from abate.trouble t where t.trouble_id = a.trouble_id)
                              when 'silence_begun' then (select s.ends from abate.silence s
                                                          where s.silence_id = a.silence_id and s.ends <= take_alerts.at)
                              when 'trouble_over' then a.at when 'silence_over' then a.at when 'stoppage_over' then a.at
                              end as over_since) n
      left join abate.plant p on p.plant_id = a.plant_id
     cross join lateral (
           select coalesce((select s.parameter_code from abate.series s where s.series_id = b.series_id),
                           (select l.parameter_code from abate.emission_limit l where l.limit_id = b.limit_id)) as parameter_code) x;
    analyze pg_temp.alert_in_work;
    create temporary table alert_taken on commit drop as
    select w.alert_id, w.breach_id, w.kind from pg_temp.alert_in_work w;
    analyze pg_temp.alert_taken;
    return taken;
end
$$;
comment on function abate.take_alerts is
    'Step of abate.prepare_alerts(): pg_temp.alert_in_work, the eldest alerts that nothing has become of yet, with what routes and silences go by; and pg_temp.alert_taken, of which none goes away. Returns how many.';

create or replace function abate.weigh_alerts(at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    expires   constant interval := abate.threshold('alert_expires', null, at) * interval '1 hour';
    way_lasts constant interval := abate.threshold('way_heard', null, at) * interval '1 hour';
begin
    with silenced as (
        select w.alert_id, min(s.silence_id) as silence_id
          from abate.silence s
          join pg_temp.alert_in_work w
            on (s.plant_id is null or s.plant_id = w.plant_id)
           and (s.monitor_id is null or s.monitor_id = w.monitor_id)
           and (s.parameter_code is null or s.parameter_code = w.parameter_code)
           and (s.rule is null or s.rule = w.rule)
           and (s.region_code is null or exists (select from abate.region_within r
                                                  where r.region_code = w.region_code and r.within = s.region_code))
         where s.begins <= weigh_alerts.at and s.ends > weigh_alerts.at and w.breach_id is not null
         group by w.alert_id
    ),
    stopped as ( -- what was measured or missed while a stop was reported, also if it is found out later
        select c.alert_id, min(c.stoppage_id) as stoppage_id
          from (select w.*, s.stoppage_id, s.kind as stop, s.begins, s.ends
                  from pg_temp.alert_in_work w join abate.stoppage s on s.monitor_id = w.monitor_id
                 union all
                select w.*, s.stoppage_id, s.kind, s.begins, s.ends
                  from pg_temp.alert_in_work w join abate.stoppage s on s.plant_id = w.plant_id) c
          join abate.stoppage_silence q on q.kind = c.stop and c.rule = any (q.rules)
         where c.begins <= weigh_alerts.at and c.ends > weigh_alerts.at
            or (c.begins <= c.opened or c.begins < abate.knowable(c.rule, c.opened)) and c.ends > c.last_at
         group by c.alert_id
    ),
    troubled as materialized (
        select t.trouble_id, t.trouble, t.instance, i.by_trouble, i.rules, i.scope,
               'trouble ' || t.trouble_id || ': ' || t.trouble as why
          from abate.inhibition i
          join abate.trouble t on i.by_trouble in (t.trouble, split_part(t.trouble, ' ', 1))
                              and (t.ended is null or t.ended > weigh_alerts.at - i.lingers)
    ),
    way as materialized ( -- by which those monitors are heard of whom it matters
        select h.monitor_id, p.instance, h.broker, max(h.heard) as heard
          from (select w.monitor_id, w.journal_id, w.broker, w.heard from abate.monitor_way w
                 union all
                select f.monitor_id, t.journal_id, t.broker, t.hour
                  from abate.touched_hour t join abate.feed f on f.feed_id = t.feed_id
                 where t.broker is not null) h
          join abate.journal_position p on p.journal_id = h.journal_id
         where exists (select from troubled t where t.scope = 'way')
           and h.monitor_id in (select w.monitor_id from pg_temp.alert_in_work w
                                 where w.rule in (select unnest(t.rules) from troubled t where t.scope = 'way'))
         group by h.monitor_id, p.instance, h.broker
    ),
    cause as materialized ( -- what is open, and explains others
        select i.rules, i.scope, b.breach_id, b.monitor_id, b.plant_id, 'breach ' || b.breach_id as why
          from abate.inhibition i
          join abate.breach b on b.rule = i.by_rule and b.closed is null and b.withdrawn is null
         union all
        select t.rules, 'all', null, null, null, t.why from troubled t where t.scope = 'all'
    ),
    inhibited as (
        select w.alert_id, min(c.why) as why
          from pg_temp.alert_in_work w
          join cause c on c.scope = 'monitor' and c.monitor_id = w.monitor_id and w.rule = any (c.rules)
                      and c.breach_id is distinct from w.breach_id
         group by w.alert_id
         union all
        select w.alert_id, min(c.why)
          from pg_temp.alert_in_work w
          join cause c on c.scope = 'plant' and c.plant_id = w.plant_id and w.rule = any (c.rules)
                      and c.breach_id is distinct from w.breach_id
         group by w.alert_id
         union all
        select w.alert_id, min(c.why)
          from (select n.why, r.rule, n.breach_id from cause n cross join lateral unnest(n.rules) r (rule) where n.scope = 'all') c
          join pg_temp.alert_in_work w on w.rule = c.rule and c.breach_id is distinct from w.breach_id
         group by w.alert_id
         union all
        select w.alert_id, string_agg(distinct t.why, ', ')
          from pg_temp.alert_in_work w
          join (select v.*, max(v.heard) over (partition by v.monitor_id) as heard_last from way v) v
            on v.monitor_id = w.monitor_id and v.heard >= v.heard_last - way_lasts
          left join troubled t on t.scope = 'way' and t.instance = v.instance and w.rule = any (t.rules)
                              and t.trouble in (t.by_trouble, t.by_trouble || ' ' || v.broker)
         group by w.alert_id
        having count(*) = count(t.trouble_id)
    ),
    explained as (
        select n.alert_id, string_agg(n.why, ', ' order by n.why) as why from inhibited n group by n.alert_id
    ),
    weighed as (
        select w.alert_id, w.over_since, i.why, w.is_withdrawn,
               coalesce('silence ' || s.silence_id, 'stoppage ' || p.stoppage_id) as quiet,
               w.is_withdrawn or w.is_over and (w.kind in ('reminder', 'escalation', 'trouble', 'trouble_lasts', 'silence_begun')
                                                or weigh_alerts.at - w.over_since > expires) as is_expired
          from pg_temp.alert_in_work w
          left join silenced s on s.alert_id = w.alert_id
          left join stopped p on p.alert_id = w.alert_id
          left join explained i on i.alert_id = w.alert_id
         where w.kind not in ('closed', 'withdrawn', 'test')
    )
    update abate.alert a
       set outcome = case when w.is_expired then 'expired' when w.quiet is not null then 'silenced' else 'inhibited' end,
           outcome_why = case when w.is_withdrawn then 'withdrawn before it could be told'
                              when w.is_expired then 'over since ' || to_char(w.over_since at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"')
                              when w.quiet is not null then w.quiet
                              else w.why end
      from weighed w
     where a.alert_id = w.alert_id and (w.is_expired or w.quiet is not null or w.why is not null);

    delete from pg_temp.alert_in_work w
     using abate.alert a
     where a.alert_id = w.alert_id and a.outcome is not null;
end
$$;
comment on function abate.weigh_alerts is
    'Step of abate.prepare_alerts(): alerts that are not told, and why: over before, silenced, inhibited; they are out of work. The end of a breach is told to whoever was told of it, silence or no silence.';
