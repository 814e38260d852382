-- What is told of one thing, to one recipient by one channel, goes in the order in which it was told.

set local role abate_owner;

alter table abate.delivery add waits_for bigint[] not null default '{}';
comment on column abate.delivery.waits_for is
    'Deliveries to the same recipient by the same channel that told of one of the same breaches or troubles before, and were not over when this one got its words: it is not given before they are.';
