-- The numbers by which is judged: with source, date and who confirmed them. None of them stands in a function.

set local role abate_owner;

create table abate.threshold (
    threshold_id   int generated always as identity primary key,
    threshold_code text not null check (threshold_code ~ '^[a-z0-9_]+$'),
    medium         text check (medium in ('air', 'water', 'energy', 'water_use', 'production', 'process')),
    value          float8 not null,
    unit           text not null,
    meaning        text not null,
    source         text not null check (source <> ''),
    source_date    date,
    confirmed_by   text,
    valid_from     timestamptz not null default '-infinity',
    valid_to       timestamptz not null default 'infinity',
    constraint threshold_said_once unique nulls not distinct (threshold_code, medium, valid_from),
    constraint valid_some_time check (valid_from < valid_to)
);
comment on table abate.threshold is
    'Numbers by which is judged, beside the emission limits. abate.threshold(code, medium, at) finds the one that holds: the medium''s own before the general one.';
comment on column abate.threshold.confirmed_by is 'Who has compared it with its source; null: nobody yet.';

insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('hour_valid_minutes', null,   45, 'min', 'valid minutes an hour needs', 'HJ 212-2017, appendix D.2'),
    ('hour_valid_samples', 'water', 1, '1',   'distinct samples an hour of water needs', 'HJ 212-2017, appendix D (1 to 6 an hour)'),
    ('day_valid_hours',    null,   20, 'h',   'valid hours a day needs', 'HJ 212-2017, appendix D (HJ/T 75-2007); an audit rule set says 18'),
    ('day_valid_hours',    'water', 1, 'h',   'valid hours a day of water needs', 'HJ 212-2017, appendix D (1 to 24 a day); HJ 356-2019 not seen'),
    ('day_flow_weighted',  'water', 1, '1',  '1: hours of a water day are weighted by the flow; 0: all alike', 'HJ 212-2017, appendix D allows either; chosen'),
    ('minute_valid_values', null,   1, '1',   'valid real-time values that make a minute count', 'chosen: devices send less often than the 12 a minute of HJ 212-2017, appendix D'),
    ('oxygen_undefined',   null,   21, '%',   'oxygen at and above which nothing is converted', 'HJ 212-2017, appendix D, formula (28): its denominator is 21 - O2'),
    ('difference_share',   null, 0.02, '1',   'difference between a reported hour and the one made of its minutes that is a finding', 'audit rules of public platforms (2 %)'),
    ('hour_grace',         null,   10, 'min', 'how long after its end an hour is waited for', 'chosen'),
    ('day_grace',          null,   60, 'min', 'how long after its end a day is waited for', 'chosen'),
    ('availability_pass',  null, 0.75, '1',   'transmission effective rate that passes', 'national pass line since 2014-01-01'),
    ('availability_aim',   null, 0.90, '1',   'transmission effective rate that is aimed at', 'bulletins of provinces (Guangdong 2019 Q3)'),
    ('plan_pause',         null,    1, 'min', 'pause before the plan is judged again because something of it has changed', 'chosen'),
    ('silent_after',       null,  120, 'min', 'silence of a monitor that must report that is a finding', 'chosen'),
    ('repeated_days',      null,   30, 'd',   'days in which exceedances are counted', 'practice of bureaus: count in the last 30 days'),
    ('repeated_hours',     null,    6, '1',   'exceeding hours in those days that make one repeated', 'chosen'),
    ('repeated_times',     null,    3, '1',   'exceeding days in those days that make one repeated', 'chosen'),
    ('ambient_pressure',   null, 101.325, 'kPa', 'barometric pressure where a flow is brought to standard conditions', 'chosen: the standard atmosphere; to be replaced by that of the place'),
    ('forecast_points',    null,    3, '1',   'yearly figures a forecast needs', 'chosen'),
    ('forecast_reach',     null,   50, 'a',   'years ahead in which a forecast is asked when it reaches the target', 'chosen'),
    ('forecast_band',      null,    2, '1',   'half width of the forecast''s band, in standard errors', 'chosen');

create table abate.substitution (
    substitution_id int generated always as identity primary key,
    medium          text not null check (medium in ('air', 'water')),
    takes           text not null default 'highest' check (takes in ('highest', 'mean')),
    capture_from    float8 not null check (capture_from between 0 and 1),
    capture_to      float8 not null,
    hours_from      int not null check (hours_from > 0),
    hours_to        int,
    looks_back      int check (looks_back > 0),
    source          text not null check (source <> ''),
    source_date     date,
    confirmed_by    text,
    valid_from      timestamptz not null default '-infinity',
    valid_to        timestamptz not null default 'infinity',
    constraint capture_in_order check (capture_from < capture_to)
);
comment on table abate.substitution is
    'What an hour without a valid emission is put at, for totals only: the highest or the mean of the last so many valid hourly emissions, by the share of valid hours in the quarter and the length of the gap. Where no row fits, the hour stays uncovered. Never used to find an exceedance.';
