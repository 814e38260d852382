-- What could not be stored: kept with its bytes as far as the thresholds reject_* allow, and counted beyond.
--
--     incoming_reject --> same fingerprint as a row that is there ----------------> times + 1
--                     --> new, within the day's bounds of its sender -------------> a row of rejected_message
--                     --> new, beyond them ---------------------------------------> reject_count
--                                      rows past their time, or too many in all ----^ trim_rejects()

set local role abate_owner;

create or replace function abate.reject_kind(reason text) returns text
language sql immutable parallel safe
return left(regexp_replace(reason, '"[^"]*("|$)|[0-9]+', '..', 'g'), 120);
comment on function abate.reject_kind is 'A reason without what it quotes and without numbers: the same for messages that are wrong in the same way.';

create or replace function abate.reject_size(topic text, payload bytea, reason text) returns bigint
language sql immutable parallel safe
return (octet_length(payload) + octet_length(topic) + octet_length(reason))::bigint;
comment on function abate.reject_size is 'What a rejected message counts for where bytes are bounded.';

create or replace function abate.reject_sender(source text) returns text
language sql stable
return coalesce((select p.plant_code from abate.plant p where p.plant_code = source),
                (select p.plant_code from abate.monitor m join abate.plant p on p.plant_id = m.plant_id where m.monitor_code = source),
                (select a.agency_code from abate.agency a where a.agency_code = source),
                '');
comment on function abate.reject_sender is
    'The plant or agency of the register that goes by this name, or whose monitor does; "" if nobody does: strangers are counted together, so that inventing names is of no use.';

-- By index, even if nothing was rejected yet when the session planned it.
create or replace function abate.take_rejects() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set jit = off set work_mem = '64MB' as $$
declare
    latest     timestamptz;
    rows_most  float8;
    bytes_most float8;
    kinds_most float8;
