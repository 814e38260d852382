-- abate's own troubles, as alerts: one when it begins, reminders while it lasts and nobody has acknowledged it, one when it is
-- over.
--
--     begin_trouble() --> open --end_trouble(), settle_troubles()--> over
--                         |  ^ \                                      ^
--                         '--'  '-- end_unwatched(): not heard of ----'
--                  begin_trouble() again: it lasts

set local role abate_owner;

create or replace function abate.begin_trouble(instance text, trouble text, reason text, at timestamptz,
                                               told text[] default '{}', is_past boolean default false,
                                               seen timestamptz default null) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    standing abate.trouble;
    made     text;
begin
    insert into abate.trouble as t (instance, trouble, reason, begun, told, seen)
    values (coalesce(begin_trouble.instance, ''), abate.plain_text(begin_trouble.trouble),
            left(abate.plain_text(begin_trouble.reason), 500), begin_trouble.at, coalesce(begin_trouble.told, '{}'),
            greatest(begin_trouble.seen, begin_trouble.at))
    on conflict (instance, trouble) where ended is null do update set seen = greatest(t.seen, excluded.seen);
    select t.* into standing
      from abate.trouble t
     where t.instance = coalesce(begin_trouble.instance, '') and t.trouble = abate.plain_text(begin_trouble.trouble)
       and t.ended is null
       for update;
    if begin_trouble.is_past or exists (select from abate.alert a where a.trouble_id = standing.trouble_id) then
        return null;
    end if;
    insert into abate.alert (year, kind, severity, trouble_id, at, reason)
    values (abate.alert_year(begin_trouble.at), 'trouble', 'warning', standing.trouble_id, standing.begun,
            concat_ws(': ', nullif(standing.instance, ''), standing.trouble, standing.reason))
    returning alert.number into made;
    perform pg_notify('abate_alert', '');
    return made;
end
$$;
comment on function abate.begin_trouble is
    'A trouble of abate itself: makes an alert, unless there is one; that it lasts is said by calling it again. seen: when it was seen last; null: at. told: whom the daemon tells by itself, as in trouble.told. is_past: it may be over, and makes no alert as yet; only its end does, or that it is said once more. Returns the number of the alert; null: it was known.';
grant execute on function abate.begin_trouble to abate_writer;

create or replace function abate.end_trouble(instance text, trouble text, at timestamptz, told text[] default '{}',
                                             is_unwatched boolean default false) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    standing abate.trouble;
    made     text;
begin
    update abate.trouble t
       set ended = case when end_trouble.is_unwatched then t.seen else greatest(t.begun, end_trouble.at) end,
           told_over = coalesce(end_trouble.told, '{}'), is_unwatched = end_trouble.is_unwatched
     where t.instance = coalesce(end_trouble.instance, '') and t.trouble = abate.plain_text(end_trouble.trouble)
       and t.ended is null
    returning t.* into standing;
    if standing.trouble_id is null then
        return null;
    end if;
    insert into abate.alert (year, kind, severity, trouble_id, at, reason)
    values (abate.alert_year(end_trouble.at), 'trouble_over', 'warning', standing.trouble_id, standing.ended,
            concat_ws(': ', nullif(standing.instance, ''), standing.trouble))
    returning alert.number into made;

    -- What it explained and lasts is told when monitors have had time to speak again.
    update abate.pursuit p
       set remind_at = least(p.remind_at, standing.ended + i.lingers)
      from abate.alert a
     cross join (select max(n.lingers) as lingers from abate.inhibition n
                  where n.by_trouble in (standing.trouble, split_part(standing.trouble, ' ', 1))) i
     where a.breach_id = p.breach_id and a.outcome = 'inhibited'
       and a.outcome_why ~ ('(^|, )trouble ' || standing.trouble_id || ': '); -- it may be one of several
    perform pg_notify('abate_alert', '');
    return made;
end
$$;
comment on function abate.end_trouble is
    'A trouble of abate itself is over. told: whom the daemon tells so by itself. is_unwatched: its daemon is not heard of any more. Returns the number of the alert; null: there was none, which costs nothing.';
grant execute on function abate.end_trouble to abate_writer;

create or replace function abate.settle_troubles(instance text, watched text[], at timestamptz) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (select count(abate.end_trouble(t.instance, t.trouble, settle_troubles.at))
              from abate.trouble t
             where t.instance = settle_troubles.instance and t.instance <> '' and t.ended is null
               and t.trouble <> all (settle_troubles.watched));
end
$$;
comment on function abate.settle_troubles is
    'A daemon of an instance is up: that it had ended, and troubles of what it does not watch any more, are over. Returns how many.';
grant execute on function abate.settle_troubles to abate_writer;

create or replace function abate.watched_until() returns timestamptz
language sql stable
return (select min(t.seen) + abate.threshold('trouble_unwatched', null, min(t.seen)) * interval '1 minute'
          from abate.trouble t
         where t.ended is null and t.instance <> '' and t.trouble <> 'end');
comment on function abate.watched_until is
    'When abate.end_unwatched() has something to do, if nothing is heard. That a daemon has ended, the next one sees, however late.';

create or replace function abate.end_unwatched(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    return (select count(abate.end_trouble(t.instance, t.trouble, end_unwatched.at, '{}', true))
              from abate.trouble t
             where t.ended is null and t.instance <> '' and t.trouble <> 'end'
               and t.seen <= end_unwatched.at
                             - abate.threshold('trouble_unwatched', null, end_unwatched.at) * interval '1 minute');
end
$$;
comment on function abate.end_unwatched is
    'Step of abate.prepare_alerts(): troubles whose daemon was stopped, or has died, and is not back in time, are over as of when it was heard of last: nobody would see it. Returns how many.';

create or replace function abate.follow_troubles(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made int;
begin
    with due as (
        update abate.trouble t
           set reminded = t.reminded + 1,
               remind_at = case when t.reminded + 1 < coalesce(o.remind_most, 2147483647)
                                    then follow_troubles.at + o.remind_every end
          from abate.policy_of('warning', 'trouble') o
         where t.ended is null and t.remind_at <= follow_troubles.at
        returning t.*
    ),
    told as (
        insert into abate.alert (year, kind, severity, trouble_id, at, step, reason)
        select abate.alert_year(follow_troubles.at), 'trouble_lasts', 'warning', d.trouble_id, follow_troubles.at, d.reminded,
               concat_ws(': ', nullif(d.instance, ''), d.trouble, d.reason)
          from due d
         order by d.trouble_id
        returning 1
    )
    select count(*) into made from told;
    return made;
end
$$;
comment on function abate.follow_troubles is 'Step of abate.prepare_alerts(): reminders of troubles that last. Returns how many.';

create or replace function abate.trouble_text(instance text, trouble text, reason text, language text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return abate.word('trouble', split_part(trouble, ' ', 1), language)
           || coalesce(' ' || nullif(substr(trouble, length(split_part(trouble, ' ', 1)) + 2), ''), '')
           || coalesce(' (' || nullif(instance, '') || ')', '')
           || case when language = 'en' then coalesce(': ' || reason, '') else '' end;
end
$$;
comment on function abate.trouble_text is
    'A trouble in words. What a server or the system said of it is in English: in another language it is left to those who ask the table.';
