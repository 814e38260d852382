-- What happens to a breach becomes an alert in the transaction in which it happens, whoever writes it: the daemon's
-- take_episodes(), abate.judge(), or a person.

set local role abate_owner;

create or replace function abate.tell_opened() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.alert (year, kind, severity, rule, breach_id, plant_id, monitor_id, agency_code, at, value, bound,
                             multiple, count_30_days, reason)
    select abate.alert_year(b.found), k.kind, b.severity, b.rule, b.breach_id, b.plant_id, b.monitor_id, b.agency_code,
           abate.knowable(b.rule, case k.kind when 'opened' then b.opened else b.closed end), b.worst, b.bound,
           abate.multiple_of(b.worst, b.bound), b.count_30_days, b.reason
      from told b
     cross join lateral (select 'opened' as kind union all select 'closed' where b.closed is not null) k
     where b.withdrawn is null
     order by b.breach_id, k.kind desc;
    if found then
        perform pg_notify('abate_alert', '');
    end if;
    return null;
end
$$;
comment on function abate.tell_opened is 'Trigger: an alert for each breach that is new; and that it is over, if it is already.';

-- With each batch the daemon writes on what is open: mostly nothing has to be told. The plan is kept from when there was
-- little: without hashing it would compare each with each.
create or replace function abate.tell_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_nestloop = off as $$
declare
    steps constant float8[] := array(select w.multiple from abate.worse_step w);
begin
    insert into abate.alert (year, kind, severity, rule, breach_id, plant_id, monitor_id, agency_code, at, value, bound,
                             multiple, count_30_days, reason)
    select abate.alert_year(clock_timestamp()), k.kind, b.severity, b.rule, b.breach_id, b.plant_id, b.monitor_id,
           b.agency_code,
           abate.knowable(b.rule, case k.kind when 'worse' then b.last_at when 'closed' then b.closed else b.opened end), b.worst,
           b.bound, abate.multiple_of(b.worst, b.bound), b.count_30_days,
           case k.kind when 'withdrawn' then b.withdrawn_why else b.reason end
      from told b
      join was o on o.breach_id = b.breach_id
     cross join lateral (
           select case when b.withdrawn is not null and o.withdrawn is null then 'withdrawn'
                       when b.withdrawn is null and o.withdrawn is not null and b.closed is null then 'opened'
                       when b.withdrawn is null and b.closed is not null and o.closed is null then 'closed'
                       when b.withdrawn is null and b.closed is null and o.closed is not null then 'opened'
                       when b.withdrawn is null and b.closed is null
                            and (b.severity <> o.severity
                                 and (select s.rank from abate.severity s where s.severity = b.severity)
                                     > (select s.rank from abate.severity s where s.severity = o.severity)
                                 or b.worst is distinct from o.worst and b.rule in ('early', 'hour', 'day')
                                 and abate.multiple_of(b.worst, b.bound) >= any (steps)
                                 and exists (select from unnest(steps) w (multiple)
                                              where w.multiple <= abate.multiple_of(b.worst, b.bound)
                                                and w.multiple > abate.multiple_of(o.worst, o.bound)))
                           then 'worse' end as kind) k
     where k.kind is not null
     order by b.breach_id;
    if found then
        perform pg_notify('abate_alert', '');
    end if;
    return null;
end
$$;
comment on function abate.tell_changed is
    'Trigger: an alert for each breach that is over, withdrawn, there again, or worse: of a higher severity, or past a further step (worse_step).';

create or replace trigger tell_opened after insert on abate.breach
    referencing new table as told for each statement execute function abate.tell_opened();
create or replace trigger tell_changed after update on abate.breach
    referencing old table as was new table as told for each statement execute function abate.tell_changed();

create or replace function abate.tell_silence() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.alert (year, kind, severity, silence_id, plant_id, monitor_id, at, reason)
    values (abate.alert_year(new.recorded), 'silence_begun', 'notice', new.silence_id, new.plant_id, new.monitor_id, new.begins,
            concat_ws(': ', new.author, new.reason));
    perform pg_notify('abate_alert', '');
    return null;
end
$$;
comment on function abate.tell_silence is 'Trigger: that alerts are silenced is told, too.';

create or replace trigger tell_silence after insert on abate.silence
    for each row execute function abate.tell_silence();
