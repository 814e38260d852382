-- abate.prepare_alerts(at): from alerts to messages, step by step, told its time.
--
--     breach --> alert --> weigh: silenced, inhibited, expired
--                  |
--                  '-----> route --> gather --> delivery (gathering) --> render --> delivery (due)
--                  |
--     pursuit <----'  reminders and steps up, until somebody acknowledges it or it is over
--
-- What it has not come to stays as it is: it can be called at any time, and twice; and by several daemons, of which one
-- does it.

set local role abate_owner;

create or replace function abate.next_preparation() returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return least((select min(d.due) from abate.delivery d where d.state = 'gathering'),
                 (select min(p.due) from abate.pursuit p),
                 (select min(t.remind_at) from abate.trouble t where t.ended is null),
                 abate.watched_until(),
                 (select min(s.ends) from abate.silence s where s.told_over is null),
                 (select min(s.ends) from abate.stoppage s where s.told_over is null and s.ends < 'infinity'),
                 (select min(d.gives_up) from abate.delivery d where d.state in ('due', 'sending')));
end
$$;
comment on function abate.next_preparation is 'When abate.prepare_alerts() has something to do, beside new alerts; null: nothing.';

create or replace function abate.settle_alerts() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update abate.alert a
       set outcome = case when n.is_linked then 'delivered' when n.is_direct then 'direct' when n.is_end then 'untold' when n.is_routed then 'nobody' else 'no route' end,
           outcome_why = case when not n.is_linked and n.is_end then 'nobody was told of it, or is to be told of its end' end
      from (select w.alert_id, w.kind in ('closed', 'withdrawn') as is_end,
                   exists (select from abate.delivery_alert l where l.alert_id = w.alert_id) as is_linked,
                   exists (select from pg_temp.alert_routed r where r.alert_id = w.alert_id) as is_routed,
                   w.kind in ('trouble', 'trouble_lasts', 'trouble_over') and abate.told_directly(w.alert_id) <> '{}' as is_direct
              from pg_temp.alert_in_work w) n
     where a.alert_id = n.alert_id;
end
$$;
comment on function abate.settle_alerts is 'Step of abate.prepare_alerts(): what became of the alerts in work.';

create or replace function abate.prepare_alerts(at timestamptz, most int default 5000) returns timestamptz
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
    taken int;
begin
    if (isfinite(at) and most > 0) is not true then
        raise exception 'abate.prepare_alerts() wants an instant and a number of alerts, not % and %', at, most
            using errcode = 'invalid_parameter_value';
    end if;
    if not (exists (select from abate.alert a where a.outcome is null) or abate.next_preparation() <= at) then
        return abate.next_preparation();
    elsif not pg_try_advisory_xact_lock(x'61626174'::int, -3) then
        return at + interval '1 second'; -- another daemon is at it
    end if;

    perform abate.end_silences(at);
    perform abate.end_stoppages(at);
    perform abate.end_unwatched(at);
    perform abate.follow_breaches(at);
    perform abate.follow_troubles(at);
    perform abate.expire_deliveries(at);
    taken := abate.take_alerts(at, most);
    if taken > 0 then
        perform abate.weigh_alerts(at);
        perform abate.route_alerts(at);
        perform abate.reach_alerts();
        perform abate.gather_alerts(at);
        perform abate.reach_ends(); -- after what begins: who is about to be told is told of the end in the same message
        perform abate.gather_alerts(at);
        perform abate.settle_alerts();
        perform abate.pursue_alerts(at);
        drop table pg_temp.alert_taken, pg_temp.alert_in_work, pg_temp.alert_routed, pg_temp.alert_reached;
    end if;
    perform abate.render_deliveries(at);
    return case when taken = most then at else abate.next_preparation() end;
end
$$;
comment on function abate.prepare_alerts is
    'Makes deliveries of what is to be told as of an instant: new alerts, reminders, steps up, ends of silences and stops, and of troubles that nobody watches any more; gives up what could not be delivered in time. Returns when it wants to be called again; null: when there is a new alert (NOTIFY abate_alert). At most so many alerts at once: if it returns the instant it was given, some are left.';
grant execute on function abate.prepare_alerts to abate_writer;
