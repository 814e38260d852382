-- Emission limits. The table is shipped empty: a limit is entered by a person who names its source.

set local role abate_owner;

create table abate.emission_limit (
    limit_id       int generated always as identity primary key,
    parameter_code text not null references abate.parameter,
    period         text not null check (period in ('realtime', 'minute', 'hour', 'day')),
    sector_code    text references abate.sector,
    plant_id       int references abate.plant,
    monitor_id     int references abate.monitor,
    lower          float8 check (lower > '-Infinity' and lower < 'Infinity'),
    upper          float8 check (upper > '-Infinity' and upper < 'Infinity'),
    lower_clear    float8 check (lower_clear > '-Infinity' and lower_clear < 'Infinity'),
    upper_clear    float8 check (upper_clear > '-Infinity' and upper_clear < 'Infinity'),
    hold           interval not null default '0'
        check (hold >= '0' and extract(year from hold) = 0 and extract(month from hold) = 0),
    unit           text not null,
    standard       text not null check (standard <> ''),
    clause         text,
    source         text not null check (source <> ''),
    source_date    date,
    confirmed_by   text,
    valid_from     timestamptz not null default '-infinity',
    valid_to       timestamptz not null default 'infinity',
    constraint one_scope check (num_nonnulls(sector_code, plant_id, monitor_id) = 1),
    constraint some_bound check (num_nonnulls(lower, upper) >= 1),
    constraint bounds_in_order check (lower < upper),
    constraint lower_clear_inside check (lower_clear is null or (lower is not null and lower_clear >= lower)),
    constraint upper_clear_inside check (upper_clear is null or (upper is not null and upper_clear <= upper)),
    constraint clears_in_order
        check (coalesce(lower_clear, lower) <= coalesce(upper_clear, upper)),
    constraint valid_some_time check (valid_from < valid_to),
    constraint emission_limit_said_once unique nulls not distinct
        (parameter_code, period, sector_code, plant_id, monitor_id, lower, upper, unit, standard, clause, valid_from)
);
comment on table abate.emission_limit is
    'Bounds that readings are held against, with the standard they are from and who confirmed them. A value equal to a bound complies. See the view idle_limit for those that no series is held against.';
comment on column abate.emission_limit.period is 'Which readings are judged: a limit on hourly means says nothing of minute values.';
comment on column abate.emission_limit.sector_code is 'Holds for all plants of this sector; or else plant_id, or else monitor_id is given.';
comment on column abate.emission_limit.lower is 'A value below is a breach; null: no such bound.';
comment on column abate.emission_limit.upper is 'A value above is a breach; null: no such bound.';
comment on column abate.emission_limit.lower_clear is 'An open breach closes at or above this value; null: at the bound.';
comment on column abate.emission_limit.upper_clear is 'An open breach closes at or below this value; null: at the bound.';
comment on column abate.emission_limit.hold is 'How long values must stay past the bound before that is a breach.';
comment on column abate.emission_limit.unit is 'Must be the same text as the unit of the series; nothing is converted.';
comment on column abate.emission_limit.source is 'Where the numbers were read: a document, a page.';
comment on column abate.emission_limit.confirmed_by is 'Who has compared them with the standard itself; null: nobody yet.';
comment on column abate.emission_limit.valid_from is 'Readings from this instant on are judged, up to but without valid_to.';
create index on abate.emission_limit (plant_id);
create index on abate.emission_limit (monitor_id);
create index on abate.emission_limit (sector_code);