comment on column abate.substitution.capture_to is 'Exclusive.';
comment on column abate.substitution.hours_from is 'Length of the gap, in hours; hours_to is inclusive, null: without end.';
comment on column abate.substitution.looks_back is 'How many valid hours before the gap are looked at; null: as many as the gap is long.';
insert into abate.substitution (medium, takes, capture_from, capture_to, hours_from, hours_to, looks_back, source) values
    ('air',   'highest', 0.90, 1.01, 1,   24,  180, 'HJ 75-2017 as found in public programs; the standard itself not seen'),
    ('air',   'highest', 0.90, 1.01, 25, null, 720, 'HJ 75-2017 as found in public programs; the standard itself not seen'),
    ('air',   'highest', 0.75, 0.90, 1,  null, 2160, 'HJ 75-2017 as found in public programs; the standard itself not seen'),
    ('water', 'mean',    0,    1.01, 1,  null, null, 'HJ 356-2019 as found in public programs; the standard itself not seen');

create table abate.unit_conversion (
    unit      text primary key,
    base_unit text not null,
    factor    float8 not null check (factor > 0 and factor < 'Infinity'),
    source    text not null check (source <> '')
);
comment on table abate.unit_conversion is
    'Units that masses, energy and water are counted in: one of them is so many of its base unit. abate.convert_unit() goes from one to another of the same base; what is not listed is not converted.';
insert into abate.unit_conversion (unit, base_unit, factor, source) values
    ('kg/m3', 'kg/m3', 1,     'itself'),
    ('g/m3',  'kg/m3', 1e-3,  'SI'),
    ('mg/m3', 'kg/m3', 1e-6,  'SI'),
    ('ug/m3', 'kg/m3', 1e-9,  'SI'),
    ('ng/m3', 'kg/m3', 1e-12, 'SI'),
    ('g/L',   'kg/m3', 1,     'SI'),
    ('mg/L',  'kg/m3', 1e-3,  'SI'),
    ('ug/L',  'kg/m3', 1e-6,  'SI'),
    ('m3/h',  'm3/h',  1,     'itself'),
    ('m3/s',  'm3/h',  3600,  'SI'),
    ('L/s',   'm3/h',  3.6,   'SI'),
    ('kg',    'kg',    1,     'itself'),
    ('g',     'kg',    1e-3,  'SI'),
    ('t',     'kg',    1000,  'SI'),
    ('10^4 t', 'kg',   1e7,   'SI'),
    ('m3',    'm3',    1,     'itself'),
    ('L',     'm3',    1e-3,  'SI'),
    ('10^4 m3', 'm3',  1e4,   'SI'),
    ('MJ',    'MJ',    1,     'itself'),
    ('kJ',    'MJ',    1e-3,  'SI'),
    ('GJ',    'MJ',    1000,  'SI'),
    ('MMBtu', 'MJ',    1055.05585262, 'international table Btu of 1055.05585262 J'),
    ('kWh',   'kWh',   1,     'itself'),
    ('Wh',    'kWh',   1e-3,  'SI'),
    ('MWh',   'kWh',   1000,  'SI'),
    ('GWh',   'kWh',   1e6,   'SI'),
    ('10^4 kWh', 'kWh', 1e4,  'SI'),
    ('kgce',  'kgce',  1,     'itself'),
    ('tce',   'kgce',  1000,  'SI'),
    ('10^4 tce', 'kgce', 1e7, 'SI'),
    ('kPa',   'kPa',   1,     'itself'),
    ('Pa',    'kPa',   1e-3,  'SI'),
    ('MPa',   'kPa',   1000,  'SI');
comment on column abate.unit_conversion.base_unit is
    'kWh and MJ are kept apart: electricity is not heat when coal equivalents are counted.';

