-- The temporary tables through which the steps of abate.judge() hand on what they have done.

set local role abate_owner;

create or replace function abate.prepare_judge() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('pg_temp.judged_hour') is not null then
        if (select relowner <> 'abate_owner'::regrole from pg_class where oid = 'pg_temp.judged_hour'::regclass) then
            raise exception 'a table of this session stands in the way of abate.judge()'
                using errcode = 'AB003', hint = 'Drop pg_temp.judged_hour, or use a session of its own.';
        end if;
        truncate pg_temp.judged_feed_hour, pg_temp.judged_hour, pg_temp.judged_day,
            pg_temp.hour_sample, pg_temp.made_hour, pg_temp.settled_hour, pg_temp.due_day, pg_temp.made_day,
            pg_temp.settled_day;
        return;
    end if;

    -- Hours of feeds that were touched, and are over.
    create temporary table judged_feed_hour (
        feed_id int not null, at timestamptz not null, is_asked boolean not null default false
    ) on commit delete rows;
    -- Rows of hourly and daily that are new or have changed.
    create temporary table judged_hour (series_id int not null, at timestamptz not null) on commit delete rows;
    create temporary table judged_day (series_id int not null, day date not null) on commit delete rows;

    -- Between the steps of close_hours() and close_days(): what was sent, the means made of it, and the means beside
    -- those that stand.
    create temporary table hour_sample (
        feed_id int not null, hour timestamptz not null, at timestamptz not null, value float8[], mark text,
        is_dense boolean not null
    ) on commit delete rows;
    create temporary table made_hour (
        series_id int not null, at timestamptz not null, received int not null, valid int not null, value float8
    ) on commit delete rows;
    create temporary table settled_hour (
        series_id int not null, at timestamptz not null, received int not null, valid int not null, value float8,
        oxygen float8, is_valid boolean not null, is_official boolean not null,
        closed timestamptz, is_new boolean not null, is_changed boolean not null, is_moved boolean not null,
        is_asked boolean not null
    ) on commit delete rows;
    create temporary table due_day (
        monitor_id int not null, day date not null, begins timestamptz not null, ends timestamptz not null,
        is_asked boolean not null
    ) on commit delete rows;
    create temporary table made_day (
        series_id int not null, day date not null, received int not null, valid int not null, value float8,
        converted float8, is_valid boolean not null, is_weighted boolean not null,
        official_received smallint, official_valid smallint
    ) on commit delete rows;
    create temporary table settled_day (
        like made_day, is_official boolean not null, closed timestamptz,
        is_new boolean not null, is_changed boolean not null, is_moved boolean not null, is_asked boolean not null
    ) on commit delete rows;
end
$$;
comment on function abate.prepare_judge is
    'Makes and empties the temporary tables judged_feed_hour, judged_hour and judged_day. The steps of abate.judge() fill and read them in this order.';
