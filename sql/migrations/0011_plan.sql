-- Plans as data: what was promised, by whom, until when; the figures reported; and what is judged of it.

set local role abate_owner;

create table abate.plan (
    plan_code   text primary key check (plan_code ~ '^[a-z0-9-]+$'),
    name_zh     text,
    name_en     text,
    region_code text not null references abate.region,
    utc_offset  interval not null default '8 hours' check (utc_offset between '-14 hours' and '14 hours')
);
comment on table abate.plan is 'Plans, such as a city''s. Their dates are days of utc_offset.';

create table abate.plan_version (
    plan_version_id int generated always as identity primary key,
    plan_code       text not null references abate.plan,
    version         int not null check (version > 0),
    issued          date not null,
    document        text,
    source          text not null check (source <> ''),
    digest          text not null,
    loaded          timestamptz not null default now(),
    loaded_by       text not null default session_user,
    unique (plan_code, version)
);
comment on table abate.plan_version is
    'Each text of a plan that was loaded. A day is judged by the newest version of those issued until then, or by the first.';
comment on column abate.plan_version.issued is 'The day of the text; a correction of our reading of it keeps the day and is the next version.';
comment on column abate.plan_version.document is 'Its number, where it has one.';
comment on column abate.plan_version.digest is 'SHA-256 of what was loaded, in hexadecimal: the same again makes no version.';

create table abate.commitment_kind (
    kind     text primary key check (kind ~ '^[a-z]+$'),
    name_zh  text not null,
    name_en  text not null,
    meaning  text not null,
    severity text not null,
    is_standing boolean not null default false
);
comment on table abate.commitment_kind is 'Kinds of commitments; the function abate.verdict_<kind>(commitment_id, at) judges one.';
comment on column abate.commitment_kind.severity is 'Of the breach when one is not kept; a soft one is a notice only.';
comment on column abate.commitment_kind.is_standing is
    'Kept or not from day to day: its breach ends when it is kept again. Of the others, what turns out to be kept in time was no breach: it is withdrawn.';

create table abate.indicator (
    indicator_code text primary key check (indicator_code ~ '^[a-z0-9_]+$'),
    name_zh        text not null,
    name_en        text not null,
    unit           text not null,
    folds          text not null check (folds in ('sum', 'last', 'mean')),
    origin         text not null default 'reported' check (origin in ('reported', 'energy', 'water', 'mass')),
    parameter_code text references abate.parameter,
    is_metered_whole boolean not null default false,
    source         text,
    constraint mass_of_something check ((origin = 'mass') = (parameter_code is not null))
);
comment on table abate.indicator is 'Figures that commitments are measured in.';
comment on column abate.indicator.folds is 'How figures of parts of a period make the whole one: sum (a flow), last (a stock, a cumulative count), mean.';
comment on column abate.indicator.origin is
    'reported: by an agency; energy, water, mass: meters can tell it, too (tce, m3, t of the parameter). A reported figure goes first.';
comment on column abate.indicator.is_metered_whole is 'The meters cover all of it, so that their sum alone may decide.';

