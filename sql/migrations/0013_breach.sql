-- Breaches of every rule, not of limits on single values alone; their severity and what is done about them.

set local role abate_owner;

-- They are made anew by the functions.
drop view if exists abate.breach_report;
drop view if exists abate.idle_limit;
drop view if exists abate.limit_series;

create table abate.severity (
    severity text primary key,
    rank     int not null unique,
    name_zh  text not null,
    name_en  text not null
);
comment on table abate.severity is 'How grave a breach is, by rank.';
insert into abate.severity (severity, rank, name_zh, name_en) values
    ('notice',   0, '提示',     'notice'),
    ('warning',  1, '预警',     'warning'),
    ('hour',     2, '小时超标', 'hourly exceedance'),
    ('day',      3, '日均值超标', 'daily exceedance'),
    ('repeated', 4, '多次超标', 'repeated exceedance');
alter table abate.commitment_kind add foreign key (severity) references abate.severity;

alter table abate.emission_limit
    add kind text not null default 'emission' check (kind in ('emission', 'activity')),
    add reference_oxygen float8 check (reference_oxygen >= 0 and reference_oxygen < 21),
    add confidence text check (confidence in ('low', 'medium', 'high')),
    add line_id int references abate.line,
    add plan_code text,
    add commitment_code text;
comment on column abate.emission_limit.kind is
    'emission: a bound of a standard; activity: something closed or retired may not go past it, made by abate.close_down().';
comment on column abate.emission_limit.reference_oxygen is
    'Oxygen, in %, that values are converted to before they are held against it; null: as measured.';
comment on column abate.emission_limit.confidence is 'How sure the numbers are where nobody has confirmed them.';
comment on column abate.emission_limit.line_id is 'For activity: the line that was retired.';
comment on column abate.emission_limit.commitment_code is 'For activity: the commitment of plan_code that it follows from.';

create table abate.closure (
    closure_id      int generated always as identity primary key,
    plant_id        int references abate.plant,
    line_id         int references abate.line,
    since           timestamptz not null,
    plan_code       text references abate.plan,
    commitment_code text,
    source          text not null check (source <> ''),
    recorded_by     text not null default session_user,
    recorded        timestamptz not null default now(),
    ended           timestamptz,
    constraint one_subject check (num_nonnulls(plant_id, line_id) = 1),
    constraint ended_after check (ended >= since)
);
comment on table abate.closure is
    'Plants closed and lines retired: from `since` on, any sign of activity is a breach, found in the transaction that stores it.';
comment on column abate.closure.ended is 'The closure was lifted, or was entered in error; null: it holds.';
create unique index closure_of_plant on abate.closure (plant_id) where ended is null;
create unique index closure_of_line on abate.closure (line_id) where ended is null;

-- Two lines of a plant may be retired on the same day: their limits differ in nothing else. And whoever changes a limit
-- must not keep the daemon from writing breaches of it: so no constraint, and with an expression, or PostgreSQL takes the
-- bounds for a key that breaches may refer to, and locks them out.
alter table abate.emission_limit
    add closure_id int references abate.closure,
    drop constraint emission_limit_said_once;
create unique index emission_limit_said_once on abate.emission_limit
    (parameter_code, period, sector_code, plant_id, monitor_id, lower, upper, unit, standard, (coalesce(clause, '')),
     valid_from, closure_id) nulls not distinct;
comment on column abate.emission_limit.closure_id is 'For activity: the closure it watches, and is kept in step with.';
create index on abate.emission_limit (closure_id);

create table abate.exceedance (
    limit_id   int not null references abate.emission_limit,
    monitor_id int not null references abate.monitor,
    at         timestamptz not null,
    series_id  int not null,
    value      float8 not null,
    bound      float8 not null,
    evidence   jsonb,
    found      timestamptz not null default clock_timestamp(),
    withdrawn  timestamptz,
    primary key (limit_id, monitor_id, at)
);
comment on table abate.exceedance is 'Each hourly or daily mean that is past its limit, as judged (converted where the limit says so).';
comment on column abate.exceedance.at is 'Beginning of the hour or day by the monitor''s clock.';
comment on column abate.exceedance.series_id is 'Which series was the official one; reported or made of minutes, it is one exceedance.';
comment on column abate.exceedance.evidence is 'The value as measured, the oxygen, how many values came and were valid.';
comment on column abate.exceedance.withdrawn is 'Since when late data or a correction say otherwise; null: it stands.';
create index on abate.exceedance (monitor_id, at);
create index on abate.exceedance (at);

