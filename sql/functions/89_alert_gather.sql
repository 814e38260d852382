-- Alerts become messages: gathered by recipient and plant, folded into one where a recipient has had enough.

set local role abate_owner;

create or replace function abate.gather_alerts(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    late constant interval := abate.threshold('alert_late', null, at) * interval '1 hour';
    linked int;
begin
    with chosen as materialized (
        select r.alert_id, r.route_id, r.channel_name, r.template_code, r.contact_id, r.recipient, r.language, r.into_delivery,
               w.about, w.plant_id, s.rank,
               w.breach_id is not null and (gather_alerts.at - w.made > late or (w.is_over and gather_alerts.at - w.at > late))
                   as is_late
          from pg_temp.alert_reached r
          join pg_temp.alert_in_work w on w.alert_id = r.alert_id
          join abate.severity s on s.severity = w.severity
    ),
    -- What the recipients' messages would be, the gravest first; and those that are still open for more.
    heap as (
        select c.channel_name, c.recipient, c.language, c.template_code, c.about, max(c.plant_id) as plant_id,
               max(c.contact_id) as contact_id, max(c.rank) as rank, min(c.alert_id) as eldest
          from chosen c
         where not c.is_late and c.into_delivery is null
         group by c.channel_name, c.recipient, c.language, c.template_code, c.about
    ),
    standing as (
        select h.*, w.group_wait, w.group_interval, w.most_each, w.each_span, o.delivery_id,
               (select max(d.begun) from abate.delivery d
                 where d.channel_name = h.channel_name and d.recipient = h.recipient and d.about = h.about
                   and d.begun > gather_alerts.at - w.group_interval and d.begun <= gather_alerts.at) as last_begun,
               (select count(*) from abate.delivery d
                 where d.channel_name = h.channel_name and d.recipient = h.recipient and d.about <> 'digest'
                   and d.begun > gather_alerts.at - w.each_span and d.begun <= gather_alerts.at) as used
          from heap h
          join abate.channel w on w.channel_name = h.channel_name
          left join lateral (select d.delivery_id from abate.delivery d
                              where d.state = 'gathering' and d.channel_name = h.channel_name and d.recipient = h.recipient
                                and d.language = h.language and d.template_code = h.template_code and d.about = h.about
                              order by d.delivery_id desc limit 1) o on true
    ),
    weighed as materialized (
        select s.*, s.delivery_id is null
                    and row_number() over (partition by s.channel_name, s.recipient, s.delivery_id is null
                                           order by s.rank desc, s.eldest) + s.used > s.most_each as is_beyond
          from standing s
    ),
    placed as materialized (
        select c.alert_id, c.route_id, c.channel_name, c.recipient, c.language, c.template_code, c.contact_id,
               coalesce(w.is_beyond, c.is_late) as is_folded,
               case when coalesce(w.is_beyond, c.is_late) then 'digest' else c.about end as about,
               coalesce(c.into_delivery, w.delivery_id) as delivery_id
          from chosen c
          left join weighed w
            on not c.is_late and c.into_delivery is null and w.channel_name = c.channel_name and w.recipient = c.recipient
           and w.language = c.language and w.template_code = c.template_code and w.about = c.about
    ),
    digest as (
        select p.channel_name, p.recipient, p.language, p.template_code, max(p.contact_id) as contact_id
          from placed p
         where p.is_folded and p.delivery_id is null
         group by p.channel_name, p.recipient, p.language, p.template_code
    ),
    digest_standing as materialized (
        select g.*, w.group_wait, w.each_span, o.delivery_id,
               (select max(d.begun) from abate.delivery d
                 where d.channel_name = g.channel_name and d.recipient = g.recipient and d.about = 'digest'
                   and d.begun > gather_alerts.at - w.each_span and d.begun <= gather_alerts.at) as last_begun
          from digest g
          join abate.channel w on w.channel_name = g.channel_name
          left join lateral (select d.delivery_id from abate.delivery d
                              where d.state = 'gathering' and d.channel_name = g.channel_name and d.recipient = g.recipient
                                and d.language = g.language and d.template_code = g.template_code and d.about = 'digest'
                              order by d.delivery_id desc limit 1) o on true
    ),
    made as (
        insert into abate.delivery (channel_name, contact_id, recipient, language, template_code, about, plant_id, state, begun, due)
        select w.channel_name, w.contact_id, w.recipient, w.language, w.template_code, w.about, w.plant_id, 'gathering',
               gather_alerts.at,
               greatest(gather_alerts.at + case when w.last_begun is null then w.group_wait else '0' end,
                        w.last_begun + w.group_interval)
          from weighed w
         where w.delivery_id is null and not coalesce(w.is_beyond, false)
         union all
        select g.channel_name, g.contact_id, g.recipient, g.language, g.template_code, 'digest', null, 'gathering',
               gather_alerts.at, greatest(gather_alerts.at + g.group_wait, g.last_begun + g.each_span)
          from digest_standing g
         where g.delivery_id is null
        returning delivery.*
    ),
    link as (
        insert into abate.delivery_alert (delivery_id, alert_id, route_id, is_folded)
        select coalesce(p.delivery_id, g.delivery_id, m.delivery_id), p.alert_id, p.route_id, p.is_folded
          from placed p
          left join digest_standing g
            on p.is_folded and g.channel_name = p.channel_name and g.recipient = p.recipient and g.language = p.language
           and g.template_code = p.template_code
          left join made m
            on m.channel_name = p.channel_name and m.recipient = p.recipient and m.language = p.language
           and m.template_code = p.template_code and m.about = p.about
        on conflict (delivery_id, alert_id) do nothing
        returning 1
    )
    select count(*) into linked from link;
    return linked;
end
$$;
comment on function abate.gather_alerts is
    'Step of abate.prepare_alerts(): puts what is in pg_temp.alert_reached into messages, those there are or new ones. Beyond what a recipient is to get (channel.most_each), and what is late, goes into one message for all plants.';
