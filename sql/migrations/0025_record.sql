-- When a reject was recorded, by the database's clock: how long it is kept counts from then. It was counted from when the
-- message arrived by the daemon's clock, and one that was a year slow had its rejects trimmed at once.
-- And which message said what, where an instant came in several.

set local role abate_owner;

alter table abate.rejected_message add recorded timestamptz;
update abate.rejected_message set recorded = least(arrived, now());
alter table abate.rejected_message alter recorded set not null, alter recorded set default now();
comment on column abate.rejected_message.recorded is
    'When the row was made, by the clock of the database: threshold reject_days counts from then, and the oldest go first.';
create index on abate.rejected_message (recorded);

create table abate.sample_part (
    feed_id    int not null,
    journal_id smallint not null,
    at         timestamptz not null,
    position   bigint not null,
    slot       smallint[] not null,
    primary key (feed_id, at, journal_id, position)
);
comment on table abate.sample_part is
    'An instant that came in several messages: one row for each but the first, whose position is in sample. Instants stored before migration 0025 have none.';
comment on column abate.sample_part.position is 'Where the message stands in the journal journal_id.';
comment on column abate.sample_part.slot is 'Which slots of sample.value it filled.';