begin
    perform abate.check_session(); -- before anything of the session's is read
    select max(arrived) into latest from pg_temp.incoming_reject;
    rows_most := coalesce(abate.threshold('reject_rows_a_day', null, latest), 0);
    bytes_most := coalesce(abate.threshold('reject_bytes_a_day', null, latest), 0);
    kinds_most := coalesce(abate.threshold('reject_kinds_a_day', null, latest), 0);

    with marked as (
        select i.journal_id, i.position, i.arrived, i.broker, i.topic, i.payload, i.reason, i.faults, i.kept,
               coalesce(i.source, '') as source, i.ctid as came, (i.arrived at time zone 'UTC')::date as day,
               sha256(convert_to(broker, 'UTF8') || '\x00' || convert_to(topic, 'UTF8') || '\x00'
                      || convert_to(reason, 'UTF8') || '\x00' || payload) as fingerprint
          from pg_temp.incoming_reject i
          left join abate.journal_position j on j.journal_id = i.journal_id
         where i.position >= coalesce(j.position, 0) -- else it was taken: the journal is being read again
    ),
    folded as (
        select fingerprint, count(*) as times, min(came) as first_came, max(position) as last_position,
               max(arrived) as last_arrived
          from marked
         group by fingerprint
    ),
    sender as materialized (
        select s.source, abate.reject_sender(s.source) as sender from (select distinct source from marked) s
    ),
    message as materialized (
        select m.*, f.times, f.last_position, f.last_arrived, s.sender, abate.reject_kind(m.reason) as kind,
               abate.reject_size(m.topic, m.payload, m.reason) as size,
               exists (select from abate.rejected_message r where r.fingerprint = f.fingerprint) as is_known
          from folded f
          join marked m on m.came = f.first_came
          join sender s on s.source = m.source
    ),
    used as materialized ( -- what the day has begun already: few rows, as are senders
        select g.day, g.journal_id, g.broker, g.sender, coalesce(sum(c.begun), 0) as begun,
               coalesce(sum(c.begun_bytes), 0) as begun_bytes, count(c.kind) as kinds
          from (select distinct day, journal_id, broker, sender from message) g
          left join abate.reject_count c on (c.day, c.journal_id, c.broker, c.sender) = (g.day, g.journal_id, g.broker, g.sender)
         group by 1, 2, 3, 4
    ),
    within as ( -- how far the new rows go, in the order they came; and which is the first of a kind not met today
        select m.*, u.kinds,
               u.begun + count(*) filter (where not m.is_known) over earlier <= rows_most
               and u.begun_bytes + sum(m.size) filter (where not m.is_known) over earlier <= bytes_most as has_room,
               row_number() over (partition by m.day, m.journal_id, m.broker, m.sender, m.kind order by m.came) = 1
               and not exists (select from abate.reject_count c
                                where (c.day, c.journal_id, c.broker, c.sender, c.kind)
                                      = (m.day, m.journal_id, m.broker, m.sender, m.kind)) as is_first_of_kind
          from message m
          join used u on (u.day, u.journal_id, u.broker, u.sender) = (m.day, m.journal_id, m.broker, m.sender)
        window earlier as (partition by m.day, m.journal_id, m.broker, m.sender order by m.came)
    ),
    numbered as (
        select w.*, count(*) filter (where w.is_first_of_kind)
                    over (partition by w.day, w.journal_id, w.broker, w.sender order by w.came) as met
          from within w
    ),
    judged as materialized (
        select n.day, n.journal_id, n.position, n.arrived, n.broker, n.topic, n.payload, n.reason, n.faults, n.kept,
               n.came, n.fingerprint, n.times, n.last_position, n.last_arrived, n.sender, n.size, n.is_known,
               n.is_known or n.has_room as is_kept,
               case when not bool_or(n.is_first_of_kind) over same or n.kinds + min(n.met) over same <= kinds_most
                    then n.kind else '' end as kind
          from numbered n
        window same as (partition by n.day, n.journal_id, n.broker, n.sender, n.kind)
    ),
    counted as (
        insert into abate.reject_count as c
               (day, journal_id, broker, sender, kind, begun, begun_bytes, kept, kept_bytes, messages, bytes,
                first_position, last_position, first_arrived, last_arrived)
        select j.day, j.journal_id, j.broker, j.sender, j.kind,
               count(*) filter (where j.is_kept), coalesce(sum(j.size) filter (where j.is_kept), 0),
               count(*) filter (where j.is_kept), coalesce(sum(j.size) filter (where j.is_kept), 0),
               coalesce(sum(j.times) filter (where not j.is_kept), 0),
               coalesce(sum(j.times * j.size) filter (where not j.is_kept), 0),
               min(j.position) filter (where not j.is_kept), max(j.last_position) filter (where not j.is_kept),
               min(j.arrived) filter (where not j.is_kept), max(j.last_arrived) filter (where not j.is_kept)
          from judged j
         where not j.is_known
         group by 1, 2, 3, 4, 5
         order by 1, 2, 3, 4, 5
        on conflict (day, journal_id, broker, sender, kind) do update
           set begun = c.begun + excluded.begun, begun_bytes = c.begun_bytes + excluded.begun_bytes,
               kept = c.kept + excluded.kept, kept_bytes = c.kept_bytes + excluded.kept_bytes,
               messages = c.messages + excluded.messages, bytes = c.bytes + excluded.bytes,
               first_position = least(c.first_position, excluded.first_position),
               last_position = greatest(c.last_position, excluded.last_position),
               first_arrived = least(c.first_arrived, excluded.first_arrived),
               last_arrived = greatest(c.last_arrived, excluded.last_arrived)
    )
    insert into abate.rejected_message as r
           (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, times,
            last_journal_id, last_position, last_arrived, fingerprint, sender, kind)
    select j.journal_id, j.position, j.arrived, j.broker, j.topic, j.payload, j.reason, j.faults, j.kept, j.times,
           j.journal_id, j.last_position, j.last_arrived, j.fingerprint, j.sender, j.kind
      from judged j
     where j.is_kept
     order by j.came
    on conflict (fingerprint) do update
       set times = r.times + excluded.times,
           last_journal_id = excluded.last_journal_id,
           last_position = excluded.last_position,
           last_arrived = excluded.last_arrived
     where excluded.last_journal_id <> r.last_journal_id
        or excluded.position > r.last_position; -- else we have it, likewise

    return (select count(*) from pg_temp.incoming_reject);
end
$$;
comment on function abate.take_rejects is
    'Takes pg_temp.incoming_reject into rejected_message, equal ones into one row with a count, and into reject_count what is beyond the thresholds reject_*_a_day. Returns how many messages there were.';
grant execute on function abate.take_rejects to abate_writer;

-- In a transaction of its own, or the writer would wait for what it comes to be called after. The lock is taken before
-- anything else: with it nobody else holds a row of either table.
create or replace function abate.trim_rejects(at timestamptz, most int default 20000) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
    too_old  constant timestamptz := at - coalesce(abate.threshold('reject_days', null, at), 'Infinity') * interval '1 day';
    excess   record;
    trimmed  bigint;