create table abate.commitment_version (
    commitment_id   int generated always as identity primary key,
    plan_version_id int not null references abate.plan_version,
    ordinal         int not null,
    commitment_code text not null check (commitment_code <> ''),
    clause          text not null,
    quotation       text not null check (quotation <> ''),
    name_en         text not null,
    kind            text not null references abate.commitment_kind,
    telemetry       text not null check (telemetry in ('direct', 'partly', 'reported')),
    is_soft         boolean not null,
    start_due       date,
    deadline        date,
    deadline_note   text,
    indicator_code  text references abate.indicator,
    per_indicator   text references abate.indicator,
    relation        text check (relation in ('at_least', 'at_most', 'falls_by')),
    target          float8,
    unit            text,
    baseline_year   int,
    day_of_month    int check (day_of_month between 1 and 31),
    subject         text not null default 'region' check (subject in ('region', 'plant', 'agency', 'line', 'monitor')),
    group_code      text references abate.sector_group,
    dispositions    text[],
    size_classes    text[],
    is_in_built_up_area boolean,
    is_in_park      boolean,
    line_kind       text references abate.line_kind,
    line_size       float8,
    line_relation   text check (line_relation in ('below', 'at_most')),
    note            text,
    unique (plan_version_id, commitment_code),
    constraint target_has_relation check ((target is null) = (relation is null)),
    constraint size_has_relation check ((line_size is null) = (line_relation is null))
);
comment on table abate.commitment_version is 'The commitments of each version of a plan. People ask the view commitment: those of the newest versions.';
comment on column abate.commitment_version.commitment_code is 'Its name within the plan, such as O-1.';
comment on column abate.commitment_version.quotation is 'Verbatim from the plan.';
comment on column abate.commitment_version.telemetry is 'What monitors can show of it: direct, partly, or nothing (reported).';
comment on column abate.commitment_version.is_soft is 'The plan says "strive for", "in principle", "basically", "encourage": judged and shown, but no breach above a notice.';
comment on column abate.commitment_version.start_due is 'The last day on which it may begin; the same as the deadline: to have begun is all that is promised.';
comment on column abate.commitment_version.deadline is 'The last day on which it may be fulfilled; null: it stands at all times, or no date is named.';
comment on column abate.commitment_version.deadline_note is 'Where the date was not to be read from the text as it is: why this one.';
comment on column abate.commitment_version.relation is 'at_least, at_most: the figure itself; falls_by: against the baseline year, as a share of it.';
comment on column abate.commitment_version.target is 'In unit; a share is a fraction (0.23).';
comment on column abate.commitment_version.subject is 'What it is counted over: plants, agencies, lines or monitors that the columns behind and commitment_subject choose; or the region as a whole.';
comment on column abate.commitment_version.line_relation is 'Which lines are meant: smaller than line_size (below), or also those of just that size (at_most).';

create table abate.commitment_agency (
    commitment_id int not null references abate.commitment_version,
    agency_code   text not null references abate.agency,
    role          text not null check (role in ('lead', 'responsible', 'cooperating')),
    primary key (commitment_id, agency_code, role)
);
comment on table abate.commitment_agency is 'Who leads, answers for, and helps with a commitment.';
create index on abate.commitment_agency (agency_code);

create table abate.commitment_subject (
    commitment_id int not null references abate.commitment_version,
    plant_id      int references abate.plant,
    agency_code   text references abate.agency,
    due           date,
    constraint one_subject check (num_nonnulls(plant_id, agency_code) = 1),
    constraint subject_said_once unique nulls not distinct (commitment_id, plant_id, agency_code)
);
comment on table abate.commitment_subject is 'The plants or agencies a commitment names; if it names some, it is about those alone.';
comment on column abate.commitment_subject.due is 'A date of its own; null: the commitment''s deadline.';
create index on abate.commitment_subject (plant_id);

create table abate.baseline (
    baseline_id    int generated always as identity primary key,
    indicator_code text not null references abate.indicator,
    region_code    text not null references abate.region,
    year           int not null check (year between 1900 and 2199),
    value          float8 not null check (value > '-Infinity' and value < 'Infinity'),
    source         text not null check (source <> ''),
    source_date    date,
    author         text not null default session_user,
    confirmed_by   text,
    recorded       timestamptz not null default clock_timestamp()
);
comment on table abate.baseline is 'Figures of the year a target is measured from, in the indicator''s unit. A correction is a further row; the last one counts.';
create index on abate.baseline (indicator_code, region_code, year, recorded);

create table abate.indicator_value (
    indicator_value_id bigint generated always as identity primary key,
    indicator_code text not null references abate.indicator,
    region_code    text not null references abate.region,
    agency_code    text references abate.agency,
    period_from    date not null,
    period_to      date not null,
    value          float8 not null check (value > '-Infinity' and value < 'Infinity'),
    source         text not null check (source <> ''),
    author         text not null default session_user,
    reported       timestamptz not null default now(),
    journal_id     smallint,
    position       bigint,
    recorded       timestamptz not null default clock_timestamp(),
    constraint period_in_order check (period_from < period_to)
);
comment on table abate.indicator_value is
    'Reported figures, in the indicator''s unit. A correction is a further row for the same indicator, region and period; the last one counts and the old ones stay.';
comment on column abate.indicator_value.agency_code is 'Who reported it.';
comment on column abate.indicator_value.period_to is 'The first day after the period.';
comment on column abate.indicator_value.position is 'Where the message stands in the journal journal_id; null: entered by hand.';
create index on abate.indicator_value (indicator_code, region_code, period_from, recorded);

