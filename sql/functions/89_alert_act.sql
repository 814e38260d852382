-- What people do about alerts: acknowledge, silence, and try whether a channel works.

set local role abate_owner;

create or replace function abate.find_alert(number text) returns abate.alert
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    named abate.alert;
begin
    select a.* into named
      from abate.alert a
     where a.number = btrim(find_alert.number)
        or a.alert_id = case when btrim(find_alert.number) ~ '^[0-9]{1,18}$' then btrim(find_alert.number)::bigint end;
    if named.alert_id is null then
        raise exception 'there is no alert "%"', find_alert.number
            using errcode = 'no_data_found', hint = 'A number looks like 2026-000123; what stands behind the year is enough.';
    end if;
    return named;
end
$$;
comment on function abate.find_alert is 'The alert of a number, as people say it: "2026-000123", or 123.';

create or replace function abate.acknowledge(number text, who text, note text default null, at timestamptz default now())
    returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    named constant abate.alert := abate.find_alert(acknowledge.number);
    acknowledged int;
begin
    -- A message names one number: with it goes what else it told of the same plant.
    with meant as (
        select named.alert_id, named.breach_id
         union
        select o.alert_id, o.breach_id
          from abate.delivery_alert l
          join abate.delivery_alert s on s.delivery_id = l.delivery_id
          join abate.alert o on o.alert_id = s.alert_id
         where l.alert_id = named.alert_id and o.plant_id is not distinct from named.plant_id
           and o.agency_code is not distinct from named.agency_code and o.breach_id is not null
    ),
    kept as (
        insert into abate.acknowledgement (alert_id, breach_id, who, note, at)
        select distinct on (coalesce(m.breach_id, -m.alert_id)) m.alert_id, m.breach_id,
               abate.plain_text(acknowledge.who), nullif(abate.plain_text(acknowledge.note), ''), acknowledge.at
          from meant m
         order by coalesce(m.breach_id, -m.alert_id), m.alert_id = named.alert_id desc, m.alert_id desc
        returning breach_id
    ),
    quiet as (
        delete from abate.pursuit p using kept k where p.breach_id = k.breach_id
    ),
    known as (
        update abate.trouble t set remind_at = null where t.trouble_id = named.trouble_id
    )
    select count(*) into acknowledged from kept;
    return acknowledged;
end
$$;
comment on function abate.acknowledge(text, text, text, timestamptz) is
    'Somebody sees to an alert, and to what else the same message told of the same plant: no reminders and no steps up any more, unless it gets worse. Returns for how many breaches.';
grant execute on function abate.acknowledge(text, text, text, timestamptz) to abate_writer;

