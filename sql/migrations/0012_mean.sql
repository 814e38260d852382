-- Hours and days: made of what the monitors sent, closed when they are over, made again when something comes late.

set local role abate_owner;

create table abate.touched_hour (
    feed_id  int not null,
    hour     timestamptz not null,
    is_asked boolean not null default false
);
comment on table abate.touched_hour is
    'Hours of feeds in which something was stored since they were last closed: what abate.judge() has to do. Rows repeat; no key, so that a daemon adding to it never waits.';
comment on column abate.touched_hour.hour is 'Its beginning, by the monitor''s clock (utc_offset).';
comment on column abate.touched_hour.is_asked is
    'A person asked for it (abate.touch): it is judged again, changed or not.';
create index on abate.touched_hour (hour);

create table abate.touched_day (
    monitor_id int not null,
    day        date not null,
    is_asked   boolean not null default false,
    primary key (monitor_id, day)
);
comment on table abate.touched_day is 'Days of monitors of which an hour was closed since the day was.';
comment on column abate.touched_day.is_asked is 'A person asked for it: it is judged again, changed or not.';

create table abate.hourly (
    series_id   int not null,
    received    smallint not null,
    valid       smallint not null,
    at          timestamptz not null,
    value       float8,
    oxygen      float8,
    closed      timestamptz not null default clock_timestamp(),
    is_valid    boolean not null,
    is_official boolean not null default true,
    primary key (series_id, at)
) partition by range (at);
comment on table abate.hourly is
    'Hourly means: of a series of minute or real-time values, made of those; of a series of hours, as the plant reports it. People ask the view official_hour.';
comment on column abate.hourly.received is 'Values that came: minutes, or 1 for a reported hour.';
comment on column abate.hourly.valid is 'Of these, those that count: minutes with a valid value, distinct samples of water, or 1.';
comment on column abate.hourly.at is 'Beginning of the hour by the monitor''s clock.';
comment on column abate.hourly.value is 'The mean of the valid ones, also where they are too few; null: there is none.';
comment on column abate.hourly.oxygen is 'Mean oxygen of the same hour of the monitor, in %, if valid; null: none.';
comment on column abate.hourly.is_valid is 'Whether enough of them are valid (threshold hour_valid_minutes, hour_valid_samples).';
comment on column abate.hourly.is_official is
    'Whether it is the one that counts, of those of the same monitor, parameter and hour: set by abate.close_hours().';

create table abate.daily (
    series_id   int not null,
    day         date not null,
    received    smallint not null,
    valid       smallint not null,
    value       float8,
    converted   float8,
    closed      timestamptz not null default clock_timestamp(),
    is_valid    boolean not null,
    is_official boolean not null default true,
    is_weighted boolean not null default false,
    official_received smallint,
    official_valid    smallint,
    primary key (series_id, day) include (official_received, official_valid)
);
comment on table abate.daily is
    'Daily means: of the hours of a series, or as the plant reports them. People ask the view official_day.';
comment on column abate.daily.day is 'By the monitor''s clock.';
comment on column abate.daily.received is 'Hours that came; 1 for a reported day.';
comment on column abate.daily.converted is 'Mean of the valid hours converted to the monitor''s reference oxygen; null: fewer than a day needs (threshold day_valid_hours) could be converted.';
comment on column abate.daily.is_official is
    'Whether it is the one that counts, of those of the same monitor, parameter and day: set by abate.close_days().';
comment on column abate.daily.official_received is
    'Hours of it that came and count: what abate.monitor_availability() adds up; likewise official_valid. Null: a reported day.';
comment on column abate.daily.is_weighted is
    'Its hours are weighted by the flow of waste water (threshold day_flow_weighted), not all alike.';
create index on abate.daily (day);

create table abate.hourly_revision (
    series_id int not null,
    at        timestamptz not null,
    received  smallint not null,
    valid     smallint not null,
    value     float8,
    oxygen    float8,
    is_valid  boolean not null,
    closed    timestamptz not null,
    replaced  timestamptz not null default clock_timestamp()
);
comment on table abate.hourly_revision is 'Hours as they were closed before something came late.';
create index on abate.hourly_revision (series_id, at);

create table abate.daily_revision (
    series_id   int not null,
    day         date not null,
    received    smallint not null,
    valid       smallint not null,
    value       float8,
    converted   float8,
    is_valid    boolean not null,
    is_weighted boolean not null default false,
    closed      timestamptz not null,
    replaced    timestamptz not null default clock_timestamp()
);
comment on table abate.daily_revision is 'Days as they were closed before something came late.';
create index on abate.daily_revision (series_id, day);

create table abate.consumption (
    series_id int not null,
    at        timestamptz not null,
    amount    float8 not null,
    state     text not null check (state in ('measured', 'bridged', 'rolled_over', 'replaced')),
    primary key (series_id, at) include (amount)
);
comment on table abate.consumption is 'What a meter counted in an hour, in the series'' unit times the meter''s multiplier.';
comment on column abate.consumption.at is 'Beginning of the hour by the monitor''s clock.';
comment on column abate.consumption.state is
    'measured; bridged: the register was not read for longer, and the growth stands in the hour it was read again; rolled_over: it began at 0 again; replaced: it fell, so another meter is read since: what was used between the two readings is not known, and left out.';
create index on abate.consumption (at);

create table abate.touched_plan (
    touched timestamptz not null default clock_timestamp()
);
comment on table abate.touched_plan is
    'A row for each time a figure, milestone, closure, stoppage or plan was changed since the plan was judged. No key, so that nobody who adds to it waits for abate.judge().';

create table abate.judge_state (
    is_only   boolean primary key default true check (is_only),
    judged_to timestamptz,
    plan_at   timestamptz
);
comment on table abate.judge_state is 'Where abate.judge() stands.';
comment on column abate.judge_state.judged_to is 'The latest instant it was called for.';
comment on column abate.judge_state.plan_at is 'The instant the plan was last judged for.';
insert into abate.judge_state default values;
