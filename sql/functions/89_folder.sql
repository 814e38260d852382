-- What the files of a folder have, a plan's or one of the register: files, columns, types of cells, and what must not be. Checking and loading
-- read these tables; a further column or rule is a further row.

set local role abate_owner;

-- They are read by the functions of 89_folder_check and 89_plan_load when those run, so nothing hangs on them.
drop view if exists abate.folder_rule, abate.folder_column, abate.folder_type, abate.folder_file;

create view abate.folder_file as
select * from (values
    (1, 'regions.csv',        'region',    'region',       'region_code',    '{region_code}'::text[], '{plan,register}'::text[], 'abate.region'),
    (2, 'plan.csv',           'plan',      'plan',         'plan_code',      '{plan_code}',           '{plan}',          'abate.plan'),
    (3, 'agencies.csv',       'agency',    'agency',       'agency_code',    '{agency_code}',         '{plan,register}', 'abate.agency'),
    (4, 'sectors.csv',        'sector',    'sector',       'sector_code',    '{sector_code}',         '{plan,register}', 'abate.sector'),
    (5, 'groups.csv',         'group',     'sector_group', 'group_code',     '{group_code}',          '{plan}',          'abate.sector_group'),
    (6, 'group_sectors.csv',  null,        null,           null,             '{group_code,sector_code}', '{plan}',       null),
    (7, 'line_kinds.csv',     'line kind', 'line_kind',    'line_kind',      '{line_kind}',           '{plan,register}', 'abate.line_kind'),
    (8, 'parks.csv',          'park',      'park',         'park_code',      '{park_code}',           '{plan,register}', 'abate.park'),
    (9, 'plants.csv',         'plant',     'plant',        'plant_code',     '{plant_code}',          '{plan,register}', 'abate.plant'),
    (10, 'lines.csv',         null,        null,           null,             '{plant_code,line_code}', '{plan,register}',
     '(select p.plant_code, l.* from abate.line l join abate.plant p using (plant_id))'),
    (11, 'monitors.csv',      'monitor',   null,           'monitor_code',   '{monitor_code}',        '{register}',
     '(select p.plant_code, l.line_code, m.* from abate.monitor m join abate.plant p using (plant_id)
         left join abate.line l on l.line_id = m.line_id)'),
    (12, 'series.csv',        null,        null,           null,             '{monitor_code,period,parameter_code,statistic}', '{register}',
     '(select m.monitor_code, f.period, s.parameter_code, s.statistic, coalesce(s.sent_unit, s.unit) as unit
         from abate.series s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id))'),
    (13, 'indicators.csv',    'indicator', 'indicator',    'indicator_code', '{indicator_code}',      '{plan}',          'abate.indicator'),
    (14, 'limits.csv',        null,        null,           null,
     '{parameter_code,period,sector_code,plant_code,monitor_code,unit,standard,clause,valid_from}', '{plan,register}', null),
    (15, 'commitments.csv',   'commitment', null,          'commitment_code', '{commitment_code}',    '{plan}',          null),
    (16, 'subjects.csv',      null,        null,           null,             '{commitment_code,plant_code,agency_code}', '{plan}', null),
    (17, 'baselines.csv',     null,        null,           null,             '{indicator_code,region_code,year}', '{plan}', null),
    (18, 'figures.csv',       null,        null,           null,             '{indicator_code,region_code,period_from,period_to}', '{plan}', null),
    (19, 'milestones.csv',    null,        null,           null,             '{commitment_code,plant_code,agency_code,line_code,period_from}', '{plan}', null),
    (20, 'contacts.csv',      null,        null,           null,             '{name,plant_code,agency_code}', '{register}',
     '(select p.plant_code, c.* from abate.contact c left join abate.plant p using (plant_id))'),
    (21, 'routes.csv',        null,        null,           null,             '{name,channel_name}',   '{register}',
     '(select p.plant_code, c.name as contact_name, abate.day_of(r.valid_from, r.utc_offset) as from_day,
              abate.day_of(r.valid_to, r.utc_offset) as to_day, r.*
         from abate.route r left join abate.plant p using (plant_id) left join abate.contact c on c.contact_id = r.contact_id)')
) f (ordinal, file, defines, table_name, code_column, key_columns, folders, known);
comment on view abate.folder_file is 'The files a folder may have, in the order in which they are taken.';
comment on column abate.folder_file.defines is 'What other files call by code_column.';
comment on column abate.folder_file.table_name is 'The table of the register whose rows are made or changed by its rows.';
comment on column abate.folder_file.key_columns is 'No two rows of the file are equal in these.';
comment on column abate.folder_file.folders is 'In which kinds of folder it may be.';
comment on column abate.folder_file.known is
    'What is asked for the row the register has already, by key_columns, with the targets of the columns; null: that is looked for when it is taken.';

