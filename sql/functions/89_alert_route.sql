-- Whom the alerts in work go to: routes, and the contacts they lead to.

set local role abate_owner;

create or replace function abate.routes_on_duty(at timestamptz) returns setof abate.route
language sql stable
begin atomic
    select r.*
      from abate.route r
     cross join lateral (select routes_on_duty.at at time zone 'UTC' + r.utc_offset as now) l
     cross join lateral (
           -- A watch past midnight belongs to the day it began on.
           select r.from_time > r.to_time and l.now::time < r.to_time as is_yesterday) n
     where routes_on_duty.at >= r.valid_from and routes_on_duty.at < r.valid_to
       and (r.weekdays is null
            or extract(isodow from l.now - case when n.is_yesterday then interval '1 day' else '0' end)::int = any (r.weekdays))
       and (r.from_time is null
            or case when r.from_time <= r.to_time then l.now::time >= r.from_time and l.now::time < r.to_time
                    else l.now::time >= r.from_time or l.now::time < r.to_time end);
end;
comment on function abate.routes_on_duty is 'The routes whose dates, weekdays and times of day an instant fits.';

create or replace function abate.route_alerts(at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table alert_routed on commit drop as
    with duty as materialized (select r.* from abate.routes_on_duty(route_alerts.at) r),
    fitting as (
        select w.alert_id, r.route_id, r.hears, r.contact_id, r.is_last, r.ordinal,
               min(r.ordinal) filter (where r.stops) over (partition by w.alert_id, r.is_last) as stop
          from duty r
          join pg_temp.alert_in_work w
            on (r.kinds is null or w.kind = any (r.kinds))
           and (r.rules is null or w.rule = any (r.rules))
           and (r.severities is null or w.severity = any (r.severities))
           and (r.step is null or r.step = w.step)
           and (r.sector_code is null or r.sector_code = w.sector_code)
           and (r.plant_id is null or r.plant_id = w.plant_id)
           and (r.agency_code is null or r.agency_code = w.agency_code)
           and (r.region_code is null or exists (select from abate.region_within n
                                                  where n.region_code = w.region_code and n.within = r.region_code))
         where w.kind not in ('closed', 'withdrawn', 'test')
    )
    select f.alert_id, f.route_id, f.hears, f.contact_id from fitting f where f.ordinal <= coalesce(f.stop, f.ordinal);
    analyze pg_temp.alert_routed;
end
$$;
comment on function abate.route_alerts is
    'Step of abate.prepare_alerts(): pg_temp.alert_routed, the routes that each alert in work fits at an instant.';

create or replace function abate.lead_alerts() returns table (alert_id bigint, route_id int, contact_id int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select t.alert_id, t.route_id, n.contact_id
      from pg_temp.alert_routed t
      join pg_temp.alert_in_work w on w.alert_id = t.alert_id
      join abate.contact n on n.plant_id = w.plant_id
     where t.hears = 'plant'
     union all
    select t.alert_id, t.route_id, n.contact_id
      from pg_temp.alert_routed t
      join pg_temp.alert_in_work w on w.alert_id = t.alert_id
      join abate.region_within r on r.region_code = w.region_code
                                and case t.hears when 'city' then r.level = 'city' else r.level in ('district', 'county', 'zone') end
      join abate.agency g on g.region_code = r.within
      join abate.contact n on n.agency_code = g.agency_code and n.hears_region
     where t.hears in ('county', 'city')
     union all
    select t.alert_id, t.route_id, n.contact_id
      from pg_temp.alert_routed t
      join pg_temp.alert_in_work w on w.alert_id = t.alert_id
      left join abate.commitment_agency c on w.agency_code is null and c.commitment_id = w.commitment_id
                                         and c.role in ('lead', 'responsible')
      join abate.contact n on n.agency_code = coalesce(w.agency_code, c.agency_code)
     where t.hears = 'agency'
     union all
    select t.alert_id, t.route_id, n.contact_id
      from pg_temp.alert_routed t
      join abate.contact n on n.plant_id is null and n.agency_code is null
     where t.hears = 'duty'
     union all
    select t.alert_id, t.route_id, t.contact_id from pg_temp.alert_routed t where t.hears in ('contact', 'channel');
end
$$;
comment on function abate.lead_alerts is
    'The contacts that the routes of the alerts in work lead to; of hears "channel" none, that is whoever is there.';

create or replace function abate.told_directly(alert_id bigint) returns text[]
language sql stable
begin atomic
    select case when a.kind = 'trouble_over' then t.told_over when a.kind = 'trouble_lasts' and t.trouble = 'end' then '{}'
                else t.told end
      from abate.alert a
      join abate.trouble t on t.trouble_id = a.trouble_id
     where a.alert_id = told_directly.alert_id;
end;
comment on function abate.told_directly is 'Whom the daemon itself has told of the trouble that an alert tells of, and reminds of it, unless it has ended: "CHANNEL RECIPIENT".';

create or replace function abate.reach_alerts() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    create temporary table alert_reached on commit drop as
    with addressed as (
        select l.alert_id, l.route_id, r.ordinal, r.is_last, r.template_code, a.channel_name, l.contact_id, a.address,
               coalesce(n.language, c.language) as language
          from abate.lead_alerts() l
          join abate.route r on r.route_id = l.route_id
          join abate.channel c on c.channel_name = r.channel_name and c.is_on
          left join abate.contact n on n.contact_id = l.contact_id
         cross join lateral (
               select v.channel_name, abate.address_of(n, v) as address
                 from abate.channel v
                where v.is_on and v.channel_name in (c.channel_name, c.fallback) and abate.address_of(n, v) is not null
                  and (v.medium in ('mail', 'sms') or v.channel_name = c.channel_name)
                order by v.channel_name = c.channel_name desc
                limit 1) a
         where n.contact_id is null and c.medium not in ('mail', 'sms') or n.is_active
    )
    select distinct on (a.alert_id, a.is_last, a.channel_name, a.address)
           a.alert_id, a.route_id, a.channel_name, a.template_code, a.contact_id, a.address as recipient, a.language, a.is_last,
           null::bigint as into_delivery
      from addressed a
     order by a.alert_id, a.is_last, a.channel_name, a.address, a.ordinal, a.route_id, a.contact_id;

    delete from pg_temp.alert_reached r
     where r.is_last and exists (select from pg_temp.alert_reached o where o.alert_id = r.alert_id and not o.is_last);
    delete from pg_temp.alert_reached r
     using pg_temp.alert_in_work w, abate.channel c
     where w.alert_id = r.alert_id and w.kind in ('trouble', 'trouble_lasts', 'trouble_over') and c.channel_name = r.channel_name
       and exists (select from unnest(abate.told_directly(w.alert_id)) t (whom)
                    where t.whom = r.channel_name || ' ' || r.recipient
                       or c.medium in ('robot', 'hook') and split_part(t.whom, ' ', 1) = r.channel_name);
    analyze pg_temp.alert_reached;
end
$$;
comment on function abate.reach_alerts is
    'Step of abate.prepare_alerts(): pg_temp.alert_reached, the recipients of the alerts in work, each once a channel. Who has no address for a route''s channel is reached by its fallback.';

create or replace function abate.reach_ends() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    truncate pg_temp.alert_reached;
    insert into pg_temp.alert_reached
    select distinct on (w.alert_id, d.channel_name, d.recipient)
           w.alert_id, null, d.channel_name, d.template_code, d.contact_id, d.recipient, d.language, false,
           case d.state when 'gathering' then d.delivery_id end
      from pg_temp.alert_in_work w
     cross join lateral (select o.alert_id from abate.alert o where o.breach_id = w.breach_id offset 0) o
      join abate.delivery_alert l on l.alert_id = o.alert_id
      join abate.delivery d on d.delivery_id = l.delivery_id and d.state not in ('failed', 'expired')
      left join abate.contact n on n.contact_id = d.contact_id
     where w.kind in ('closed', 'withdrawn') and n.is_active is distinct from false
       and (w.kind = 'withdrawn' or (abate.policy_of(w.severity, w.rule)).tells_end is distinct from false)
     order by w.alert_id, d.channel_name, d.recipient, d.state = 'gathering' desc, d.delivery_id desc;
    analyze pg_temp.alert_reached;
end
$$;
comment on function abate.reach_ends is
    'Step of abate.prepare_alerts(): pg_temp.alert_reached is who was told, or is about to be, of the breaches whose end is in work.';