create table abate.energy_factor (
    factor_id    int generated always as identity primary key,
    carrier_code text not null check (carrier_code ~ '^[a-z_]+$'),
    name_zh      text not null,
    name_en      text not null,
    unit         text not null,
    basis        text not null check (basis in ('calorific', 'equal_value')),
    kgce         float8 not null check (kgce > 0),
    source       text not null check (source <> ''),
    source_date  date,
    confirmed_by text,
    valid_from   timestamptz not null default '-infinity',
    valid_to     timestamptz not null default 'infinity',
    constraint energy_factor_said_once unique (carrier_code, unit, basis, valid_from),
    constraint valid_some_time check (valid_from < valid_to)
);
comment on table abate.energy_factor is 'Kilograms of coal equivalent in a unit of an energy carrier.';
comment on column abate.energy_factor.basis is
    'calorific: by the heat in it (当量值); equal_value: by the heat spent to make it (等价值). Which one counts is said by energy_basis.';
insert into abate.energy_factor (carrier_code, name_zh, name_en, unit, basis, kgce, source) values
    ('electricity', '电力',   'electricity', 'kWh', 'calorific', 0.1229,  'GB/T 2589-2020, from memory: to be compared'),
    ('natural_gas', '天然气', 'natural gas', 'm3',  'calorific', 1.3300,  'GB/T 2589-2020 (oil-field gas), from memory: to be compared'),
    ('raw_coal',    '原煤',   'raw coal',    'kg',  'calorific', 0.7143,  'GB/T 2589-2020, from memory: to be compared'),
    ('coke',        '焦炭',   'coke',        'kg',  'calorific', 0.9714,  'GB/T 2589-2020, from memory: to be compared'),
    ('diesel',      '柴油',   'diesel',      'kg',  'calorific', 1.4571,  'GB/T 2589-2020, from memory: to be compared'),
    ('petrol',      '汽油',   'petrol',      'kg',  'calorific', 1.4714,  'GB/T 2589-2020, from memory: to be compared'),
    ('heat',        '热力',   'heat',        'MJ',  'calorific', 0.03412, 'GB/T 2589-2020, from memory: to be compared');

create table abate.energy_basis (
    carrier_code text not null,
    basis        text not null check (basis in ('calorific', 'equal_value')),
    source       text not null check (source <> ''),
    valid_from   timestamptz not null default '-infinity',
    valid_to     timestamptz not null default 'infinity',
    primary key (carrier_code, valid_from),
    constraint valid_some_time check (valid_from < valid_to)
);
comment on table abate.energy_basis is 'Which basis counts for a carrier; one that is not listed counts by its heat.';

create table abate.meter (
    series_id    int primary key references abate.series,
    measures     text not null check (measures in ('energy', 'water')),
    reads        text not null check (reads in ('register', 'interval')),
    carrier_code text,
    rolls_over   float8 check (rolls_over > 0),
    multiplier   float8 not null default 1 check (multiplier > 0),
    constraint carrier_of_energy check ((measures = 'energy') = (carrier_code is not null))
);
comment on table abate.meter is 'Series that count energy or water: what a plant uses is the sum of these.';
comment on column abate.meter.reads is 'register: a total that only grows, use is a difference; interval: each reading is what was used since the one before.';
comment on column abate.meter.rolls_over is 'The reading at which a register begins at 0 again; null: not known, so that a fall is a new meter.';
comment on column abate.meter.multiplier is 'Of the reading: a current transformer''s ratio, a pulse''s volume.';

create table abate.activity_sign (
    parameter_code text not null references abate.parameter,
    unit           text not null,
    above          float8 not null,
    is_register    boolean not null default false,
    source         text not null check (source <> ''),
    confirmed_by   text,
    primary key (parameter_code, unit)
);
comment on table abate.activity_sign is
    'Readings that show that a plant, line or well is at work: values above this bound. Only what is closed or retired is held against it.';
comment on column abate.activity_sign.is_register is 'A total: it is its growth that shows work.';
insert into abate.activity_sign (parameter_code, unit, above, is_register, source) values
    ('a00000',   'm3/s',  0,  false, 'chosen: a stack of a plant that is closed has no flow; raise it over the noise of the meter'),
    ('a00000',   'm3/h',  0,  false, 'chosen: likewise'),
    ('a01012',   'degC',  60, false, 'chosen: no weather heats a stack so far'),
    ('w00000',   'L/s',   0,  false, 'chosen'),
    ('w00000',   'm3/h',  0,  false, 'chosen'),
    ('i33200',   'A',     0,  false, 'chosen'),
    ('i33201',   'kWh',   0,  true,  'chosen'),
    ('i33400',   '%',     0,  false, 'chosen'),
    ('x_power',  'MW',    0,  false, 'chosen'),
    ('x_energy', 'kWh',   0,  false, 'chosen'),
    ('x_heat_input', 'MMBtu', 0, false, 'chosen'),
    ('x_water',  'm3',    0,  false, 'chosen'),
    ('x_water_register', 'm3', 0, true, 'chosen');
