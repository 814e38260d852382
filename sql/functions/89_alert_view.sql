-- Alerts and deliveries as people ask for them.

set local role abate_owner;

create or replace view abate.alert_list as
select f.number, f.made, f.kind, f.severity, f.rule, f.plant_code, coalesce(f.plant_zh, f.plant_en) as plant,
       f.monitor_code, f.parameter_code, coalesce(f.parameter_zh, f.parameter_en) as parameter, f.period, f.value, f.unit,
       f.bound as "limit", round(f.multiple::numeric, 2) as multiple, f.count_30_days, f.opened, f.closed, f.agency_code,
       f.plan_code, f.commitment_code, f.standard, f.limit_clause as clause, f.reason, a.outcome, a.outcome_why,
       d.deliveries, d.sent, d.waiting, k.who as acknowledged_by, k.at as acknowledged, k.note,
       p.due as followed_up, f.breach_id, f.step,
       case when f.is_resolved or f.closed is not null or f.withdrawn is not null then 'resolved' else 'firing' end as status
  from abate.alert_fact f
  join abate.alert a on a.alert_id = f.alert_id
 cross join lateral (
       select count(*) as deliveries, count(*) filter (where v.state = 'sent') as sent,
              count(*) filter (where v.state in ('gathering', 'due', 'sending')) as waiting
         from abate.delivery_alert l
         join abate.delivery v on v.delivery_id = l.delivery_id
        where l.alert_id = f.alert_id) d
  left join lateral (
       select n.who, n.at, n.note from abate.acknowledgement n
        where n.alert_id = f.alert_id or n.breach_id = f.breach_id
        order by n.acknowledgement_id desc limit 1) k on true
  left join abate.pursuit p on p.breach_id = f.breach_id;
comment on view abate.alert_list is
    'Every alert: what it says, what became of it, to how many it was sent, and who sees to it.';
comment on column abate.alert_list.outcome is 'As in alert.outcome: why there is no delivery, if there is none. Null: not yet taken up.';
comment on column abate.alert_list.waiting is 'Deliveries that are still to be made.';
comment on column abate.alert_list.followed_up is 'When it is reminded of, or goes a step up; null: not any more.';

create or replace view abate.delivery_list as
select d.delivery_id, d.channel_name, d.recipient, n.name as contact, d.state, d.begun, d.due, d.next_try, d.tries, d.ended,
       d.last_answer, d.subject, d.alerts, d.folded, d.status, d.key, d.fallback_of,
       (select string_agg(a.number, ', ' order by a.alert_id)
          from (select a.number, a.alert_id
                  from abate.delivery_alert l
                  join abate.alert a on a.alert_id = l.alert_id
                 where l.delivery_id = d.delivery_id
                 order by a.alert_id limit 20) a) as numbers,
       coalesce(n.agency_code, p.plant_code) as of_whom
  from abate.delivery d
  left join abate.contact n on n.contact_id = d.contact_id
  left join abate.plant p on p.plant_id = n.plant_id;
comment on view abate.delivery_list is 'Every message: to whom, by which channel, about which alerts, and what became of it.';
comment on column abate.delivery_list.numbers is 'Of the first twenty alerts in it; all are in delivery_alert.';

create or replace view abate.breach_told as
select b.breach_id, a.number, a.kind, a.made, a.outcome, a.outcome_why, d.channel_name, d.recipient, d.state, d.ended,
       l.is_folded, d.delivery_id
  from abate.breach b
  left join abate.alert a on a.breach_id = b.breach_id
  left join abate.delivery_alert l on l.alert_id = a.alert_id
  left join abate.delivery d on d.delivery_id = l.delivery_id;
comment on view abate.breach_told is
    'From each breach to its alerts, and from those to their deliveries, or to the reason why there is none. A breach without an alert was there before alerts were.';
