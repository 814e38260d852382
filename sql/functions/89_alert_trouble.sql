-- abate's own troubles, as alerts: one when it begins, one when it is over.

set local role abate_owner;

create or replace function abate.begin_trouble(instance text, trouble text, reason text, at timestamptz,
                                               told text[] default '{}', is_past boolean default false) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    standing abate.trouble;
    made     text;
begin
    insert into abate.trouble (instance, trouble, reason, begun, told)
    values (coalesce(begin_trouble.instance, ''), abate.plain_text(begin_trouble.trouble),
            left(abate.plain_text(begin_trouble.reason), 500), begin_trouble.at, coalesce(begin_trouble.told, '{}'))
    on conflict (instance, trouble) where ended is null do nothing;
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
    'A trouble of abate itself: makes an alert, unless there is one. told: whom the daemon tells by itself, as in trouble.told. is_past: it may be over, and makes no alert as yet; only its end does, or that it is said once more. Returns the number of the alert; null: it was known.';
grant execute on function abate.begin_trouble to abate_writer;

create or replace function abate.end_trouble(instance text, trouble text, at timestamptz, told text[] default '{}') returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    standing abate.trouble;
    made     text;
begin
    update abate.trouble t
       set ended = greatest(t.begun, end_trouble.at), told_over = coalesce(end_trouble.told, '{}')
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
       and a.outcome_why = 'trouble ' || standing.trouble_id || ': ' || standing.trouble;
    perform pg_notify('abate_alert', '');
    return made;
end
$$;
comment on function abate.end_trouble is
    'A trouble of abate itself is over. told: whom the daemon tells so by itself. Returns the number of the alert; null: there was none, which costs nothing.';
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
