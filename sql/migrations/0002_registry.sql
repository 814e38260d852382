-- Who may report what: region, plant, monitor, feed, series; and the codes they are written in.

set local role abate_owner;

create table abate.region (
    region_code text primary key check (region_code ~ '^[^/+#[:cntrl:][:space:]]+$'),
    name_zh     text,
    name_en     text
);
comment on table abate.region is 'Administrative regions (codes of GB/T 2260, such as 410100 for Zhengzhou).';

create table abate.sector (
    sector_code text primary key check (sector_code <> ''),
    name_zh     text,
    name_en     text
);
comment on table abate.sector is 'Industrial sectors; an emission limit may hold for all plants of one.';

create table abate.plant (
    plant_id    int generated always as identity primary key,
    plant_code  text not null unique check (plant_code ~ '^[^/+#[:cntrl:][:space:]]+$'),
    name_zh     text,
    name_en     text,
    region_code text not null references abate.region,
    sector_code text references abate.sector
);
comment on table abate.plant is 'Enterprise sites.';
comment on column abate.plant.plant_code is 'As it stands in topics.';
create index on abate.plant (region_code);
create index on abate.plant (sector_code);

create table abate.monitor (
    monitor_id   int generated always as identity primary key,
    monitor_code text not null unique check (monitor_code ~ '^[^/+#[:cntrl:][:space:]]+$'),
    plant_id     int not null references abate.plant,
    name_zh      text,
    name_en      text,
    medium       text not null check (medium in ('air', 'water', 'energy', 'water_use', 'production', 'process')),
    utc_offset   interval not null default '8 hours'
        check (utc_offset between '-14 hours' and '14 hours' and extract(second from utc_offset) = 0)
);
comment on table abate.monitor is 'Measuring points: a stack, an outfall, a meter.';
comment on column abate.monitor.monitor_code is 'The MN code of HJ 212, or whatever the device calls itself in its topic and payload.';
comment on column abate.monitor.utc_offset is
    'The zone of times sent without one, and of the monitor''s days: fixed, without summer time.';
create index on abate.monitor (plant_id);

create table abate.parameter (
    parameter_code text primary key check (parameter_code ~ '^[^-[:cntrl:][:space:]]+$'),
    name_zh        text,
    name_en        text,
    unit           text,
    quantity       text
);
comment on table abate.parameter is
    'What can be measured: the factor codes of HJ 212-2017, and codes of our own that begin with x_.';
comment on column abate.parameter.unit is
    'The unit usually meant. What a feed really sends is in series.unit: stations differ. Null: not certain.';
comment on column abate.parameter.quantity is 'The kind of thing measured: concentration, temperature, energy ...';

create table abate.mark (
    mark     text primary key check (mark ~ '^[!-~]$'),
    name_zh  text not null,
    name_en  text not null,
    is_valid boolean not null
);
comment on table abate.mark is 'What one letter beside a reading says of it (HJ 212-2017, table 8).';
comment on column abate.mark.is_valid is
    'Whether a reading so marked counts as a measurement: only then is it held against limits. Marks not listed do not count.';

create table abate.feed (
    feed_id    int generated always as identity primary key,
    monitor_id int not null references abate.monitor,
    period     text not null check (period in ('realtime', 'minute', 'hour', 'day')),
    unique (monitor_id, period)
);
comment on table abate.feed is 'A monitor''s messages of one period (HJ 212: 2011 real time, 2051 minute, 2061 hour, 2031 day).';

create table abate.series (
    series_id      int generated always as identity primary key,
    feed_id        int not null references abate.feed,
    parameter_code text not null references abate.parameter,
    statistic      text not null default 'value' check (statistic ~ '^[A-Za-z][A-Za-z0-9_]*$'),
    unit           text not null,
    slot           smallint not null check (slot between 1 and 256),
    unique (feed_id, slot),
    unique (feed_id, parameter_code, statistic)
);
comment on table abate.series is
    'One parameter and statistic of a feed. A payload names it by its parameter code, followed by "-" and the statistic unless that is "value" (a21026, a21026-Max).';
comment on column abate.series.unit is
    'The unit its values are in, as the device sends them. An emission limit holds only if it is written in the same.';
comment on column abate.series.slot is
    'Its place in sample.value, from 1. Left out, it is the next free one of the feed.';
create index on abate.series (parameter_code);