create table abate.milestone (
    milestone_id    bigint generated always as identity primary key,
    plan_code       text not null references abate.plan,
    commitment_code text not null,
    plant_id        int references abate.plant,
    agency_code     text references abate.agency,
    line_id         int references abate.line,
    period_from     date,
    due             date,
    started         date,
    done            date,
    is_kept         boolean,
    evidence        text,
    source          text not null check (source <> ''),
    author          text not null default session_user,
    journal_id      smallint,
    position        bigint,
    recorded        timestamptz not null default clock_timestamp(),
    constraint at_most_one_subject check (num_nonnulls(plant_id, agency_code, line_id) <= 1),
    constraint done_after_start check (started <= done)
);
comment on table abate.milestone is
    'What is on record of a commitment: for a plant, an agency, a line, or as a whole. A later row for the same subject and period takes the place of the earlier, which stays.';
comment on column abate.milestone.period_from is 'The first day of the month reported on, for what is due every month.';
comment on column abate.milestone.due is 'A date of its own, such as one set for a firm; null: the commitment''s.';
comment on column abate.milestone.done is 'Null: not yet.';
comment on column abate.milestone.is_kept is 'For duties in words: a person''s judgement, with evidence; null: none.';
create index on abate.milestone (plan_code, commitment_code, plant_id, agency_code, recorded);

create type abate.finding as (
    verdict       text,
    actual        float8,
    wanted        float8,
    path          float8,
    forecast      float8,
    forecast_low  float8,
    forecast_high float8,
    crosses_on    date,
    reason        text,
    subjects      jsonb,
    evidence      jsonb
);
comment on type abate.finding is 'What a function abate.verdict_<kind>() says; the columns of verdict.';

create table abate.verdict (
    verdict_id    bigint generated always as identity primary key,
    commitment_id int not null references abate.commitment_version,
    on_day        date not null,
    verdict       text not null check (verdict in
        ('met', 'met_late', 'on_track', 'behind', 'overdue', 'missed', 'unknown', 'not_measurable')),
    actual        float8,
    wanted        float8,
    path          float8,
    forecast      float8,
    forecast_low  float8,
    forecast_high float8,
    crosses_on    date,
    reason        text not null,
    subjects      jsonb,
    evidence      jsonb,
    at            timestamptz not null,
    judged        timestamptz not null default clock_timestamp(),
    replaced      timestamptz
);
comment on table abate.verdict is
    'What was judged of a commitment for a day. Judged again with another result, the old row gets the time it was replaced and stays.';
comment on column abate.verdict.actual is 'The figure as it was known, comparable with wanted.';
comment on column abate.verdict.wanted is 'What the commitment wants at its deadline.';
comment on column abate.verdict.path is 'What the way there wants by that day.';
comment on column abate.verdict.crosses_on is 'The day on which the forecast reaches the target.';
comment on column abate.verdict.subjects is 'Plants, agencies or lines that fall short: [{"plant": code, "verdict": ..., "due": ..., "reason": ...}].';
comment on column abate.verdict.evidence is 'The figures it rests on.';
comment on column abate.verdict.replaced is 'Null: this one counts.';
create unique index verdict_counts on abate.verdict (commitment_id, on_day) where replaced is null;
create index on abate.verdict (commitment_id, on_day);

insert into abate.commitment_kind (kind, name_zh, name_en, meaning, severity, is_standing) values
    ('intensity',    '强度',     'intensity',        'one sum over another, against a baseline year', 'warning', false),
    ('total',        '总量',     'total',            'a sum, against a baseline year', 'warning', false),
    ('share',        '比例',     'share',            'one sum as a part of another', 'warning', false),
    ('count',        '数量',     'count',            'a number reached', 'warning', false),
    ('compliance',   '达标',     'limit compliance', 'hourly and daily means of the subjects within their emission limits', 'warning', true),
    ('zero',         '清零',     'zero',             'the subjects are closed and stay without activity', 'day', false),
    ('capacity',     '产能淘汰', 'capacity',         'no line of a kind and size is in use', 'warning', false),
    ('milestone',    '节点',     'milestone',        'something is done by a date', 'warning', false),
    ('coverage',     '全覆盖',   'coverage',         'every subject has its milestone', 'warning', false),
    ('availability', '有效传输', 'availability',     'the subjects'' monitors report validly', 'warning', true),
    ('report',       '定期报告', 'periodic report',  'every subject reports by a day of each month', 'warning', true),
    ('prohibition',  '禁止',     'prohibition',      'nothing new of a kind appears', 'day', true),
    ('duty',         '职责',     'duty in words',    'a person judges it; never kept by silence', 'notice', true);