create or replace function abate.acknowledge_link(number text, delivery_id bigint, at timestamptz, out breaches int, out who text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    named constant abate.alert := abate.find_alert(acknowledge_link.number);
    whose constant text := (select 'link: ' || coalesce(n.name, d.recipient)
                              from abate.delivery d
                              left join abate.contact n on n.contact_id = d.contact_id
                             where d.delivery_id = acknowledge_link.delivery_id
                               and exists (select from abate.delivery_alert l
                                            where l.delivery_id = d.delivery_id and l.alert_id in (select abate.same_as(named.alert_id))));
begin
    if whose is null then
        raise exception 'delivery % does not tell of alert "%"', acknowledge_link.delivery_id, named.number
            using errcode = 'no_data_found';
    end if;
    acknowledge_link.who := abate.plain_text(whose);
    acknowledge_link.breaches := 0;
    if not exists (select from abate.acknowledgement k
                    where k.alert_id = named.alert_id and k.who = acknowledge_link.who) then
        acknowledge_link.breaches := abate.acknowledge(named.number, whose, null, acknowledge_link.at);
    end if;
end
$$;
comment on function abate.acknowledge_link is
    'Somebody has followed the link of a message, by which he says that he sees to an alert: abate.acknowledge() by "link: " and to whom that message was sent. Followed again it changes nothing. Returns for how many breaches, and by whom.';
grant execute on function abate.acknowledge_link to abate_writer;

create or replace function abate.silence_alerts(begins timestamptz, ends timestamptz, author text, reason text,
                                                plant_code text default null, monitor_code text default null,
                                                parameter_code text default null, rule text default null,
                                                region_code text default null, kind text default 'silence') returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    plant   constant int := (select p.plant_id from abate.plant p where p.plant_code = silence_alerts.plant_code);
    monitor constant int := (select m.monitor_id from abate.monitor m where m.monitor_code = silence_alerts.monitor_code);
    made    int;
begin
    if silence_alerts.plant_code is not null and plant is null then
        raise exception 'there is no plant "%"', silence_alerts.plant_code using errcode = 'no_data_found';
    elsif silence_alerts.monitor_code is not null and monitor is null then
        raise exception 'there is no monitor "%"', silence_alerts.monitor_code using errcode = 'no_data_found';
    end if;
    insert into abate.silence (kind, begins, ends, region_code, plant_id, monitor_id, parameter_code, rule, author, reason)
    values (coalesce(silence_alerts.kind, 'silence'), silence_alerts.begins, silence_alerts.ends, silence_alerts.region_code,
            plant, monitor, silence_alerts.parameter_code, silence_alerts.rule, abate.plain_text(silence_alerts.author),
            abate.plain_text(silence_alerts.reason))
    returning silence_id into made;
    return made;
end
$$;
comment on function abate.silence_alerts is
    'Silences alerts for a time, of all that fits every matcher given. kind: silence, or maintenance. Returns its number; abate.lift_silence() ends it earlier.';

create or replace function abate.lift_silence(silence_id int, at timestamptz default now()) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    update abate.silence s
       set ends = greatest(s.begins, lift_silence.at)
     where s.silence_id = lift_silence.silence_id and s.ends > lift_silence.at;
    if not found then
        raise exception 'there is no silence % that lasts', lift_silence.silence_id using errcode = 'no_data_found';
    end if;
    update abate.pursuit p
       set remind_at = least(p.remind_at, lift_silence.at)
      from abate.alert a
     where a.breach_id = p.breach_id and a.outcome = 'silenced' and a.outcome_why = 'silence ' || lift_silence.silence_id;
    perform pg_notify('abate_alert', '');
end
$$;
comment on function abate.lift_silence is 'Ends a silence before its time: what it held back and lasts is told now.';

create or replace function abate.alert_test(channel text, recipient text, language text default 'zh', note text default null,
                                            at timestamptz default now(), out number text, out delivery_id bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    way constant abate.channel := (select c from abate.channel c where c.channel_name = alert_test.channel);
    made bigint;
begin
    if way.channel_name is null then
        raise exception 'there is no channel "%"', alert_test.channel
            using errcode = 'no_data_found', hint = 'Enter it in abate.channel; its server and secret belong into the configuration.';
    elsif not coalesce(
              case way.medium when 'mail' then alert_test.recipient ~ '^[^@[:cntrl:][:space:]<>,;"]+@[^@[:cntrl:][:space:]<>,;"]+$'
                              when 'sms' then alert_test.recipient ~ '^[+]?[0-9]{3,20}$'
                              else true end, false) then
        raise exception 'channel "%" has no recipient "%"', alert_test.channel, coalesce(alert_test.recipient, '')
            using errcode = 'invalid_parameter_value',
                  hint = case way.medium when 'mail' then 'Write an address.' else 'Write a number, of digits alone.' end;
    end if;
    insert into abate.alert (year, kind, severity, at, reason, prepared, outcome)
    values (abate.alert_year(alert_test.at), 'test', 'notice', alert_test.at,
            coalesce(nullif(abate.plain_text(alert_test.note), ''), 'abatectl alert test'), alert_test.at, 'delivered')
    returning alert_id, alert.number into made, alert_test.number;
    insert into abate.delivery (channel_name, recipient, language, about, state, begun, due)
    values (way.channel_name, case when way.medium in ('mail', 'sms') then alert_test.recipient else way.channel_name end,
            alert_test.language, 'abate', 'gathering', alert_test.at, alert_test.at)
    returning delivery.delivery_id into alert_test.delivery_id;
    insert into abate.delivery_alert (delivery_id, alert_id) values (alert_test.delivery_id, made);
    perform pg_notify('abate_alert', '');
end
$$;
comment on function abate.alert_test is
    'A test message to a recipient by a channel, also one that is off: the daemon that has it sends it, and what became of it is in delivery_list.';
grant execute on function abate.alert_test to abate_writer;
