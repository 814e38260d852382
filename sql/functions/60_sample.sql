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

create or replace function abate.fold_readings(kept float8[], kept_mark text, came float8[], came_mark text)
    returns table (value float8[], mark text, fills bigint, same bigint, differs bigint)
language sql immutable parallel safe
begin atomic
    select array_agg(case c.verdict when 'fills' then c.value else c.kept_value end),
           case when bool_or(case c.verdict when 'fills' then c.mark else c.kept_mark end <> 'N')
                then string_agg(case c.verdict when 'fills' then c.mark else c.kept_mark end, '') end,
           count(*) filter (where c.verdict = 'fills'),
           count(*) filter (where c.verdict = 'same'),
           count(*) filter (where c.verdict = 'differs')
      from abate.compare_readings(kept, kept_mark, came, came_mark) c;
end;
comment on function abate.fold_readings is
    'What is kept of an instant after something more came for it, and how many readings were of which kind (compare_readings).';

-- An instant that comes in parts is folded part by part, in the order they came:
--
--     stored row (or nothing)  +  part 1  ->  step 1  +  part 2  ->  step 2 ...  ->  one insert or update
--
-- Nothing is locked beforehand. That no other session stored the same instants meanwhile is seen when the rows are
-- written; instances share no monitors, so it hardly happens.
--
-- The planner is kept from nested loops and merge joins: it plans once, perhaps for a batch of three, and then has
-- twenty thousand, or twenty thousand parts of one instant from a clock that stands still. The look-up in sample is
-- lateral, and so by index whatever it thinks; told the first and last instant, it leaves the other months alone.
create or replace function abate.merge_samples(out stored int, out merged int, out duplicate int, out revised int)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set jit = off set plan_cache_mode = force_generic_plan
set work_mem = '64MB' as $$
declare
    earliest timestamptz;
    latest   timestamptz;
    missed   bigint;
begin
    perform abate.check_session();
    select min(at), max(at) into earliest, latest from pg_temp.incoming_sample;

    with recursive
    part as materialized (
        select i.*, i.ordinal = 1 as is_first
          from (select feed_id, at, journal_id, position, value, mark,
                       row_number() over (partition by feed_id, at order by position, ctid) as ordinal,
                       count(*) over (partition by feed_id, at) as parts
                  from pg_temp.incoming_sample) i
    ),
    instant as materialized (
        select p.*, s.value as kept, s.mark as kept_mark, s.feed_id is not null as is_stored,
               coalesce(p.parts = 1 and s.value = p.value and p.mark is null and s.mark is null, false) as is_same
          from part p
          left join lateral (select * from abate.sample s
                              where s.feed_id = p.feed_id and s.at = p.at and s.at between earliest and latest
                              limit 1) s on true
         where p.is_first
    ),
    step as ( -- all but the wholly new and the same again
        select i.feed_id, i.at, i.journal_id, i.position, i.is_stored, i.ordinal, i.ordinal = i.parts as is_last,
               i.position as came_position, i.value as came, i.mark as came_mark, i.kept, i.kept_mark,
               f.value, f.mark, f.fills, f.same, f.differs, f.fills as all_fills
          from instant i
         cross join lateral abate.fold_readings(i.kept, i.kept_mark, i.value, i.mark) f
         where i.parts > 1 or (i.is_stored and not i.is_same)
         union all
        select t.feed_id, t.at, t.journal_id, t.position, t.is_stored, p.ordinal, p.ordinal = p.parts,
               p.position, p.value, p.mark, t.value, t.mark,
               f.value, f.mark, f.fills, f.same, f.differs, t.all_fills + f.fills
          from step t
          join part p on p.feed_id = t.feed_id and p.at = t.at and p.ordinal = t.ordinal + 1
         cross join lateral abate.fold_readings(t.value, t.mark, p.value, p.mark) f
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
    changed_row as (
        insert into abate.sample as s (feed_id, journal_id, at, position, value, mark)
        select feed_id, journal_id, at, position, value, mark from step where is_last and is_stored and all_fills > 0
         order by 1, 3
        on conflict (feed_id, at) do update set value = excluded.value, mark = excluded.mark
         where not exists (select from unnest(s.value, excluded.value) as u (theirs, ours)
                            where u.theirs is not null and u.theirs is distinct from u.ours)
        returning 1
    ),
    differing as (
        insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
        select t.feed_id, t.at, c.slot, c.value, c.mark, c.kept_value, c.kept_mark, t.journal_id, t.came_position
          from step t
         cross join lateral abate.compare_readings(t.kept, t.kept_mark, t.came, t.came_mark) c
         where t.differs > 0 and c.verdict = 'differs'
         order by t.came_position, t.ordinal, c.slot
        on conflict do nothing
    )
    select (select count(*) from new_row),
           (select count(*) from step where fills > 0 and (is_stored or ordinal > 1)),
           (select coalesce(sum(same), 0) from step)
               + (select coalesce(sum(cardinality(array_remove(value, null))), 0) from instant where is_same),
           (select coalesce(sum(differs), 0) from step),
           (select count(*) from instant where not is_stored) - (select count(*) from new_row)
               + (select count(*) from step where is_last and is_stored and all_fills > 0)
               - (select count(*) from changed_row)
      into stored, merged, duplicate, revised, missed;

    if missed > 0 then
        raise exception 'another session stored the same instant at the same time'
            using errcode = 'serialization_failure', hint = 'Roll back and try again.';
    end if;
end
$$;
comment on function abate.merge_samples is
    'Takes pg_temp.incoming_sample into sample, slot by slot: an empty slot is filled, a value that is there stays, one that differs goes to revision. Returns how many messages were new and how many added to an instant already there; how many readings were there already, and how many differ.';
grant execute on function abate.merge_samples to abate_writer;
