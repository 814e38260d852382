-- Months that are let go: what there is, what stands against it, and the act. For persons, with the rights of abate_owner.
--
--     retention_obstacle(before)    what needs a row of those months: is_final, it stays; else it is said
--     retention_month(before)       what would go, counted
--     let_months_go(before, drop?)  goes, in one transaction, if nothing final stands against it; said in abate.change
--
-- Only sample: hours, days, consumption and verdicts are reckoned from, and small.

set local role abate_owner;

create or replace view abate.partition as
select p.relname::text as parent, c.oid::regclass as partition, m.month,
       make_timestamptz(m.month / 12, m.month % 12 + 1, 1, 0, 0, 0, 'UTC') as begins,
       make_timestamptz((m.month + 1) / 12, (m.month + 1) % 12 + 1, 1, 0, 0, 0, 'UTC') as ends,
       greatest(c.reltuples, 0)::bigint as "rows", pg_total_relation_size(c.oid) as bytes, i.inhrelid is not null as is_attached
  from pg_class c
  left join pg_inherits i on i.inhrelid = c.oid
  join pg_class p on case when i.inhrelid is not null then p.oid = i.inhparent
                          else p.oid = 'abate.sample'::regclass and c.relname ~ '^detached_sample_(19|2[01])\d\d_(0[1-9]|1[0-2])$' end
 cross join lateral (select substring(c.relname from '_(\d{4})_\d{2}$')::int * 12
                            + substring(c.relname from '_\d{4}_(\d{2})$')::int - 1 as month) m
 where c.relnamespace = 'abate'::regnamespace and c.relkind = 'r' and p.relkind = 'p' and m.month is not null;
comment on view abate.partition is
    'The months of all tables that have one partition a month (UTC), and those of sample that were detached (detached_sample_YYYY_MM): these are read by no view any more.';
comment on column abate.partition.month is 'year * 12 + month - 1.';
comment on column abate.partition.rows is 'About how many, as of the last vacuum.';
comment on column abate.partition.bytes is 'On disk, with the index.';