create view abate.folder_type as
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
    ('monitor_code', 'text',   false, 100, '^(?![0-9]+[.,][0-9]+[eE][+]?[0-9]+$)[^/+#|[:cntrl:][:space:]]+$', 'code: write one without blanks, "/", "+", "#" and "|"; of a long number a spreadsheet makes 8.9E+13 unless its column is text'),
    ('statistic',  'text',     false, 100, '^[A-Za-z][A-Za-z0-9_]*$', 'statistic: write a word such as value, Avg or Max'),
    ('mail',       'text',     false, 320, '^[^@[:cntrl:][:space:]<>,;"]+@[^@[:cntrl:][:space:]<>,;"]+$', 'mail address: write one such as li@example.org'),
    ('phone',      'text',     false, null, '^[+]?[0-9]{3,20}$', 'telephone number: write digits alone, with + before a country code'),
    ('time',       'time',     false, null, '^([01][0-9]|2[0-3]):[0-5][0-9]$', 'time of day: write one such as 08:30'),
    ('choice',     'text',     false, null, null, null),
    ('codes',      'text[]',   true,  100, '^[^/+#|[:cntrl:][:space:]]+$', 'code: write codes with "|" between them'),
    ('texts',      'text[]',   true,  1000, '.', 'text: write texts with "|" between them'),
    ('weekdays',   'int[]',    true,  null, '^[1-7]$', 'day of the week: write 1 (Monday) to 7, with "|" between them'),
    ('choices',    'text[]',   true,  null, null, null)
) t (type, sql_type, is_list, longest, pattern, wanted);
comment on view abate.folder_type is 'What may stand in the cells of a folder.';
comment on column abate.folder_type.is_list is 'A list: parted by "|", each part like the pattern.';
comment on column abate.folder_type.longest is 'How many characters it may have; null: its pattern says.';
comment on column abate.folder_type.wanted is 'What a cell that is not like the pattern is not, and what to do; choices have their own.';

