-- What is kept of rejected messages is bounded: how much, and for how long, is policy. All of them are counted.
-- And what everybody may do in a database unless told otherwise is taken back, as far as whoever migrates may do so.

do $$
begin
    if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
        revoke create on schema public from public; -- until PostgreSQL 14 all may
        revoke execute on function pg_catalog.lo_creat(int), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)
            from public; -- large objects are nobody's to bound
    end if;
end
$$;

set local role abate_owner;

insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('reject_rows_a_day',  null, 1000,       '1', 'different rejected messages of a day whose bytes are kept, for a plant or agency (all strangers together) at one broker', 'chosen'),
    ('reject_bytes_a_day', null, 8388608,    'B', 'bytes of them, likewise', 'chosen'),
    ('reject_kinds_a_day', null, 32,         '1', 'kinds of reasons told apart, likewise', 'chosen'),
    ('reject_days',        null, 90,         'd', 'how long the bytes of a rejected message are kept', 'chosen: three times the time for which the journal keeps them'),
    ('reject_rows',        null, 200000,     '1', 'rejected messages whose bytes are kept, of all', 'chosen'),
    ('reject_bytes',       null, 1073741824, 'B', 'bytes of them, likewise', 'chosen');

alter table abate.rejected_message
    add sender text not null default '',
    add kind text not null default '';
comment on column abate.rejected_message.sender is
    'The plant or agency of the register that the topic names, or whose monitor it names; "" if it names none.';
comment on column abate.rejected_message.kind is
    'The reason without what was quoted and without numbers; "" beyond so many kinds a day (threshold reject_kinds_a_day).';
comment on table abate.rejected_message is
    'Messages that were refused, wholly or in part, with their bytes and why. The same message with the same reason is one row and a count. Not all are here: what goes beyond the thresholds reject_* is only counted, in reject_count; the view reject_day has both.';

create table abate.reject_count (
    day            date not null,
    journal_id     smallint not null,
    broker         text not null,
    sender         text not null,
    kind           text not null,
    begun          int not null default 0,
    begun_bytes    bigint not null default 0,
    kept           int not null default 0,
    kept_bytes     bigint not null default 0,
    messages       bigint not null default 0,
    bytes          bigint not null default 0,
    first_position bigint,
    last_position  bigint,
    first_arrived  timestamptz,
    last_arrived   timestamptz,
    primary key (day, journal_id, broker, sender, kind)
);
comment on table abate.reject_count is
    'Rejected messages by day (UTC) of arrival, journal, broker, sender and kind: how many have a row in rejected_message, and how many are only counted. sum(messages) here and sum(times) there are all that were ever rejected. Bounded, whatever comes: by the register, and by so many kinds.';
comment on column abate.reject_count.begun is 'Rows of rejected_message begun on this day: what the thresholds reject_rows_a_day and reject_bytes_a_day bound.';
comment on column abate.reject_count.kept is 'Those of them that are still there.';
comment on column abate.reject_count.messages is
    'Messages that are only counted: their bytes are in the journal from first_position to last_position, as long as it keeps them.';
comment on column abate.reject_count.bytes is 'Of the messages that are only counted.';
comment on column abate.reject_count.first_position is 'Of the messages that are only counted; likewise the next three.';
create index on abate.reject_count (day) where kept > 0;

insert into abate.reject_count (day, journal_id, broker, sender, kind, begun, begun_bytes, kept, kept_bytes)
select (arrived at time zone 'UTC')::date, journal_id, broker, '', '', count(*), sum(size), count(*), sum(size)
  from abate.rejected_message
 cross join lateral (select octet_length(payload) + octet_length(topic) + octet_length(reason) as size) s
 group by 1, 2, 3;
