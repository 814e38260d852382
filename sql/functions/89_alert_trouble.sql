-- abate's own troubles, as alerts: one when it begins, one when it is over.

set local role abate_owner;

create or replace function abate.begin_trouble(instance text, trouble text, reason text, at timestamptz) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made text;
begin
    with begun as (
        insert into abate.trouble (instance, trouble, reason, begun)
        values (coalesce(begin_trouble.instance, ''), begin_trouble.trouble,
                left(abate.plain_text(begin_trouble.reason), 500), begin_trouble.at)
        on conflict (instance, trouble) where ended is null do nothing
        returning *
    )
    insert into abate.alert (year, kind, severity, trouble_id, at, reason)
    select abate.alert_year(begin_trouble.at), 'trouble', 'warning', b.trouble_id, b.begun,
           concat_ws(': ', nullif(b.instance, ''), b.trouble, b.reason)
      from begun b
    returning alert.number into made;
    if made is not null then
        perform pg_notify('abate_alert', '');
    end if;
    return made;
end
$$;
comment on function abate.begin_trouble is
    'A trouble of abate itself: makes an alert, unless it is known already. Returns the number of the alert; null: it was known.';
grant execute on function abate.begin_trouble to abate_writer;

create or replace function abate.end_trouble(instance text, trouble text, at timestamptz) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made text;
begin
    with over as (
        update abate.trouble t
           set ended = greatest(t.begun, end_trouble.at)
         where t.instance = coalesce(end_trouble.instance, '') and t.trouble = end_trouble.trouble and t.ended is null
        returning t.*
    )
    insert into abate.alert (year, kind, severity, trouble_id, at, reason)
    select abate.alert_year(end_trouble.at), 'trouble_over', 'warning', o.trouble_id, o.ended,
           concat_ws(': ', nullif(o.instance, ''), o.trouble)
      from over o
    returning alert.number into made;
    if made is not null then
        perform pg_notify('abate_alert', '');
    end if;
    return made;
end
$$;
comment on function abate.end_trouble is
    'A trouble of abate itself is over. Returns the number of the alert; null: there was none, which costs nothing.';
grant execute on function abate.end_trouble to abate_writer;