-- Two days more than what goes: an hour is judged by the reading before it, too (growth of a register), and by how long there
-- was none (silence). The last month stays for the same reason: what comes now looks back at it.
create or replace function abate.retention_obstacle(before timestamptz) returns table (is_final boolean, what text)
language sql stable
begin atomic
    with resting as ( -- open breaches, and the earliest instant each rests on
        select b.breach_id, b.rule, b.plant_id, b.monitor_id, b.opened, s.since
          from abate.breach b
         cross join lateral (select min(w.since) as since from abate.breach_span(b.breach_id) w) s
         where b.closed is null and b.withdrawn is null and s.since < retention_obstacle.before
    ),
    pending as (
        select count(*) as hours, min(t.hour) as first
          from (select h.hour from abate.touched_hour h where h.hour < retention_obstacle.before + interval '2 days'
                 union all
                select abate.day_begins(d.day, m.utc_offset) from abate.touched_day d
                  join abate.monitor m on m.monitor_id = d.monitor_id
                 where abate.day_begins(d.day, m.utc_offset) < retention_obstacle.before) t
    ),
    over as (
        select count(*) as breaches,
               count(*) filter (where not exists (select from abate.handling h
                                                   where h.breach_id = b.breach_id and h.closed_at is not null)) as unsettled
          from abate.breach b
         where b.closed is not null and b.withdrawn is null and b.rule <> 'commitment' and b.opened < retention_obstacle.before
    ),
    waiting as (
        select count(*) as readings
          from abate.revision v
          join abate.sample s on s.feed_id = v.feed_id and s.at = v.at
         where v.at < retention_obstacle.before and v.reissue_position is null
           and (s.value[v.slot], abate.mark_of(s.mark, v.slot)) is distinct from (v.value, v.mark)
           and (v.kept_value, v.kept_mark) is not distinct from (s.value[v.slot], abate.mark_of(s.mark, v.slot))
    )
    select true, format('breach %s (%s%s%s) is open since %s and rests on samples from %s on', r.breach_id, r.rule,
                        ', plant ' || p.plant_code, ', monitor ' || m.monitor_code,
                        to_char(r.opened at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'),
                        to_char(r.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'))
      from resting r
      left join abate.plant p on p.plant_id = r.plant_id
      left join abate.monitor m on m.monitor_id = r.monitor_id
     union all
    select true, format('%s hours of feeds or days of monitors, from %s on, are still to be judged; hint: a running abated does it', hours,
                        to_char(first at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"'))
      from pending where hours > 0
     union all
    select true, 'the last month, the month that is now, and those after it, are not to be let go'
     where retention_obstacle.before > (date_trunc('month', now() at time zone 'UTC') - interval '1 month') at time zone 'UTC'
     union all
    select false, format('%s breaches that are over began before; their evidence cannot be shown from the database any more (%s of them nobody has closed in abate.handling)',
                         breaches, unsettled)
      from over where breaches > 0
     union all
    select false, format('%s readings that came again and differ wait for a person (abate.accept_revision); then they cannot be accepted any more', readings)
      from waiting where readings > 0
     order by 1 desc;
end;
comment on function abate.retention_obstacle is
    'What stands against letting all samples before an instant go: is_final, they stay; else it is to be said to whoever does it.';

create or replace function abate.retention_month(before timestamptz, is_drop boolean)
    returns table (partition text, "rows" bigint, first timestamptz, last timestamptz, bytes bigint, is_attached boolean)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    p abate.partition;
begin
    for p in
        select * from abate.partition m
         where m.parent = 'sample' and m.ends <= retention_month.before and (m.is_attached or is_drop) order by m.begins, m.is_attached
    loop
        partition := p.partition::text;
        bytes := p.bytes;
        is_attached := p.is_attached;
        execute format('select count(*), min(at), max(at) from %s', p.partition) into rows, first, last;
        return next;
    end loop;
end
$$;
comment on function abate.retention_month is
    'The months of sample wholly before an instant, counted: those attached, and to be dropped also those detached before.';

create or replace function abate.let_month_go(name text, is_attached boolean, is_drop boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if is_attached then
        execute format('alter table abate.sample detach partition abate.%I', name);
    end if;
    if is_drop then
        execute format('drop table abate.%I', name);
        return;
    end if;
    -- Out of the way of a month that is made again, as for a message that comes late.
    if to_regclass(format('abate.%I', 'detached_' || name)) is not null then
        raise exception 'table abate.% is there already', 'detached_' || name
            using errcode = 'duplicate_table', hint = 'It was detached once before: keep it elsewhere, or drop it.';
    end if;
    execute format('alter table abate.%I rename to %I', name, 'detached_' || name);
    execute format('alter index abate.%I rename to %I', name || '_pkey', 'detached_' || name || '_pkey');
    execute format('comment on table abate.%I is %L', 'detached_' || name,
                   format('Samples, detached on %s: read by no view.', to_char(now() at time zone 'UTC', 'YYYY-MM-DD')));
end
$$;
comment on function abate.let_month_go is 'One month of let_months_go().';
revoke execute on function abate.let_month_go from abate_writer, abate_reader;

-- What is counted is locked against writing first, month by month, so that the daemon goes on with all others meanwhile. What
-- stands against it is asked when nobody can add to it any more, and then all others wait.
create or replace function abate.let_months_go(before timestamptz, is_drop boolean, expected bigint)
    returns table (partition text, "rows" bigint, first timestamptz, last timestamptz, bytes bigint)
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
    m        record;
    months   jsonb;
    name     text;
    counted  bigint := 0;
    obstacle text;
begin
    if not pg_has_role('abate_owner', 'usage') then
        raise exception 'role "%" may not let samples go', current_user
            using errcode = 'insufficient_privilege', hint = 'That is for a member of abate_owner: --conninfo.';
    end if;
    for m in select p.partition from abate.partition p where p.parent = 'sample' and p.ends <= before order by p.begins loop
        execute format('lock table only %s in share mode', m.partition);
    end loop;
    select jsonb_agg(to_jsonb(r)) into months from abate.retention_month(before, is_drop) r;
    lock table only abate.sample in access exclusive mode;
    select string_agg(o.what, '; ') into obstacle from abate.retention_obstacle(before) o where o.is_final;
    if obstacle is not null then
        raise exception '%', obstacle using errcode = 'object_in_use';
    end if;
    for m in select * from jsonb_to_recordset(months) r (partition text, "rows" bigint, first timestamptz, last timestamptz, bytes bigint, is_attached boolean) loop
        name := split_part(m.partition, '.', 2);
        counted := counted + m.rows;
        perform abate.let_month_go(name, m.is_attached, is_drop);
        insert into abate.change (table_name, operation, row_key, old, new)
        values ('sample', 'delete', name,
                jsonb_build_object('rows', m.rows, 'first', m.first, 'last', m.last, 'bytes', m.bytes),
                case when not is_drop then jsonb_build_object('detached', 'detached_' || name) end);
        partition := name;
        rows := m.rows;
        first := m.first;
        last := m.last;
        bytes := m.bytes;
        return next;
    end loop;
    if counted <> expected then
        raise exception 'there are % rows now, not %: something was stored meanwhile', counted, expected
            using errcode = 'serialization_failure', hint = 'Nothing has gone; ask again.';
    end if;
    perform pg_notify('abate_registry', ''); -- the daemon knows these months, and reads anew which there are
exception
    when lock_not_available or deadlock_detected then
        raise exception 'somebody is at work with the samples' using errcode = 'lock_not_available',
            hint = 'Nothing has gone; try again when no long query or backup reads abate.sample.';
end
$$;
comment on function abate.let_months_go is
    'Drops the months of sample wholly before an instant, or detaches them as detached_sample_*, if they have so many rows in all and nothing final stands against it. Said in abate.change.';
grant execute on function abate.let_months_go to abate_writer, abate_reader; -- it says by itself who may
