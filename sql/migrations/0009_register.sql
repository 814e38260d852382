-- What the register says of places, agencies and plants beyond what a message needs; and who changed it.

set local role abate_owner;

alter table abate.region
    add parent_code text references abate.region,
    add level text check (level in ('province', 'city', 'district', 'county', 'zone')),
    add constraint not_its_own_parent check (parent_code <> region_code);
comment on column abate.region.parent_code is 'The region it is a part of: a county''s city.';
comment on column abate.region.level is 'district, county (a county-level city, too), zone (a development zone with an administration of its own).';
create index on abate.region (parent_code);

create table abate.agency (
    agency_code text primary key check (agency_code ~ '^[^/+#[:cntrl:][:space:]]+$'),
    name_zh     text not null,
    name_en     text,
    region_code text references abate.region,
    aliases     text[] not null default '{}'
);
comment on table abate.agency is 'Offices and governments that lead, answer for or help with commitments, and that report.';
comment on column abate.agency.agency_code is 'As it stands in topics (indicators/<agency>).';
comment on column abate.agency.aliases is 'Other ways its name is written in the plan.';

create table abate.sector_group (
    group_code text primary key check (group_code <> ''),
    name_zh    text,
    name_en    text
);
comment on table abate.sector_group is 'Lists of sectors a commitment speaks of, such as the twelve with municipal limits.';

create table abate.sector_group_member (
    group_code  text not null references abate.sector_group,
    sector_code text not null references abate.sector,
    primary key (group_code, sector_code)
);
comment on table abate.sector_group_member is 'Which sectors a list has.';
create index on abate.sector_group_member (sector_code);

create table abate.park (
    park_code   text primary key check (park_code <> ''),
    name_zh     text,
    name_en     text,
    region_code text references abate.region,
    level       text check (level in ('province', 'city', 'other'))
);
comment on table abate.park is 'Industrial parks and industry clusters.';

alter table abate.plant
    add size_class text check (size_class in ('small', 'medium', 'large', 'very_large')),
    add is_above_scale boolean,
    add is_in_built_up_area boolean,
    add park_code text references abate.park,
    add disposition text check (disposition in ('in_place', 'change', 'move', 'close')),
    add start_due date,
    add finish_due date,
    add constraint due_in_order check (start_due <= finish_due);
comment on column abate.plant.size_class is 'Null: not known.';
comment on column abate.plant.is_above_scale is 'Above designated size: counted in the statistics of industry.';
comment on column abate.plant.is_in_built_up_area is 'Within the city''s built-up area; null: not known.';
comment on column abate.plant.park_code is 'The park it stands in; null: none, or not known.';
comment on column abate.plant.disposition is
    'What the plan has in store for it: in_place (upgraded where it is), change (of business), move (to a park), close; null: nothing.';
comment on column abate.plant.start_due is 'When that must have begun, where it is not the date of the commitment.';
comment on column abate.plant.finish_due is 'When that must be done, where it is not the date of the commitment.';
create index on abate.plant (park_code);

create table abate.line_kind (
    line_kind text primary key check (line_kind <> ''),
    name_zh   text,
    name_en   text,
    size_unit text
);
comment on table abate.line_kind is 'Kinds of lines, kilns, mills and wells that a commitment speaks of.';
comment on column abate.line_kind.size_unit is 'What line.size is in.';

create table abate.line (
    line_id     int generated always as identity primary key,
    plant_id    int not null references abate.plant,
    line_code   text not null check (line_code <> ''),
    name_zh     text,
    name_en     text,
    line_kind   text not null references abate.line_kind,
    size        float8 check (size >= 0 and size < 'Infinity'),
    is_excepted boolean not null default false,
    started_on  date,
    retired_on  date,
    source      text,
    unique (plant_id, line_code),
    constraint retired_after_start check (retired_on >= started_on)
);
comment on table abate.line is 'Production lines, kilns, mills, own wells of a plant, with the size a threshold asks for.';
comment on column abate.line.size is 'Capacity or diameter, in line_kind.size_unit; null: not known.';
comment on column abate.line.is_excepted is 'The plan''s own exception holds for it, such as special cement.';
comment on column abate.line.retired_on is 'Since when it is out of use for good: from then on any activity is a breach. Null: in use.';

alter table abate.monitor
    add line_id int references abate.line,
    add reference_oxygen float8 check (reference_oxygen >= 0 and reference_oxygen < 21),
    add flow_is_at_stack boolean not null default false,
    add must_report_from date,
    add must_report_to date;
comment on column abate.monitor.line_id is 'The line it measures, if it is one line.';
comment on column abate.monitor.reference_oxygen is
    'Oxygen, in % by volume, that its concentrations are converted to; null: the standard of its sector sets none.';
comment on column abate.monitor.flow_is_at_stack is
    'Its flow is that of the wet gas as hot as it is in the stack; false: of dry gas at 0 degC and 101.325 kPa, as concentrations are.';
comment on column abate.monitor.must_report_from is 'The first day on which it has to report; null: it may.';
comment on column abate.monitor.must_report_to is 'The day from which it has not to any more.';
create index on abate.monitor (line_id);

create table abate.stoppage (
    stoppage_id int generated always as identity primary key,
    plant_id    int references abate.plant,
    monitor_id  int references abate.monitor,
    kind        text not null check (kind in ('stopped', 'fault', 'maintenance')),
    begins      timestamptz not null,
    ends        timestamptz not null default 'infinity',
    source      text not null check (source <> ''),
    recorded_by text not null default session_user,
    recorded    timestamptz not null default now(),
    constraint one_subject check (num_nonnulls(plant_id, monitor_id) = 1),
    constraint ends_after check (begins < ends)
);
comment on table abate.stoppage is
    'Stops and faults reported by a plant: their hours are not due, so they do not count against availability.';
create index on abate.stoppage (monitor_id);
create index on abate.stoppage (plant_id);

create table abate.change (
    change_id  bigint generated always as identity primary key,
    table_name text not null,
    operation  text not null check (operation in ('insert', 'update', 'delete')),
    row_key    text not null,
    old        jsonb,
    new        jsonb,
    changed_by text not null default session_user,
    changed    timestamptz not null default clock_timestamp()
);
comment on table abate.change is 'Who changed the register, the limits, the plan or a breach, when, and from what to what.';
comment on column abate.change.row_key is 'The row''s primary key, as text.';
create index on abate.change (table_name, row_key, changed);
