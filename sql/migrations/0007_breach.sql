-- Breaches, and the watches that are not at rest.

set local role abate_owner;

create table abate.breach (
    breach_id      bigint generated always as identity primary key,
    limit_id       int not null references abate.emission_limit,
    series_id      int not null references abate.series,
    opened         timestamptz not null,
    closed         timestamptz,
    bound          float8 not null,
    worst          float8 not null,
    worst_at       timestamptz not null,
    last_at        timestamptz not null,
    count          int not null check (count > 0),
    journal_id     smallint not null,
    first_position bigint not null,
    worst_position bigint not null,
    last_position  bigint not null,
    unique (limit_id, series_id, opened),
    constraint closed_after check (closed >= opened)
);
comment on table abate.breach is 'One row for an episode in which a series stayed past a limit. People ask the view breach_report.';
comment on column abate.breach.opened is 'The instant of the first reading past the bound.';
comment on column abate.breach.closed is 'The instant of the reading that ended it; null: it is open.';
comment on column abate.breach.bound is 'The bound that was passed, as it was then.';
comment on column abate.breach.worst is 'The reading farthest past the bound.';
comment on column abate.breach.last_at is 'The last instant judged while it was open.';
comment on column abate.breach.count is 'How many readings were past the bound.';
comment on column abate.breach.first_position is 'The message that began it, in the journal journal_id; likewise the worst and the last one past the bound.';
create unique index breach_open on abate.breach (limit_id, series_id) where closed is null;
create index on abate.breach (series_id, opened);
create index on abate.breach (opened);

create table abate.watch_state (
    limit_id       int not null references abate.emission_limit on delete cascade,
    series_id      int not null references abate.series on delete cascade,
    phase          text not null check (phase in ('pending', 'open')),
    last_at        timestamptz not null,
    since          timestamptz not null,
    worst          float8 not null,
    worst_at       timestamptz not null,
    count          int not null,
    first_position bigint not null,
    worst_position bigint not null,
    last_position  bigint not null,
    primary key (limit_id, series_id)
);
comment on table abate.watch_state is
    'Where the daemon stands with a limit and a series that are not at rest, so that a restart neither forgets nor repeats a breach.';
comment on column abate.watch_state.phase is 'pending: past the bound, not yet for as long as the limit''s hold; open: a breach.';
comment on column abate.watch_state.last_at is 'The last instant judged.';
comment on column abate.watch_state.since is 'The first instant past the bound.';