create view abate.folder_column as
select row_number() over () as ordinal, c.*, (file, column_name) in (('limits.csv', 'plant_code'), ('limits.csv', 'monitor_code')) as is_of_register
  from (values
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

    ('monitors.csv', 'monitor_code',     'monitor_code', true,  'monitor_code',     null, null, null),
    ('monitors.csv', 'plant_code',       'code',         true,  'plant_code',       'plant', null, null),
    ('monitors.csv', 'line_code',        'code',         false, 'line_code',        null, null, null),
    ('monitors.csv', 'name_zh',          'text',         false, 'name_zh',          null, null, null),
    ('monitors.csv', 'name_en',          'text',         false, 'name_en',          null, null, null),
    ('monitors.csv', 'medium',           'choice',       true,  'medium',           null, null, '{air,water,energy,water_use,production,process}'),
    ('monitors.csv', 'utc_offset',       'utc_offset',   true,  'utc_offset',       null, '8 hours', null),
    ('monitors.csv', 'reference_oxygen', 'number',       false, 'reference_oxygen', null, null, null),
    ('monitors.csv', 'flow_is_at_stack', 'yes_no',       true,  'flow_is_at_stack', null, 'no', null),
    ('monitors.csv', 'must_report_from', 'date',         false, 'must_report_from', null, null, null),
    ('monitors.csv', 'must_report_to',   'date',         false, 'must_report_to',   null, null, null),

    ('series.csv', 'monitor_code',   'monitor_code', true,  'monitor_code',   'monitor', null, null),
    ('series.csv', 'period',         'choice',       true,  'period',         null, null, '{realtime,minute,hour,day}'),
    ('series.csv', 'parameter_code', 'code',         true,  'parameter_code', 'parameter', null, null),
    ('series.csv', 'statistic',      'statistic',    true,  'statistic',      null, 'value', null),
    ('series.csv', 'unit',           'text',         false, 'unit',           null, null, null),

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
    ('limits.csv', 'sector_code',      'code',   false, null, 'sector', null, null),
    ('limits.csv', 'plant_code',       'code',   false, null, 'plant', null, null),
    ('limits.csv', 'monitor_code',     'monitor_code', false, null, 'monitor', null, null),
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
    ('commitments.csv', 'kind',             'code',    true,  null, 'kind of commitment', null, null),
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
    ('milestones.csv', 'author',          'text',   false, null, null, null, null),

    ('contacts.csv', 'name',         'text',   true,  'name',         null, null, null),
    ('contacts.csv', 'plant_code',   'code',   false, 'plant_code',   'plant', null, null),
    ('contacts.csv', 'agency_code',  'code',   false, 'agency_code',  'agency', null, null),
    ('contacts.csv', 'hears_region', 'yes_no', false, 'hears_region', null, null, null),
    ('contacts.csv', 'language',     'choice', true,  'language',     null, 'zh', '{zh,en}'),
    ('contacts.csv', 'mail',         'mail',   false, 'mail',         null, null, null),
    ('contacts.csv', 'phone',        'phone',  false, 'phone',        null, null, null),
    ('contacts.csv', 'is_active',    'yes_no', true,  'is_active',    null, 'yes', null),

    ('routes.csv', 'ordinal',       'whole',      true,  'ordinal',       null, null, null),
    ('routes.csv', 'name',          'text',       true,  'name',          null, null, null),
    ('routes.csv', 'kinds',         'choices',    false, 'kinds',         null, null,
     '{opened,worse,closed,withdrawn,reminder,escalation,trouble,trouble_lasts,trouble_over,silence_begun,silence_over,stoppage_over,test}'),
    ('routes.csv', 'rules',         'choices',    false, 'rules',         null, null, '{early,hour,day,activity,difference,silence,commitment}'),
    ('routes.csv', 'severities',    'codes',      false, 'severities',    'severity', null, null),
    ('routes.csv', 'step',          'whole',      false, 'step',          null, null, null),
    ('routes.csv', 'region_code',   'code',       false, 'region_code',   'region', null, null),
    ('routes.csv', 'sector_code',   'code',       false, 'sector_code',   'sector', null, null),
    ('routes.csv', 'plant_code',    'code',       false, 'plant_code',    'plant', null, null),
    ('routes.csv', 'agency_code',   'code',       false, 'agency_code',   'agency', null, null),
    ('routes.csv', 'weekdays',      'weekdays',   false, 'weekdays',      null, null, null),
    ('routes.csv', 'from_time',     'time',       false, 'from_time',     null, null, null),
    ('routes.csv', 'to_time',       'time',       false, 'to_time',       null, null, null),
    ('routes.csv', 'utc_offset',    'utc_offset', true,  'utc_offset',    null, '8 hours', null),
    ('routes.csv', 'valid_from',    'date',       true,  'from_day',      null, '-infinity', null),
    ('routes.csv', 'valid_to',      'date',       true,  'to_day',        null, 'infinity', null),
    ('routes.csv', 'hears',         'choice',     true,  'hears',         null, null, '{plant,county,city,agency,duty,contact,channel}'),
    ('routes.csv', 'contact_name',  'text',       false, 'contact_name',  null, null, null),
    ('routes.csv', 'channel_name',  'code',       true,  'channel_name',  'channel', null, null),
    ('routes.csv', 'template_code', 'code',       true,  'template_code', null, 'standard', null),
    ('routes.csv', 'stops',         'yes_no',     true,  'stops',         null, 'no', null),
    ('routes.csv', 'is_last',       'yes_no',     true,  'is_last',       null, 'no', null),
    ('routes.csv', 'source',        'text',       true,  'source',        null, null, null),
    ('routes.csv', 'source_date',   'date',       false, 'source_date',   null, null, null),
    ('routes.csv', 'confirmed_by',  'text',       false, 'confirmed_by',  null, null, null)
) c (file, column_name, type, is_needed, target, refers, fallback, choices);
comment on view abate.folder_column is 'The columns the files of a folder have, in any order. In a plan''s a file has all of its own; in one of the register those of which a cell is needed.';
comment on column abate.folder_column.is_of_register is 'Only in a folder of the register.';
comment on column abate.folder_column.is_needed is
    'The cell may not be empty, unless the register knows it already or there is a fallback.';
