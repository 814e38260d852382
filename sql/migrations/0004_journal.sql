-- How far each journal has been stored.

set local role abate_owner;

create table abate.journal_position (
    journal_id smallint generated always as identity primary key,
    instance   text not null check (instance ~ '^[a-z0-9_-]+$'),
    uuid       uuid not null unique,
    position   bigint not null default 0 check (position >= 0),
    updated    timestamptz not null default now(),
    retired    timestamptz
);
comment on table abate.journal_position is
    'The journals of the daemons, each with the position up to which this database has taken it. Position and rows are written in one transaction.';
comment on column abate.journal_position.instance is 'The daemon''s name in its configuration.';
comment on column abate.journal_position.uuid is 'Drawn when the journal was made; it tells a lost and newly begun journal from the one we know.';
comment on column abate.journal_position.position is 'Byte offset in the journal: all before it is stored or rejected.';
comment on column abate.journal_position.retired is 'Since when the journal is no longer read (abate.retire_journal); null: in use.';
create unique index journal_in_use on abate.journal_position (instance) where retired is null;
