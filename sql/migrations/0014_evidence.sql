-- The chain of closed journal segments: what the raw messages were, said once and never changed.

set local role abate_owner;

create table abate.journal_segment (
    journal_id     smallint not null references abate.journal_position,
    first_position bigint not null check (first_position >= 0),
    end_position   bigint not null,
    bytes          bigint not null check (bytes > 0),
    digest         bytea not null check (length(digest) = 32),
    chain          bytea not null check (length(chain) = 32),
    closed         timestamptz not null,
    recorded       timestamptz not null default clock_timestamp(),
    primary key (journal_id, first_position),
    constraint segment_ends_once unique (journal_id, end_position),
    constraint segment_not_empty check (end_position > first_position)
);
comment on table abate.journal_segment is
    'The closed segments of the journals, in a chain: whoever changes one changes every chain value behind it. Written by abate.record_segment() alone, never changed.';
comment on column abate.journal_segment.first_position is 'Of its first record; the file is named by it.';
comment on column abate.journal_segment.end_position is 'Where the next segment begins.';
comment on column abate.journal_segment.bytes is 'Size of the file.';
comment on column abate.journal_segment.digest is 'SHA-256 of the file as it lies on disk.';
comment on column abate.journal_segment.chain is
    'SHA-256 of: the chain value before it (32 zero bytes for the first), the journal''s uuid (16 bytes), first_position and end_position (8 bytes each, big-endian), digest (32 bytes).';
comment on column abate.journal_segment.closed is 'When the daemon began the next segment.';
comment on column abate.journal_segment.recorded is 'When this row was written.';
