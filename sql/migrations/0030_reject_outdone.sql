-- A statement that was read anew and that a later one has outdone is settled: nothing of it will ever be stored.

set local role abate_owner;

alter table abate.reject_retry
    drop constraint reject_retry_outcome_check,
    drop constraint reason_of_what_is_left_out,
    add constraint known_outcome check (outcome in ('stored', 'in part', 'duplicate', 'differs', 'outdone', 'rejected')),
    add constraint reason_of_what_is_left_out check ((outcome in ('in part', 'outdone', 'rejected')) = (reason is not null));
comment on column abate.reject_retry.outcome is
    'stored; in part: something was stored, something left out again; duplicate: all of it was there; differs: it differs from what is there, and waits for a person (revision); outdone: what was left out is a statement, and a later one is on record; rejected: again.';
