-- What the files of a plan's folder have: files, columns, types of cells, and what must not be. Checking and loading
-- read these tables; a further column or rule is a further row.

set local role abate_owner;

-- They are read by the functions of 89_plan_check and 89_plan_load when those run, so nothing hangs on them.
drop view if exists abate.plan_folder_rule, abate.plan_folder_column, abate.plan_folder_type, abate.plan_folder_file;

create view abate.plan_folder_file as
select * from (values
    (1, 'regions.csv',        'region',    'region',       'region_code',    '{region_code}'::text[]),
    (2, 'plan.csv',           'plan',      'plan',         'plan_code',      '{plan_code}'),
    (3, 'agencies.csv',       'agency',    'agency',       'agency_code',    '{agency_code}'),
    (4, 'sectors.csv',        'sector',    'sector',       'sector_code',    '{sector_code}'),
    (5, 'groups.csv',         'group',     'sector_group', 'group_code',     '{group_code}'),
    (6, 'group_sectors.csv',  null,        null,           null,             '{group_code,sector_code}'),
    (7, 'line_kinds.csv',     'line kind', 'line_kind',    'line_kind',      '{line_kind}'),
    (8, 'parks.csv',          'park',      'park',         'park_code',      '{park_code}'),
    (9, 'plants.csv',         'plant',     'plant',        'plant_code',     '{plant_code}'),
    (10, 'lines.csv',         null,        null,           null,             '{plant_code,line_code}'),
    (11, 'indicators.csv',    'indicator', 'indicator',    'indicator_code', '{indicator_code}'),
    (12, 'limits.csv',        null,        null,           null,             '{parameter_code,period,sector_code,unit,standard,clause,valid_from}'),
    (13, 'commitments.csv',   'commitment', null,          'commitment_code', '{commitment_code}'),
    (14, 'subjects.csv',      null,        null,           null,             '{commitment_code,plant_code,agency_code}'),
    (15, 'baselines.csv',     null,        null,           null,             '{indicator_code,region_code,year}'),
    (16, 'figures.csv',       null,        null,           null,             '{indicator_code,region_code,period_from,period_to}'),
    (17, 'milestones.csv',    null,        null,           null,             '{commitment_code,plant_code,agency_code,line_code,period_from}')
) f (ordinal, file, defines, table_name, code_column, key_columns);
comment on view abate.plan_folder_file is 'The files a plan''s folder may have, in the order in which they are taken.';
comment on column abate.plan_folder_file.defines is 'What other files call by code_column.';
comment on column abate.plan_folder_file.table_name is 'The table of the register whose rows are made or changed by its rows.';
comment on column abate.plan_folder_file.key_columns is 'No two rows of the file are equal in these.';

create view abate.plan_folder_type as
select * from (values
    ('text',       'text',     false, 10000, '.', 'text'),
    ('code',       'text',     false, 100, '^[^/+#|[:cntrl:][:space:]]+$', 'code: write one without blanks, "/", "+", "#" and "|"'),
    ('plan_code',  'text',     false, 100, '^[a-z0-9-]+$', 'plan''s code: write small letters, digits and "-"'),
    ('word_code',  'text',     false, 100, '^[a-z0-9_]+$', 'indicator''s code: write small letters, digits and "_"'),
    ('number',     'float8',   false, null, '^-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?$', 'number: write one such as 0.23, with a point and without a unit'),
    ('whole',      'int',      false, null, '^-?[0-9]{1,9}$', 'whole number: write one such as 25'),
    ('year',       'int',      false, null, '^(19|20|21)[0-9]{2}$', 'year: write one from 1900 to 2199'),
    ('date',       'date',     false, null, '^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$', 'date: write YYYY-MM-DD'),
    ('yes_no',     'boolean',  false, null, '^(yes|no)$', 'answer: write yes or no'),
    ('utc_offset', 'interval', false, null, '^[-+]?(0[0-9]|1[0-3]):[0-5][0-9]$', 'time zone: write one such as 08:00'),
    ('choice',     'text',     false, null, null, null),
    ('codes',      'text[]',   true,  100, '^[^/+#|[:cntrl:][:space:]]+$', 'code: write codes with "|" between them'),
    ('texts',      'text[]',   true,  1000, '.', 'text: write texts with "|" between them'),
    ('choices',    'text[]',   true,  null, null, null)
) t (type, sql_type, is_list, longest, pattern, wanted);
comment on view abate.plan_folder_type is 'What may stand in the cells of a plan''s folder.';
comment on column abate.plan_folder_type.is_list is 'A list: parted by "|", each part like the pattern.';
comment on column abate.plan_folder_type.longest is 'How many characters it may have; null: its pattern says.';
comment on column abate.plan_folder_type.wanted is 'What a cell that is not like the pattern is not, and what to do; choices have their own.';

