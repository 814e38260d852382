-- Readings, one row a message: the values of a feed at one instant, by slot.
--
-- No foreign key and no further index: the registry is asked before a row is written, and each would cost more than
-- the row. Columns stand in the order that packs without gaps.

set local role abate_owner;

create table abate.sample (
    feed_id    int not null,
    journal_id smallint not null,
    at         timestamptz not null,
    position   bigint not null,
    value      float8[] not null,
    mark       text,
    primary key (feed_id, at),
    constraint at_in_range check (at >= '1900-01-01 00:00:00+00' and at < '2200-01-01 00:00:00+00'),
    constraint value_by_slot
        check (array_ndims(value) = 1 and array_lower(value, 1) = 1 and cardinality(value) <= 256),
    constraint value_finite check ('Infinity' > all (value) and '-Infinity' < all (value)),
    constraint mark_by_slot check (length(mark) between 1 and cardinality(value))
) partition by range (at);
comment on table abate.sample is
    'What the monitors sent, one row for a feed and instant; partitions by month (UTC). People ask the views reading and latest_reading.';
comment on column abate.sample.journal_id is 'The journal of the message (journal_position).';
comment on column abate.sample.at is 'The instant measured, or the beginning of the period, as the device has it.';
comment on column abate.sample.position is 'Where the message stands in the journal; the first, if the instant came in several.';
comment on column abate.sample.value is 'Values by series.slot. Null, or past the end: no value.';
comment on column abate.sample.mark is 'Null: all are N. Else one letter a slot; past its end N.';

create table abate.revision (
    revision_id bigint generated always as identity primary key,
    feed_id     int not null,
    at          timestamptz not null,
    slot        smallint not null,
    value       float8,
    mark        text not null,
    kept_value  float8,
    kept_mark   text not null,
    journal_id  smallint not null,
    position    bigint not null,
    recorded    timestamptz not null default now(),
    constraint revision_said_once unique nulls not distinct (feed_id, at, slot, value, mark)
);
comment on table abate.revision is
    'Readings that came again with another value or mark. The first stays in sample; what was said later stands here, once for each distinct reading.';
comment on column abate.revision.value is 'What the later message says; null: that there is no reading.';
comment on column abate.revision.kept_value is 'What sample has, and keeps.';
comment on column abate.revision.position is 'Of the later message, in the journal journal_id.';
