-- Rejected messages that were read anew: the row of rejected_message stays as it was, what came of it stands here.

set local role abate_owner;

create table abate.reject_retry (
    retry_id   bigint generated always as identity primary key,
    reject_id  bigint not null,
    journal_id smallint not null,
    position   bigint not null,
    retried    timestamptz not null default clock_timestamp(),
    retried_by text not null default session_user,
    outcome    text not null check (outcome in ('stored', 'in part', 'duplicate', 'differs', 'rejected')),
    stored     bigint not null check (stored >= 0),
    duplicate  bigint not null check (duplicate >= 0),
    differs    bigint not null check (differs >= 0),
    reason     text,
    constraint reason_of_what_is_left_out check ((outcome in ('in part', 'rejected')) = (reason is not null))
);
comment on table abate.reject_retry is
    'Rejected messages that were read anew with the registry and configuration of a later day (abatectl rejects retry), a row each time. Written in the transaction that stored what was stored.';
comment on column abate.reject_retry.reject_id is
    'Of rejected_message, which keeps its row for so long only (threshold reject_days); position and journal_id lead to the message beyond that.';
comment on column abate.reject_retry.outcome is
    'stored; in part: something was stored, something left out again; duplicate: all of it was there; differs: it differs from what is there, and waits for a person (revision); rejected: again.';
comment on column abate.reject_retry.stored is 'Instants that are new or had something added, or statements taken.';
comment on column abate.reject_retry.duplicate is 'Readings that were there.';
comment on column abate.reject_retry.differs is 'Readings that differ from those there.';
comment on column abate.reject_retry.reason is 'Why something was left out again; of several faults the first.';
create index on abate.reject_retry (reject_id);