comment on column abate.folder_column.target is 'Its column in the register''s table; null: it goes elsewhere.';
comment on column abate.folder_column.refers is 'What the code in it must be a code of.';
comment on column abate.folder_column.fallback is 'What an empty cell means where the register knows nothing.';

create view abate.folder_rule as
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

    ('limits.csv', 'sector_code', $$sector_code is null and not abate.is_folder('register')$$, 'is empty: it is needed'),
    ('limits.csv', 'sector_code', $$abate.is_folder('register') and num_nonnulls(sector_code, plant_code, monitor_code) <> 1$$,
     'or plant_code or monitor_code: name one of the three'),
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
    ('milestones.csv', 'done', $$done < started$$, 'is before started'),

    ('monitors.csv', 'line_code',
     $$line_code is not null
       and not exists (select from pg_temp.given_lines l where l.plant_code = g.plant_code and l.line_code = g.line_code)
       and not exists (select from abate.line l join abate.plant p using (plant_id)
                        where p.plant_code = g.plant_code and l.line_code = g.line_code)$$,
     'is no line of that plant in this folder or the register: mend it, or add it to lines.csv'),
    ('monitors.csv', 'reference_oxygen', $$reference_oxygen < 0 or reference_oxygen >= 21$$, 'is not from 0 up to 21 %'),
    ('monitors.csv', 'must_report_to', $$must_report_to <= must_report_from$$,
     'is not after must_report_from: it is the first day on which it has not to report any more'),
    ('series.csv', 'unit',
     $$unit is null and exists (select from abate.parameter p where p.parameter_code = g.parameter_code and p.unit is null)$$,
     'is empty, and its parameter has none of its own: write the unit that is sent'),
    ('contacts.csv', 'agency_code', $$num_nonnulls(plant_code, agency_code) > 1$$, 'is given beside plant_code: a contact is of one, or of neither (the duty desk)'),
    ('contacts.csv', 'hears_region', $$agency_code is not null and hears_region is null$$,
     'is empty: write yes if it hears what plants of its agency''s region do, no if only what its agency answers for'),
    ('contacts.csv', 'hears_region', $$agency_code is null and hears_region is not null$$, 'is given, but there is no agency_code'),
    ('contacts.csv', 'name',
     $$(select count(*) from abate.contact c left join abate.plant p using (plant_id)
         where c.name = g.name and p.plant_code is not distinct from g.plant_code and c.agency_code is not distinct from g.agency_code) > 1$$,
     'is that of more than one contact of the register: which one is meant? Give them names of their own there'),
    ('routes.csv', 'name',
     $$(select count(*) from abate.route r where r.name = g.name and r.channel_name = g.channel_name) > 1$$,
     'is that of more than one route of the register by this channel: which one is meant? Give them names of their own there'),
    ('routes.csv', 'step', $$step <= 0$$, 'is not above 0'),
    ('routes.csv', 'to_time', $$(from_time is null) <> (to_time is null)$$, 'and from_time go together: give both, or none'),
    ('routes.csv', 'valid_to', $$valid_to <= valid_from$$, 'is not after valid_from: it is the first day on which the route does not hold'),
    ('routes.csv', 'contact_name', $$hears = 'contact' and contact_name is null$$, 'is empty: hears contact wants the name of one'),
    ('routes.csv', 'contact_name', $$hears <> 'contact' and contact_name is not null$$, 'is given, but hears is not contact'),
    ('routes.csv', 'contact_name',
     $$hears = 'contact' and contact_name is not null
       and (select count(distinct (k.name, k.plant_code, k.agency_code))
              from (select name, plant_code, agency_code from pg_temp.given_contacts
                     union all
                    select c.name, p.plant_code, c.agency_code from abate.contact c left join abate.plant p using (plant_id)) k
             where k.name = g.contact_name) <> 1$$,
     'is not the name of just one contact of this folder and the register'),
    ('routes.csv', 'template_code', $$not exists (select from abate.message_template t where t.template_code = g.template_code)$$,
     'is no template: mend it, or add it to abate.message_template first')
) r (file, column_name, is_wrong, message);
comment on view abate.folder_rule is
    'What rows of a folder must not be: `is_wrong` is asked of each row g, whose columns are those of the file together with what the register knows.';
