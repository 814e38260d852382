-- Rows whose instant is there already.

set local role abate_owner;

create or replace function abate.compare_readings(kept float8[], kept_mark text, came float8[], came_mark text)
    returns table (slot bigint, kept_value float8, kept_mark text, value float8, mark text, verdict text)
language sql immutable parallel safe
begin atomic
    select r.slot, r.k, r.k_mark, r.v, r.v_mark,
           case when r.v is null and r.v_mark = 'N' then null
                when r.k is null and (r.v is not null or r.k_mark = 'N') then 'fills'
                when r.k is null or (r.k = r.v and r.k_mark = r.v_mark) then 'same'
                else 'differs'
           end
      from (select u.slot, u.k, u.v,
                   coalesce(nullif(substr(kept_mark, u.slot::int, 1), ''), 'N') as k_mark,
                   coalesce(nullif(substr(came_mark, u.slot::int, 1), ''), 'N') as v_mark
              from unnest(kept, came) with ordinality as u (k, v, slot)) r;
end;
comment on function abate.compare_readings is
    'What came for an instant held against what is kept of it, slot by slot. It "fills" a slot without a value (or, itself without a value, one without a mark), is the "same", "differs", or says nothing of the slot (null). Two marks that say there is no value are the same.';

create or replace function abate.fold_readings(kept float8[], kept_mark text, came float8[], came_mark text, is_reissue boolean)
    returns table (value float8[], mark text, fills bigint, same bigint, differs bigint)
language sql immutable parallel safe
begin atomic
    select array_agg(case when r.is_taken then r.value else r.kept_value end),
           case when bool_or(case when r.is_taken then r.mark else r.kept_mark end <> 'N')
                then string_agg(case when r.is_taken then r.mark else r.kept_mark end, '') end,
           count(*) filter (where r.verdict = 'fills'),
           count(*) filter (where r.verdict = 'same'),
           count(*) filter (where r.verdict = 'differs')
      from (select c.*, c.verdict = 'fills' or (c.verdict = 'differs' and is_reissue) as is_taken
              from abate.compare_readings(kept, kept_mark, came, came_mark) c) r;
end;
comment on function abate.fold_readings is
    'What is kept of an instant after something more came for it, and how many readings were of which kind (compare_readings). Those of a reissue that differ are taken.';

create or replace function abate.correct_readings(feed_ids int[], slots smallint[], ats timestamptz[], old jsonb[], new jsonb[])
    returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.change (table_name, operation, row_key, old, new, changed_by)
    select 'sample', 'update', format('%s, %s, slot %s', r.feed_id, r.at at time zone 'UTC', r.slot), r.old, r.new,
           coalesce('plant ' || p.plant_code, 'unknown plant') || ', by reissue'
      from unnest(feed_ids, slots, ats, old, new) with ordinality r (feed_id, slot, at, old, new, n)
      left join (abate.feed f
                 join abate.monitor m on m.monitor_id = f.monitor_id
                 join abate.plant p on p.plant_id = m.plant_id) on f.feed_id = r.feed_id
     order by r.n;
    perform abate.reconsider_breaches(feed_ids, slots, ats);
end
$$;
comment on function abate.correct_readings is
    'What follows from readings that took the place of others by reissue: it is said in abate.change, and breaches they began are weighed again.';