alter table abate.breach
    alter limit_id drop not null,
    alter series_id drop not null,
    alter bound drop not null,
    alter worst drop not null,
    alter worst_at drop not null,
    alter journal_id drop not null,
    alter first_position drop not null,
    alter worst_position drop not null,
    alter last_position drop not null,
    add rule text not null default 'early'
        check (rule in ('early', 'hour', 'day', 'activity', 'difference', 'silence', 'commitment')),
    add severity text not null default 'warning' references abate.severity,
    add plant_id int references abate.plant,
    add monitor_id int references abate.monitor,
    add line_id int references abate.line,
    add agency_code text references abate.agency,
    add commitment_id int references abate.commitment_version,
    add count_30_days int,
    add reason text,
    add evidence jsonb,
    add withdrawn timestamptz,
    add withdrawn_why text,
    add found timestamptz not null default clock_timestamp();
comment on column abate.breach.rule is
    'early: a real-time or minute value past a limit, found as it came; hour, day: a mean past a limit; activity: something closed is at work; difference: a reported hour is not what its minutes say; silence: a monitor that must report does not; commitment: a commitment of the plan is not kept.';
comment on column abate.breach.severity is 'A limit that nobody has confirmed never makes more than a warning.';
comment on column abate.breach.plant_id is 'Whose it is, where there is one; likewise monitor_id, line_id, agency_code.';
comment on column abate.breach.commitment_id is 'The commitment not kept, in the version of the plan that judged it.';
comment on column abate.breach.count_30_days is 'Exceeding hours (rule hour) or days (rule day) of this limit and point in the 30 days up to last_at.';
comment on column abate.breach.withdrawn is 'Since when late data or a correction say that it was none; it stays on record. Null: it stands.';
comment on column abate.breach.found is 'When it was first written.';

-- Breaches that were found before: whose they are; and those of hours and days are the judge's from now on, not the watch's.
update abate.breach b
   set plant_id = m.plant_id, monitor_id = m.monitor_id,
       rule = case when l.period in ('hour', 'day') then l.period else b.rule end
  from abate.series x, abate.feed f, abate.monitor m, abate.emission_limit l
 where x.series_id = b.series_id and f.feed_id = x.feed_id and m.monitor_id = f.monitor_id and l.limit_id = b.limit_id;
delete from abate.watch_state w
 using abate.emission_limit l
 where l.limit_id = w.limit_id and l.period in ('hour', 'day');

alter table abate.breach drop constraint breach_limit_id_series_id_opened_key;
create unique index breach_said_once on abate.breach (limit_id, series_id, opened) where withdrawn is null;
drop index abate.breach_open;
create unique index breach_open_once on abate.breach (limit_id, series_id) where closed is null and withdrawn is null;
create unique index breach_of_monitor on abate.breach (rule, monitor_id, series_id, opened) nulls not distinct
    where limit_id is null and monitor_id is not null and withdrawn is null;
create unique index breach_of_commitment on abate.breach (commitment_id, plant_id, agency_code, line_id, opened) nulls not distinct
    where rule = 'commitment' and withdrawn is null;
create index on abate.breach (plant_id, opened);
create index on abate.breach (limit_id, monitor_id, opened) where limit_id is not null;
create index on abate.breach (commitment_id);

create table abate.handling (
    handling_id bigint generated always as identity primary key,
    breach_id   bigint not null references abate.breach,
    at          timestamptz not null default clock_timestamp(),
    author      text not null default session_user,
    sent_to     text,
    read_at     timestamptz,
    cause       text check (cause in ('works', 'treatment', 'instrument', 'stopped', 'false', 'other')),
    explanation text,
    evidence    text,
    verified_by text,
    closed_at   timestamptz
);
comment on table abate.handling is 'What was done about a breach: further rows add to the earlier ones.';
comment on column abate.handling.cause is
    'works (生产工况), treatment (治污设施), instrument (监测设备), stopped (停产), false (虚假), other.';
create index on abate.handling (breach_id);