create view abate.plan_folder_column as
select row_number() over () as ordinal, c.* from (values
    ('plan.csv', 'plan_code',   'plan_code',  true,  'plan_code',   null::text, null::text, null::text[]),
    ('plan.csv', 'name_zh',     'text',       false, 'name_zh',     null, null, null),
    ('plan.csv', 'name_en',     'text',       false, 'name_en',     null, null, null),
    ('plan.csv', 'region_code', 'code',       true,  'region_code', 'region', null, null),
    ('plan.csv', 'utc_offset',  'utc_offset', true,  'utc_offset',  null, '8 hours', null),
    ('plan.csv', 'issued',      'date',       true,  null,          null, null, null),
    ('plan.csv', 'document',    'text',       false, null,          null, null, null),
    ('plan.csv', 'source',      'text',       true,  null,          null, null, null),

    ('regions.csv', 'region_code', 'code',   true,  'region_code', null, null, null),
    ('regions.csv', 'parent_code', 'code',   false, 'parent_code', 'region', null, null),
    ('regions.csv', 'level',       'choice', false, 'level',       null, null, '{province,city,district,county,zone}'),
    ('regions.csv', 'name_zh',     'text',   false, 'name_zh',     null, null, null),
    ('regions.csv', 'name_en',     'text',   false, 'name_en',     null, null, null),

    ('agencies.csv', 'agency_code', 'code',  true,  'agency_code', null, null, null),
    ('agencies.csv', 'name_zh',     'text',  true,  'name_zh',     null, null, null),
    ('agencies.csv', 'name_en',     'text',  false, 'name_en',     null, null, null),
    ('agencies.csv', 'region_code', 'code',  false, 'region_code', 'region', null, null),
    ('agencies.csv', 'aliases',     'texts', true,  'aliases',     null, '{}', null),

    ('sectors.csv', 'sector_code', 'code', true,  'sector_code', null, null, null),
    ('sectors.csv', 'name_zh',     'text', false, 'name_zh',     null, null, null),
    ('sectors.csv', 'name_en',     'text', false, 'name_en',     null, null, null),

    ('groups.csv', 'group_code', 'code', true,  'group_code', null, null, null),
    ('groups.csv', 'name_zh',    'text', false, 'name_zh',    null, null, null),
    ('groups.csv', 'name_en',    'text', false, 'name_en',    null, null, null),

    ('group_sectors.csv', 'group_code',  'code', true, null, 'group', null, null),
    ('group_sectors.csv', 'sector_code', 'code', true, null, 'sector', null, null),

    ('line_kinds.csv', 'line_kind', 'code', true,  'line_kind', null, null, null),
    ('line_kinds.csv', 'name_zh',   'text', false, 'name_zh',   null, null, null),
    ('line_kinds.csv', 'name_en',   'text', false, 'name_en',   null, null, null),
    ('line_kinds.csv', 'size_unit', 'text', false, 'size_unit', null, null, null),

    ('parks.csv', 'park_code',   'code',   true,  'park_code',   null, null, null),
    ('parks.csv', 'name_zh',     'text',   false, 'name_zh',     null, null, null),
    ('parks.csv', 'name_en',     'text',   false, 'name_en',     null, null, null),
    ('parks.csv', 'region_code', 'code',   false, 'region_code', 'region', null, null),
    ('parks.csv', 'level',       'choice', false, 'level',       null, null, '{province,city,other}'),

    ('plants.csv', 'plant_code',       'code',   true,  'plant_code',          null, null, null),
    ('plants.csv', 'name_zh',          'text',   false, 'name_zh',             null, null, null),
    ('plants.csv', 'name_en',          'text',   false, 'name_en',             null, null, null),
    ('plants.csv', 'region_code',      'code',   true,  'region_code',         'region', null, null),
    ('plants.csv', 'sector_code',      'code',   false, 'sector_code',         'sector', null, null),
    ('plants.csv', 'size_class',       'choice', false, 'size_class',          null, null, '{small,medium,large,very_large}'),
    ('plants.csv', 'above_scale',      'yes_no', false, 'is_above_scale',      null, null, null),
    ('plants.csv', 'in_built_up_area', 'yes_no', false, 'is_in_built_up_area', null, null, null),
    ('plants.csv', 'park_code',        'code',   false, 'park_code',           'park', null, null),
    ('plants.csv', 'disposition',      'choice', false, 'disposition',         null, null, '{in_place,change,move,close}'),
    ('plants.csv', 'start_due',        'date',   false, 'start_due',           null, null, null),
    ('plants.csv', 'finish_due',       'date',   false, 'finish_due',          null, null, null),

    ('lines.csv', 'plant_code', 'code',   true,  'plant_code',  'plant', null, null),
    ('lines.csv', 'line_code',  'code',   true,  'line_code',   null, null, null),
    ('lines.csv', 'name_zh',    'text',   false, 'name_zh',     null, null, null),
    ('lines.csv', 'name_en',    'text',   false, 'name_en',     null, null, null),
    ('lines.csv', 'line_kind',  'code',   true,  'line_kind',   'line kind', null, null),
    ('lines.csv', 'size',       'number', false, 'size',        null, null, null),
    ('lines.csv', 'excepted',   'yes_no', true,  'is_excepted', null, 'no', null),
    ('lines.csv', 'started_on', 'date',   false, 'started_on',  null, null, null),
    ('lines.csv', 'retired_on', 'date',   false, 'retired_on',  null, null, null),
    ('lines.csv', 'source',     'text',   false, 'source',      null, null, null),

    ('indicators.csv', 'indicator_code', 'word_code', true,  'indicator_code',   null, null, null),
    ('indicators.csv', 'name_zh',        'text',      true,  'name_zh',          null, null, null),
    ('indicators.csv', 'name_en',        'text',      true,  'name_en',          null, null, null),
    ('indicators.csv', 'unit',           'text',      true,  'unit',             null, null, null),
    ('indicators.csv', 'folds',          'choice',    true,  'folds',            null, null, '{sum,last,mean}'),
    ('indicators.csv', 'origin',         'choice',    true,  'origin',           null, 'reported', '{reported,energy,water,mass}'),
    ('indicators.csv', 'parameter_code', 'code',      false, 'parameter_code',   'parameter', null, null),
    ('indicators.csv', 'metered_whole',  'yes_no',    true,  'is_metered_whole', null, 'no', null),
    ('indicators.csv', 'source',         'text',      false, 'source',           null, null, null),

    ('limits.csv', 'parameter_code',   'code',   true,  null, 'parameter', null, null),
    ('limits.csv', 'period',           'choice', true,  null, null, null, '{realtime,minute,hour,day}'),
    ('limits.csv', 'sector_code',      'code',   true,  null, 'sector', null, null),
    ('limits.csv', 'lower',            'number', false, null, null, null, null),
    ('limits.csv', 'upper',            'number', false, null, null, null, null),
    ('limits.csv', 'reference_oxygen', 'number', false, null, null, null, null),
    ('limits.csv', 'unit',             'text',   true,  null, null, null, null),
    ('limits.csv', 'standard',         'text',   true,  null, null, null, null),
    ('limits.csv', 'clause',           'text',   false, null, null, null, null),
    ('limits.csv', 'source',           'text',   true,  null, null, null, null),
    ('limits.csv', 'source_date',      'date',   false, null, null, null, null),
    ('limits.csv', 'confirmed_by',     'text',   false, null, null, null, null),
    ('limits.csv', 'confidence',       'choice', false, null, null, null, '{low,medium,high}'),
    ('limits.csv', 'valid_from',       'date',   false, null, null, null, null),
    ('limits.csv', 'valid_to',         'date',   false, null, null, null, null),

    ('commitments.csv', 'commitment_code',  'code',    true,  null, null, null, null),
    ('commitments.csv', 'clause',           'text',    true,  null, null, null, null),
    ('commitments.csv', 'quotation',        'text',    true,  null, null, null, null),
    ('commitments.csv', 'name_en',          'text',    true,  null, null, null, null),
    ('commitments.csv', 'kind',             'code',    true,  null, 'kind', null, null),
    ('commitments.csv', 'telemetry',        'choice',  true,  null, null, null, '{direct,partly,reported}'),
    ('commitments.csv', 'soft',             'yes_no',  true,  null, null, null, null),
    ('commitments.csv', 'start_due',        'date',    false, null, null, null, null),
    ('commitments.csv', 'deadline',         'date',    false, null, null, null, null),
    ('commitments.csv', 'deadline_note',    'text',    false, null, null, null, null),
    ('commitments.csv', 'indicator_code',   'word_code', false, null, 'indicator', null, null),
    ('commitments.csv', 'per_indicator',    'word_code', false, null, 'indicator', null, null),
    ('commitments.csv', 'relation',         'choice',  false, null, null, null, '{at_least,at_most,falls_by}'),
    ('commitments.csv', 'target',           'number',  false, null, null, null, null),
    ('commitments.csv', 'unit',             'text',    false, null, null, null, null),
    ('commitments.csv', 'baseline_year',    'year',    false, null, null, null, null),
    ('commitments.csv', 'day_of_month',     'whole',   false, null, null, null, null),
    ('commitments.csv', 'subject',          'choice',  true,  null, null, 'region', '{region,plant,agency,line,monitor}'),
    ('commitments.csv', 'group_code',       'code',    false, null, 'group', null, null),
    ('commitments.csv', 'dispositions',     'choices', false, null, null, null, '{in_place,change,move,close}'),
    ('commitments.csv', 'size_classes',     'choices', false, null, null, null, '{small,medium,large,very_large}'),
    ('commitments.csv', 'in_built_up_area', 'yes_no',  false, null, null, null, null),
    ('commitments.csv', 'in_park',          'yes_no',  false, null, null, null, null),
    ('commitments.csv', 'line_kind',        'code',    false, null, 'line kind', null, null),
    ('commitments.csv', 'line_size',        'number',  false, null, null, null, null),
    ('commitments.csv', 'line_relation',    'choice',  false, null, null, null, '{below,at_most}'),
    ('commitments.csv', 'lead',             'codes',   false, null, 'agency', null, null),
    ('commitments.csv', 'responsible',      'codes',   false, null, 'agency', null, null),
    ('commitments.csv', 'cooperating',      'codes',   false, null, 'agency', null, null),
    ('commitments.csv', 'note',             'text',    false, null, null, null, null),

    ('subjects.csv', 'commitment_code', 'code', true,  null, 'commitment', null, null),
    ('subjects.csv', 'plant_code',      'code', false, null, 'plant', null, null),
    ('subjects.csv', 'agency_code',     'code', false, null, 'agency', null, null),
    ('subjects.csv', 'due',             'date', false, null, null, null, null),

    ('baselines.csv', 'indicator_code', 'word_code', true,  null, 'indicator', null, null),
    ('baselines.csv', 'region_code',    'code',      true,  null, 'region', null, null),
    ('baselines.csv', 'year',           'year',      true,  null, null, null, null),
    ('baselines.csv', 'value',          'number',    true,  null, null, null, null),
    ('baselines.csv', 'source',         'text',      true,  null, null, null, null),
    ('baselines.csv', 'source_date',    'date',      false, null, null, null, null),
    ('baselines.csv', 'author',         'text',      false, null, null, null, null),
    ('baselines.csv', 'confirmed_by',   'text',      false, null, null, null, null),

    ('figures.csv', 'indicator_code', 'word_code', true,  null, 'indicator', null, null),
    ('figures.csv', 'region_code',    'code',      true,  null, 'region', null, null),
    ('figures.csv', 'agency_code',    'code',      false, null, 'agency', null, null),
    ('figures.csv', 'period_from',    'date',      true,  null, null, null, null),
    ('figures.csv', 'period_to',      'date',      true,  null, null, null, null),
    ('figures.csv', 'value',          'number',    true,  null, null, null, null),
    ('figures.csv', 'source',         'text',      true,  null, null, null, null),
    ('figures.csv', 'author',         'text',      false, null, null, null, null),

    ('milestones.csv', 'commitment_code', 'code',   true,  null, 'commitment', null, null),
    ('milestones.csv', 'plant_code',      'code',   false, null, 'plant', null, null),
    ('milestones.csv', 'agency_code',     'code',   false, null, 'agency', null, null),
    ('milestones.csv', 'line_code',       'code',   false, null, null, null, null),
    ('milestones.csv', 'period_from',     'date',   false, null, null, null, null),
    ('milestones.csv', 'due',             'date',   false, null, null, null, null),
    ('milestones.csv', 'started',         'date',   false, null, null, null, null),
    ('milestones.csv', 'done',            'date',   false, null, null, null, null),
    ('milestones.csv', 'is_kept',         'yes_no', false, null, null, null, null),
    ('milestones.csv', 'evidence',        'text',   false, null, null, null, null),
    ('milestones.csv', 'source',          'text',   true,  null, null, null, null),
    ('milestones.csv', 'author',          'text',   false, null, null, null, null)
) c (file, column_name, type, is_needed, target, refers, fallback, choices);
comment on view abate.plan_folder_column is 'The columns the files of a plan''s folder have; a file has all of its own, in any order.';
comment on column abate.plan_folder_column.is_needed is
    'The cell may not be empty, unless the register knows it already or there is a fallback.';
