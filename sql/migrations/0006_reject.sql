-- What could not be stored, with its bytes and the reason.

set local role abate_owner;

create table abate.rejected_message (
    reject_id       bigint generated always as identity primary key,
    journal_id      smallint not null,
    position        bigint not null,
    arrived         timestamptz not null,
    broker          text not null,
    topic           text not null,
    payload         bytea not null,
    reason          text not null,
    faults          int not null check (faults >= 0),
    kept            int not null check (kept >= 0),
    times           bigint not null default 1 check (times > 0),
    last_journal_id smallint not null,
    last_position   bigint not null,
    last_arrived    timestamptz not null,
    fingerprint     bytea not null unique
);
comment on table abate.rejected_message is
    'Messages that were refused, wholly or in part, with their bytes and why. The same message with the same reason is one row and a count.';
comment on column abate.rejected_message.reason is 'Why; of several faults the first.';
comment on column abate.rejected_message.faults is 'How many things were left out.';
comment on column abate.rejected_message.kept is 'How many readings of the message were stored nevertheless.';
comment on column abate.rejected_message.times is 'How often it came; arrived and position are those of the first time.';
comment on column abate.rejected_message.fingerprint is 'SHA-256 of broker, topic, reason and payload, with a zero byte between.';
create index on abate.rejected_message (arrived);