create or replace function abate.hold_samples(feed_ids int[], ats timestamptz[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    earliest constant timestamptz := (select min(a) from unnest(ats) a);
    latest   constant timestamptz := (select max(a) from unnest(ats) a);
begin
    perform from unnest(feed_ids, ats) u (feed_id, at)
           cross join lateral (select from abate.sample s
                                where s.feed_id = u.feed_id and s.at = u.at and s.at between earliest and latest
                                  for update) s;
exception when feature_not_supported then
    -- A row that is compressed (sql/optional/timescaledb.sql) cannot be locked; written over, it is a row again.
    insert into abate.sample as s
    select h.* from unnest(feed_ids, ats) u (feed_id, at)
     cross join lateral (select * from abate.sample h
                          where h.feed_id = u.feed_id and h.at = u.at and h.at between earliest and latest
                          limit 1) h
    on conflict (feed_id, at) do update set position = s.position;
end
$$;
comment on function abate.hold_samples is 'Locks the samples of these feeds and instants, as far as they are there: they are about to be changed.';

-- An instant that comes in parts is folded part by part, in the order they came:
--
--     stored row (or nothing)  +  part 1  ->  step 1  +  part 2  ->  step 2 ...  ->  one insert or update
--
-- A part that is a reissue takes the place of what differs, unless it stands in the journal no further on than the last
-- reissue that did: then it is read once more, and has been outdone. Likewise if a person has decided
-- since it came, and was rejected then, what the instant has (abate.accept_revision). Its hour is in touched_hour, as of all the
-- daemon stores.
--
-- Nothing is locked beforehand but what a reissue may write over. That no other session stored the same instants meanwhile
-- is seen when the rows are written; instances share no monitors, so it hardly happens.
--
-- The planner is kept from nested loops and merge joins: it plans once, perhaps for a batch of three, and then has
-- twenty thousand, or twenty thousand parts of one instant from a clock that stands still. The look-ups in sample and
-- revision are lateral, and by index even if there is hardly a row yet; told the first and last instant, it leaves the other
-- months alone.
drop function if exists abate.merge_samples(); -- once it told less
create or replace function abate.merge_samples(out stored int, out merged int, out duplicate int, out revised int,
                                               out positions bigint[], out duplicates int[])
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set enable_seqscan = off set jit = off
set plan_cache_mode = force_generic_plan set work_mem = '64MB' as $$
declare
    earliest timestamptz;
    latest   timestamptz;
    missed   bigint;
    -- what took effect, reading by reading
    feed_ids int[];
    slots    smallint[];
    ats      timestamptz[];
    old      jsonb[];
    new      jsonb[];
begin
    perform abate.check_session();
    select min(at), max(at) into earliest, latest from pg_temp.incoming_sample;

    perform abate.hold_samples(array_agg(i.feed_id order by i.feed_id, i.at), array_agg(i.at order by i.feed_id, i.at))
       from (select distinct feed_id, at from pg_temp.incoming_sample where is_reissue) i
     having count(*) > 0;

    with recursive
    part as materialized (
        select i.*, i.ordinal = 1 as is_first
          from (select feed_id, at, journal_id, position, value, mark, is_reissue,
                       row_number() over (partition by feed_id, at order by position, ctid) as ordinal,
                       count(*) over (partition by feed_id, at) as parts,
                       bool_or(is_reissue) over (partition by feed_id, at) as has_reissue
                  from pg_temp.incoming_sample) i
    ),
    instant as materialized (
        select p.*, s.value as kept, s.mark as kept_mark, s.feed_id is not null as is_stored,
               coalesce(s.journal_id, p.journal_id) as kept_journal_id, coalesce(s.position, p.position) as kept_position,
               coalesce(p.parts = 1 and s.value = p.value and p.mark is null and s.mark is null, false) as is_same,
               coalesce(greatest(r.position, r.accepted), -1) as reissued
          from part p
          left join lateral (select * from abate.sample s
                              where s.feed_id = p.feed_id and s.at = p.at and s.at between earliest and latest
                              limit 1) s on true
          left join lateral (select max(v.reissue_position) filter (where v.reissue_journal_id = p.journal_id) as position,
                                    max(case when v.accepted_journal_id = p.journal_id then v.accepted_position - 1
                                             when v.accepted_journal_id > p.journal_id then 9223372036854775807 end) as accepted
                               from abate.revision v
                              where p.has_reissue and v.feed_id = p.feed_id and v.at = p.at) r on true
         where p.is_first
    ),
    step as ( -- all but the wholly new and the same again
        select i.feed_id, i.at, i.journal_id, i.position, i.kept_journal_id, i.kept_position, i.is_stored, i.reissued, i.ordinal,
               i.ordinal = i.parts as is_last, i.position as came_position, i.value as came, i.mark as came_mark, i.kept, i.kept_mark,
               i.is_reissue and i.position > i.reissued as takes,
               f.value, f.mark, f.fills, f.same, f.differs, f.fills as all_fills,
               case when i.is_reissue and i.position > i.reissued then f.differs else 0 end as all_taken
          from instant i
         cross join lateral abate.fold_readings(i.kept, i.kept_mark, i.value, i.mark, i.is_reissue and i.position > i.reissued) f
         where i.parts > 1 or (i.is_stored and not i.is_same)
         union all
        select t.feed_id, t.at, t.journal_id, t.position, t.kept_journal_id, t.kept_position, t.is_stored, t.reissued, p.ordinal,
               p.ordinal = p.parts, p.position, p.value, p.mark, t.value, t.mark,
               p.is_reissue and p.position > t.reissued,
               f.value, f.mark, f.fills, f.same, f.differs, t.all_fills + f.fills,
               t.all_taken + case when p.is_reissue and p.position > t.reissued then f.differs else 0 end
          from step t
          join part p on p.feed_id = t.feed_id and p.at = t.at and p.ordinal = t.ordinal + 1
         cross join lateral abate.fold_readings(t.value, t.mark, p.value, p.mark, p.is_reissue and p.position > t.reissued) f
    ),
    new_row as (
        insert into abate.sample (feed_id, journal_id, at, position, value, mark)
        select feed_id, journal_id, at, position, value, mark from instant where not is_stored and parts = 1
         union all
        select feed_id, journal_id, at, position, value, mark from step where is_last and not is_stored
         order by 1, 3
        on conflict do nothing
        returning 1
    ),
    filled_row as (
        insert into abate.sample as s (feed_id, journal_id, at, position, value, mark)
        select feed_id, journal_id, at, position, value, mark from step
         where is_last and is_stored and all_fills > 0 and all_taken = 0
         order by 1, 3
        on conflict (feed_id, at) do update set value = excluded.value, mark = excluded.mark
         where not exists (select from unnest(s.value, excluded.value) as u (theirs, ours)
                            where u.theirs is not null and u.theirs is distinct from u.ours)
        returning 1
    ),
    corrected_row as ( -- these are locked
        insert into abate.sample as s (feed_id, journal_id, at, position, value, mark)
        select feed_id, journal_id, at, position, value, mark from step where is_last and is_stored and all_taken > 0
         order by 1, 3
        on conflict (feed_id, at) do update set value = excluded.value, mark = excluded.mark
    ),
    part_row as ( -- evidence is sought where a reading was said
        insert into abate.sample_part as r (feed_id, journal_id, at, position, slot)
        select t.feed_id, t.journal_id, t.at, t.came_position, array_agg(distinct c.slot::smallint order by c.slot::smallint)
          from step t
         cross join lateral abate.compare_readings(t.kept, t.kept_mark, t.came, t.came_mark) c
         where t.fills > 0 and c.verdict = 'fills'
           and (t.journal_id, t.came_position) is distinct from (t.kept_journal_id, t.kept_position)
         group by 1, 2, 3, 4
        on conflict (feed_id, at, journal_id, position) do update set slot = r.slot || excluded.slot
    ),
    differing as materialized (
        select t.feed_id, t.at, c.slot, c.value, c.mark, c.kept_value, c.kept_mark, t.journal_id, t.came_position,
               t.kept_journal_id, t.kept_position, t.ordinal, t.takes
          from step t
         cross join lateral abate.compare_readings(t.kept, t.kept_mark, t.came, t.came_mark) c
         where t.differs > 0 and c.verdict = 'differs'
    ),
    said as ( -- what differs; and what it took the place of, whoever said that
        select feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, came_position as position, ordinal,
               case when takes then journal_id end as reissue_journal_id,
               case when takes then came_position end as reissue_position, false as is_replaced
          from differing
         union all
        select feed_id, at, slot, kept_value, kept_mark, value, mark, kept_journal_id, kept_position, ordinal, null, null, true
          from differing where takes
    ),
    revision as (
        insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position,
                                    reissue_journal_id, reissue_position)
        select feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position,
               reissue_journal_id, reissue_position
          from (select distinct on (feed_id, at, slot, value, mark)
                       feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position, ordinal,
                       max(reissue_position) over (partition by feed_id, at, slot, value, mark) as reissue_position,
                       max(reissue_journal_id) over (partition by feed_id, at, slot, value, mark) as reissue_journal_id
                  from said
                 order by feed_id, at, slot, value, mark, ordinal, is_replaced) d
         order by position, ordinal, slot
        on conflict on constraint revision_said_once do update
           set reissue_journal_id = excluded.reissue_journal_id, reissue_position = excluded.reissue_position
         where excluded.reissue_position is not null
    ),
    taken as (
        select d.*, jsonb_build_object('value', d.kept_value, 'mark', d.kept_mark, 'journal_id', d.kept_journal_id,
                                       'position', d.kept_position) as was,
               jsonb_build_object('value', d.value, 'mark', d.mark, 'journal_id', d.journal_id,
                                  'position', d.came_position, 'reissue', true) as is_now
          from differing d
         where d.takes
         order by d.came_position, d.ordinal, d.slot
    )
    select (select count(*) from new_row),
           (select count(*) from step where fills > 0 and (is_stored or ordinal > 1)),
           (select coalesce(sum(same), 0) from step)
               + (select coalesce(sum(cardinality(array_remove(value, null))), 0) from instant where is_same),
           (select coalesce(sum(differs), 0) from step),
           (select count(*) from instant where not is_stored) - (select count(*) from new_row)
               + (select count(*) from step where is_last and is_stored and all_fills > 0 and all_taken = 0)
               - (select count(*) from filled_row),
           d.*, t.*
      into stored, merged, duplicate, revised, missed, positions, duplicates, feed_ids, slots, ats, old, new
      from (select array_agg(feed_id), array_agg(slot), array_agg(at), array_agg(was), array_agg(is_now) from taken) t
     cross join (select array_agg(position), array_agg(readings)
                   from (select came_position as position, same as readings from step where same > 0
                          union all
                         select position, cardinality(array_remove(value, null)) from instant where is_same) s) d;

    if missed > 0 then
        raise exception 'another session stored the same instant at the same time'
            using errcode = 'serialization_failure', hint = 'Roll back and try again.';
    end if;
    if feed_ids is not null then
        perform abate.correct_readings(feed_ids, slots, ats, old, new);
    end if;
end
$$;
comment on function abate.merge_samples is
    'Takes pg_temp.incoming_sample into sample, slot by slot: an empty slot is filled, a value that is there stays, one that differs goes to revision; one that differs and is a reissue takes effect, and what was there goes to revision. Returns how many messages were new and how many added to an instant already there; how many readings were there already, and how many differ; and for each message some of whose readings were there already, in no order, its position and how many.';
grant execute on function abate.merge_samples to abate_writer;