comment on column abate.plan_folder_column.target is 'Its column in the register''s table; null: it goes elsewhere.';
comment on column abate.plan_folder_column.refers is 'What the code in it must be a code of.';
comment on column abate.plan_folder_column.fallback is 'What an empty cell means where the register knows nothing.';

create view abate.plan_folder_rule as
select row_number() over () as ordinal, r.* from (values
    ('regions.csv', 'parent_code', $$parent_code = region_code$$, 'is the region itself: name the one it is a part of'),
    ('plants.csv', 'finish_due', $$finish_due < start_due$$, 'is before start_due'),
    ('lines.csv', 'size', $$size < 0$$, 'is negative'),
    ('lines.csv', 'retired_on', $$retired_on < started_on$$, 'is before started_on'),
    ('indicators.csv', 'parameter_code', $$origin = 'mass' and parameter_code is null$$, 'is empty: origin mass wants the parameter whose mass it is'),
    ('indicators.csv', 'parameter_code', $$origin <> 'mass' and parameter_code is not null$$, 'is given, but origin is not mass: empty it, or mend origin'),
    ('indicators.csv', 'unit',
     $$exists (select from abate.indicator i
                where i.indicator_code = g.indicator_code and i.unit <> g.unit
                  and (exists (select from abate.baseline b where b.indicator_code = i.indicator_code)
                       or exists (select from abate.indicator_value v where v.indicator_code = i.indicator_code)))$$,
     'is not the unit of the figures that are there: give the indicator a new code'),

    ('limits.csv', 'upper', $$num_nonnulls(lower, upper) = 0$$, 'is empty, and so is lower: give a bound'),
    ('limits.csv', 'upper', $$upper <= lower$$, 'is not above lower'),
    ('limits.csv', 'reference_oxygen', $$reference_oxygen < 0 or reference_oxygen >= 21$$, 'is not from 0 up to 21 %'),
    ('limits.csv', 'valid_to', $$valid_to <= valid_from$$, 'is not after valid_from: it is the first day on which the limit does not hold'),

    ('commitments.csv', 'deadline', $$deadline < start_due$$, 'is before start_due'),
    ('commitments.csv', 'relation', $$relation is null and target is not null$$, 'is empty, but there is a target: write at_least, at_most or falls_by'),
    ('commitments.csv', 'target', $$target is null and relation is not null$$, 'is empty, but there is a relation'),
    ('commitments.csv', 'target', $$relation = 'falls_by' and not (target > 0 and target <= 1)$$, 'is no share: a fall of 23 % is 0.23'),
    ('commitments.csv', 'target', $$kind = 'share' and not (target between 0 and 1)$$, 'is no share: 80 % is 0.8'),
    ('commitments.csv', 'baseline_year', $$relation = 'falls_by' and baseline_year is null$$, 'is empty: falls_by wants the year from which it falls'),
    ('commitments.csv', 'relation', $$kind in ('intensity', 'total', 'share', 'count') and relation is null and target is null$$, 'is empty: this kind wants relation and target'),
    ('commitments.csv', 'indicator_code', $$kind in ('intensity', 'total', 'share', 'count') and indicator_code is null$$, 'is empty: this kind wants the indicator it is measured in'),
    ('commitments.csv', 'per_indicator', $$kind = 'intensity' and per_indicator is null$$, 'is empty: an intensity wants the indicator it is divided by'),
    ('commitments.csv', 'per_indicator', $$per_indicator = indicator_code$$, 'is the indicator itself'),
    ('commitments.csv', 'line_kind', $$kind = 'capacity' and line_kind is null$$, 'is empty: kind capacity wants the kind of lines'),
    ('commitments.csv', 'line_kind', $$line_size is not null and line_kind is null$$, 'is empty, but there is a line_size'),
    ('commitments.csv', 'line_size', $$line_size is null and line_relation is not null$$, 'is empty, but there is a line_relation'),
    ('commitments.csv', 'line_relation', $$line_relation is null and line_size is not null$$, 'is empty, but there is a line_size: write below or at_most'),
    ('commitments.csv', 'line_size', $$line_size < 0$$, 'is negative'),
    ('commitments.csv', 'day_of_month', $$kind = 'report' and day_of_month is null$$, 'is empty: kind report wants the day of the month it is due'),
    ('commitments.csv', 'day_of_month', $$day_of_month not between 1 and 31$$, 'is no day of a month'),

    ('subjects.csv', 'plant_code', $$num_nonnulls(plant_code, agency_code) <> 1$$, 'or agency_code: name one of the two'),
    ('figures.csv', 'period_to', $$period_to <= period_from$$, 'is not after period_from: it is the first day after the period'),
    ('milestones.csv', 'agency_code', $$num_nonnulls(plant_code, agency_code) > 1$$, 'is given beside plant_code: name one of the two'),
    ('milestones.csv', 'plant_code', $$line_code is not null and plant_code is null$$, 'is empty: whose line is it?'),
    ('milestones.csv', 'line_code',
     $$line_code is not null and plant_code is not null
       and not exists (select from pg_temp.given_lines l where l.plant_code = g.plant_code and l.line_code = g.line_code)
       and not exists (select from abate.line l join abate.plant p using (plant_id)
                        where p.plant_code = g.plant_code and l.line_code = g.line_code)$$,
     'is no line of that plant in this folder or the register: mend it, or add it to lines.csv'),
    ('milestones.csv', 'done', $$done < started$$, 'is before started')
) r (file, column_name, is_wrong, message);
comment on view abate.plan_folder_rule is
    'What rows of a plan''s folder must not be: `is_wrong` is asked of each row g, whose columns are those of the file together with what the register knows.';