begin
    if at > clock_timestamp() + interval '1 day' then
        raise exception 'abate.trim_rejects() is not for the future: %', at
            using errcode = 'invalid_parameter_value', hint = 'What is kept for some time would be trimmed before it is over.';
    end if;
    select sum(c.kept) - abate.threshold('reject_rows', null, at) as "rows",
           sum(c.kept_bytes) - abate.threshold('reject_bytes', null, at) as bytes
      into excess from abate.reject_count c where c.kept > 0;
    if (excess.rows > 0 or excess.bytes > 0
        or (select r.recorded from abate.rejected_message r order by r.recorded limit 1) < too_old) is not true then
        return 0;
    end if;
    lock table abate.reject_count in share row exclusive mode;

    with oldest as (
        select o.reject_id, o.recorded, row_number() over earlier as nth, sum(o.size) over earlier - o.size as before
          from (select r.reject_id, r.recorded, abate.reject_size(r.topic, r.payload, r.reason) as size
                  from abate.rejected_message r order by r.recorded, r.reject_id limit trim_rejects.most) o
        window earlier as (order by o.recorded, o.reject_id)
    ),
    gone as (
        delete from abate.rejected_message r
         using oldest o
         where r.reject_id = o.reject_id
           and (o.recorded < too_old or o.nth <= excess.rows or o.before < excess.bytes)
        returning r.*, abate.reject_size(r.topic, r.payload, r.reason) as size
    ),
    counted as (
        insert into abate.reject_count as c
               (day, journal_id, broker, sender, kind, kept, kept_bytes, messages, bytes,
                first_position, last_position, first_arrived, last_arrived)
        select (g.arrived at time zone 'UTC')::date, g.journal_id, g.broker, g.sender, g.kind, -count(*), -sum(g.size),
               sum(g.times), sum(g.times * g.size), min(g.position),
               max(case when g.last_journal_id = g.journal_id then g.last_position else g.position end),
               min(g.arrived), max(g.last_arrived)
          from gone g
         group by 1, 2, 3, 4, 5
        on conflict (day, journal_id, broker, sender, kind) do update
           set kept = c.kept + excluded.kept, kept_bytes = c.kept_bytes + excluded.kept_bytes,
               messages = c.messages + excluded.messages, bytes = c.bytes + excluded.bytes,
               first_position = least(c.first_position, excluded.first_position),
               last_position = greatest(c.last_position, excluded.last_position),
               first_arrived = least(c.first_arrived, excluded.first_arrived),
               last_arrived = greatest(c.last_arrived, excluded.last_arrived)
    )
    select count(*) into trimmed from gone;
    return trimmed;
end
$$;
comment on function abate.trim_rejects is
    'Takes out of rejected_message what is kept no longer, as of an instant, by the thresholds reject_days, reject_rows and reject_bytes: the oldest first, at most so many at once. They stay counted in reject_count. Returns how many rows went.';
grant execute on function abate.trim_rejects to abate_writer;

create or replace view abate.reject_day as
select c.day, c.broker, c.sender, c.kind, coalesce(d.messages, 0) + c.messages as messages, c.messages as only_counted,
       c.kept as "rows", c.journal_id, least(d.first_position, c.first_position) as first_position,
       greatest(d.last_position, c.last_position) as last_position, least(d.first_arrived, c.first_arrived) as first_arrived,
       greatest(d.last_arrived, c.last_arrived) as last_arrived, d.topic, d.reason
  from abate.reject_count c
  left join (select (r.arrived at time zone 'UTC')::date as day, r.journal_id, r.broker, r.sender, r.kind, sum(r.times) as messages,
                    min(r.position) as first_position,
                    max(case when r.last_journal_id = r.journal_id then r.last_position else r.position end) as last_position,
                    min(r.arrived) as first_arrived, max(r.last_arrived) as last_arrived,
                    min(r.topic) as topic, min(r.reason) as reason
               from abate.rejected_message r
              group by 1, 2, 3, 4, 5) d
    on (d.day, d.journal_id, d.broker, d.sender, d.kind) = (c.day, c.journal_id, c.broker, c.sender, c.kind);
comment on view abate.reject_day is
    'What was rejected, day by day (UTC, of arrival), with what is only counted: by broker, sender and kind of reason.';
comment on column abate.reject_day.sender is 'Plant or agency; "": nobody the register knows.';
comment on column abate.reject_day.messages is 'All of them. One that came again counts for the day on which it came first.';
comment on column abate.reject_day.only_counted is 'Of these, those without a row in rejected_message; their bytes are in the journal, first_position to last_position.';
comment on column abate.reject_day.rows is 'Rows of rejected_message.';
comment on column abate.reject_day.topic is 'One of those kept, as an example; likewise the reason.';
