-- Hours that have to be closed, or closed again.

set local role abate_owner;

-- The daemon adds a row for each hour it stored something in.
grant insert on abate.touched_hour to abate_writer;

-- One look-up by primary key for each hour a feed may have; not a walk over all samples of the span.
create or replace function abate.touch(from_at timestamptz, to_at timestamptz, monitor_code text default null)
    returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_hashjoin = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_custom_plan as $$
declare
    touched int;
begin
    if not (isfinite(from_at) and isfinite(to_at)) then
        raise exception 'the span has no end' using errcode = 'invalid_parameter_value';
    end if;
    if touch.monitor_code is not null
       and not exists (select from abate.monitor m where m.monitor_code = touch.monitor_code) then
        raise exception 'there is no monitor "%"', touch.monitor_code using errcode = 'no_data_found';
    end if;

    with place as (
        select f.feed_id, m.monitor_id, m.utc_offset, h.hour
          from abate.monitor m
          join abate.feed f on f.monitor_id = m.monitor_id
         cross join lateral generate_series(abate.hour_of(from_at, m.utc_offset), to_at - interval '1 microsecond',
                                            interval '1 hour') as h (hour)
         where touch.monitor_code is null or m.monitor_code = touch.monitor_code
    ),
    hour as (
        insert into abate.touched_hour (feed_id, hour, is_asked)
        select p.feed_id, p.hour, true
          from place p
         cross join lateral (select from abate.sample s
                              where s.feed_id = p.feed_id and s.at >= p.hour and s.at < p.hour + interval '1 hour'
                                and s.at >= from_at - interval '1 hour' and s.at < to_at + interval '1 hour'
                              limit 1) s
        returning feed_id, hour
    ),
    day as (
        insert into abate.touched_day (monitor_id, day, is_asked)
        select distinct m.monitor_id, abate.day_of(h.hour, m.utc_offset), true
          from hour h
          join abate.feed f on f.feed_id = h.feed_id
          join abate.monitor m on m.monitor_id = f.monitor_id
        on conflict (monitor_id, day) do update set is_asked = true
    )
    select count(*) into touched from hour;
    return touched;
end
$$;
comment on function abate.touch is
    'Has every hour and day with samples in a span judged again, changed or not, of one monitor or of all (null): after a limit, threshold or reference oxygen was changed. Returns how many hours of feeds those are.';
revoke execute on function abate.touch from abate_writer; -- judge_again() calls it

create or replace function abate.put_mark(marks text, slot int, mark text, slots int) returns text
language sql immutable parallel safe
return nullif(rtrim(overlay(rpad(coalesce(marks, ''), slots, 'N') placing mark from slot for 1), 'N'), '');
comment on function abate.put_mark is 'The marks of a sample (null: all are N) with that of one slot changed.';

-- With the rights of whoever calls it: a member of abate_owner.
create or replace function abate.accept_revision(revision_id bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    said abate.revision;
    kept abate.sample;
    old_mark text;
begin
    select * into said from abate.revision r where r.revision_id = accept_revision.revision_id;
    if not found then
        raise exception 'there is no revision %', accept_revision.revision_id using errcode = 'no_data_found';
    end if;
    perform abate.hold_samples(array[said.feed_id], array[said.at]);
    select * into kept from abate.sample s where s.feed_id = said.feed_id and s.at = said.at;
    if not found then
        raise exception 'the sample that revision % is of is gone', accept_revision.revision_id
            using errcode = 'no_data_found', hint = 'Its month was dropped.';
    end if;
    old_mark := abate.mark_of(kept.mark, said.slot);
    if (kept.value[said.slot], old_mark) is not distinct from (said.value, said.mark) then
        return; -- accepted already
    end if;

    -- What stood there stays on record, and can be accepted again.
    insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
    values (said.feed_id, said.at, said.slot, kept.value[said.slot], old_mark, said.value, said.mark,
            kept.journal_id, kept.position)
    on conflict do nothing;
    -- What its instance has read by now was sent before.
    update abate.revision r
       set (accepted_journal_id, accepted_position) =
           (select n.journal_id, n.position
              from abate.journal_position j
              join abate.journal_position n on n.instance = j.instance
             where j.journal_id = said.journal_id
             order by n.retired is null desc, n.journal_id desc
             limit 1)
     where r.revision_id = said.revision_id;

    update abate.sample s
       set value[said.slot] = said.value,
           mark = abate.put_mark(s.mark, said.slot, said.mark, greatest(cardinality(s.value), said.slot))
     where s.feed_id = said.feed_id and s.at = said.at;

    insert into abate.change (table_name, operation, row_key, old, new)
    values ('sample', 'update', format('%s, %s, slot %s', said.feed_id, said.at at time zone 'UTC', said.slot),
            jsonb_build_object('value', kept.value[said.slot], 'mark', old_mark, 'journal_id', kept.journal_id,
                               'position', kept.position),
            jsonb_build_object('value', said.value, 'mark', said.mark, 'journal_id', said.journal_id,
                               'position', said.position, 'revision_id', said.revision_id));

    insert into abate.touched_hour (feed_id, hour)
    select f.feed_id, abate.hour_of(said.at, m.utc_offset)
      from abate.feed f
      join abate.monitor m on m.monitor_id = f.monitor_id
     where f.feed_id = said.feed_id;
    perform abate.reconsider_breaches(array[said.feed_id], array[said.slot], array[said.at]);
end
$$;
comment on function abate.accept_revision is
    'A person decides that a later reading is right: it takes the place of the one kept in sample, which moves to revision; the hour is made again, and breaches it began are weighed again. A reissue that was sent before, and is read only later, does not undo it. Said in abate.change.';
