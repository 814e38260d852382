-- The temporary tables through which the daemon hands over a batch.
--
-- They belong to abate_owner, not to the daemon: the functions that read them run with the owner's rights, and must not
-- meet a view or trigger of the daemon's making.

set local role abate_owner;

create or replace function abate.prepare_session() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('pg_temp.incoming_sample') is not null then
        perform abate.check_session();
        return;
    end if;

    -- Not with the constraints of sample: one that is dropped there would live on here. A value that differs is not
    -- written to sample, so that it is a number at all must be seen to here.
    create temporary table incoming_sample (
        like abate.sample,
        is_reissue boolean not null default false,
        constraint value_finite check ('Infinity' > all (value) and '-Infinity' < all (value))
    ) on commit delete rows;

    create temporary table incoming_reject (
        journal_id smallint not null, position bigint not null, arrived timestamptz not null, broker text not null,
        topic text not null, payload bytea not null, reason text not null, faults int not null, kept int not null,
        source text
    ) on commit delete rows;

    create temporary table incoming_statement (
        journal_id smallint not null, position bigint not null, arrived timestamptz not null, broker text not null,
        topic text not null, agency text not null, payload text not null
    ) on commit delete rows;

    create temporary table incoming_episode (
        limit_id int not null, series_id int not null, opened timestamptz not null, closed timestamptz,
        worst float8 not null, worst_at timestamptz not null, last_at timestamptz not null, count int not null,
        journal_id smallint not null, first_position bigint not null, worst_position bigint not null,
        last_position bigint not null
    ) on commit delete rows;

    create temporary table incoming_watch (
        limit_id int not null, series_id int not null, phase text not null, last_at timestamptz, since timestamptz,
        worst float8, worst_at timestamptz, count int, first_position bigint, worst_position bigint, last_position bigint
    ) on commit delete rows;

    grant select, insert on pg_temp.incoming_sample, pg_temp.incoming_reject, pg_temp.incoming_statement,
        pg_temp.incoming_episode, pg_temp.incoming_watch to abate_writer;
end
$$;
comment on function abate.prepare_session is 'Makes the temporary tables incoming_* of a daemon''s session, emptied at each commit.';
grant execute on function abate.prepare_session to abate_writer;

create or replace function abate.check_session() returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    if (select count(*) from pg_class
         where relnamespace = pg_my_temp_schema() and relkind = 'r' and relowner = current_user::regrole
           and relname in ('incoming_sample', 'incoming_reject', 'incoming_statement', 'incoming_episode',
                           'incoming_watch')) <> 5 then
        raise exception 'this session is not prepared' using errcode = 'AB003', hint = 'Call abate.prepare_session() first.';
    end if;
end
$$;
comment on function abate.check_session is 'Fails unless the session''s tables incoming_* are those made by abate.prepare_session().';
