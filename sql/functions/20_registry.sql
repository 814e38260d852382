-- The registry tells the daemons that it has changed, gives out slots, and keeps what history depends on.

set local role abate_owner;

create or replace function abate.tell_registry() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('abate_registry', tg_table_name);
    return null;
end
$$;
comment on function abate.tell_registry is 'Trigger: daemons listen on abate_registry and read the registry anew.';

create or replace trigger tell_registry after insert or update or delete or truncate on abate.region
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.plant
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.monitor
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.feed
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.series
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.parameter
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.parameter_alias
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.threshold
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.mark
    for each statement execute function abate.tell_registry();
create or replace trigger tell_registry after insert or update or delete or truncate on abate.emission_limit
    for each statement execute function abate.tell_registry();

create or replace function abate.give_slot() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.slot is null then
        perform from abate.feed where feed_id = new.feed_id for no key update; -- one at a time for a feed
        select min(free.slot) into new.slot
          from generate_series(1, 256) as free (slot)
         where not exists (select from abate.series s where s.feed_id = new.feed_id and s.slot = free.slot);
        if new.slot is null then
            raise exception 'feed % has all 256 series it may have', new.feed_id
                using errcode = 'check_violation', hint = 'Give the monitor a feed of another period, or divide it in two.';
        end if;
    end if;
    return new;
end
$$;
comment on function abate.give_slot is 'Trigger: a series without a slot gets the lowest free one of its feed.';

create or replace trigger give_slot before insert on abate.series
    for each row execute function abate.give_slot();

-- A stored row says neither parameter nor unit: it has only the slot. So what a slot means may not change under it. Likewise of
-- what was made of rows that were let go since.
create or replace function abate.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    history constant text := case
        when exists (select from abate.sample where feed_id = old.feed_id) then 'samples'
        when exists (select from abate.series s
                      where s.feed_id = old.feed_id
                        and (exists (select from abate.hourly h where h.series_id = s.series_id)
                             or exists (select from abate.daily d where d.series_id = s.series_id)
                             or exists (select from abate.consumption c where c.series_id = s.series_id)))
        then 'hours or days of samples that were let go' end;
begin
    if history is not null then
        raise exception '% %: feed % has %, which would be read wrongly', lower(tg_op), tg_table_name, old.feed_id, history
            using errcode = 'restrict_violation',
                  hint = 'Add a new series or monitor and leave this one; if only the unit is another that the device sends from now on, set sent_unit. Only if the registry was wrong from the beginning: disable the trigger, mend the row, enable it.';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;
comment on function abate.keep_history is
    'Trigger: refuses to change what the samples of a feed mean, or to delete a series or feed that has some, or had.';

create or replace trigger keep_history_deleted before delete on abate.feed
    for each row execute function abate.keep_history();
create or replace trigger keep_history_changed before update on abate.feed
    for each row
    when (row (old.feed_id, old.monitor_id, old.period) is distinct from row (new.feed_id, new.monitor_id, new.period))
    execute function abate.keep_history();
create or replace trigger keep_history_deleted before delete on abate.series
    for each row execute function abate.keep_history();
create or replace trigger keep_history_changed before update on abate.series
    for each row
    when (row (old.feed_id, old.slot, old.parameter_code, old.statistic, old.unit)
          is distinct from row (new.feed_id, new.slot, new.parameter_code, new.statistic, new.unit))
    execute function abate.keep_history();

-- After keep_history, by the order of their names: where there are samples, a new unit is refused rather than taken for
-- what the device sends.
create or replace function abate.settle_unit() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    usual constant text := (select p.unit from abate.parameter p where p.parameter_code = new.parameter_code);
begin
    if usual <> new.unit then
        if tg_op = 'INSERT' then
            new.sent_unit := coalesce(new.sent_unit, new.unit);
        elsif new.sent_unit is not distinct from old.sent_unit then
            new.sent_unit := new.unit;
        end if;
        new.unit := usual;
    end if;
    return new;
end
$$;
comment on function abate.settle_unit is
    'Trigger: a series is stored in the unit of its parameter; one registered in another unit is sent in that.';

create or replace trigger settle_unit before insert on abate.series
    for each row execute function abate.settle_unit();
create or replace trigger settle_unit_changed before update on abate.series
    for each row
    when (row (old.parameter_code, old.unit) is distinct from row (new.parameter_code, new.unit))
    execute function abate.settle_unit();
