-- A plan's folder: every kind of mistake is named with its place, nothing of a bad folder is loaded, a good one is loaded
-- once, and what was changed in it makes a new version beside the old.
begin;
select plan(118);
\ir plan_folder.psql

select is_empty('select * from pg_temp.check_it()', 'a good folder has no error');

-- One mistake each: what stands in a file, what is put in its place, and what is said.
create temporary table mistake (n int generated always as identity, what text, file text, was text, is_now text, said text[]);
insert into mistake (what, file, was, is_now, said) values
    ('a column that is not known', 'sectors.csv', 'name_en', 'name_fr', '{"sectors.csv:1 name_en is missing: add it, its cells may be empty","sectors.csv:1 name_fr is not known here: rename it, or take it away"}'),
    ('a column twice', 'sectors.csv', 'name_en', 'name_zh', '{"sectors.csv:1 name_zh stands there 2 times","sectors.csv:1 name_en is missing: add it, its cells may be empty"}'),
    ('a day that is none', 'commitments.csv', '2025-12-31', '2020-31-12', '{"commitments.csv:2 deadline \"2020-31-12\" is no date: write YYYY-MM-DD"}'),
    ('the 29th of a February without', 'commitments.csv', '2025-12-31', '2021-02-29', '{"commitments.csv:2 deadline \"2021-02-29\" is no date: write YYYY-MM-DD"}'),
    ('a day with a zero', 'commitments.csv', '2025-12-31', '2021-02-00', '{"commitments.csv:2 deadline \"2021-02-00\" is no date: write YYYY-MM-DD"}'),
    ('a day as a spreadsheet of another land writes it', 'commitments.csv', '2025-12-31', '31/12/2025', '{"commitments.csv:2 deadline \"31/12/2025\" is no date: write YYYY-MM-DD"}'),
    ('a number with a comma', 'figures.csv', '950.5', '950,5', '{"figures.csv:2 value \"950,5\" is no number: write one such as 0.23, with a point and without a unit"}'),
    ('a number too large', 'figures.csv', '950.5', '1e999', '{"figures.csv:2 value \"1e999\" is no number: write one such as 0.23, with a point and without a unit"}'),
    ('not a number', 'figures.csv', '950.5', 'NaN', '{"figures.csv:2 value \"NaN\" is no number: write one such as 0.23, with a point and without a unit"}'),
    ('a year', 'commitments.csv', '2020', '20', '{"commitments.csv:2 baseline_year \"20\" is no year: write one from 1900 to 2199"}'),
    ('neither yes nor no', 'commitments.csv', 'partly;no;', 'partly;true;', '{"commitments.csv:2 soft \"true\" is no answer: write yes or no","commitments.csv:4 soft \"true\" is no answer: write yes or no"}'),
    ('a time zone', 'plan.csv', '08:00', 'Asia/Shanghai', '{"plan.csv:2 utc_offset \"Asia/Shanghai\" is no time zone: write one such as 08:00"}'),
    ('a time zone past the last', 'plan.csv', '08:00', '15:00', '{"plan.csv:2 utc_offset \"15:00\" is no time zone: write one such as 08:00"}'),
    ('a code with a blank', 'parks.csv', 'park1;', 'park 1;', '{"parks.csv:2 park_code \"park 1\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"","plants.csv:3 park_code \"park1\" is no park of this folder or the register: mend it, or add it to parks.csv"}'),
    ('a code too long', 'parks.csv', 'park1;', repeat('x', 101) || ';', array['parks.csv:2 park_code "' || repeat('x', 37) || '..." is longer than 100 characters: shorten it', 'plants.csv:3 park_code "park1" is no park of this folder or the register: mend it, or add it to parks.csv']),
    ('a plan''s code', 'plan.csv', 'small-2021', 'Small', '{"plan.csv:2 plan_code \"Small\" is no plan''s code: write small letters, digits and \"-\""}'),
    ('an indicator''s code', 'indicators.csv', 't_value', 't-value', '{"indicators.csv:3 indicator_code \"t-value\" is no indicator''s code: write small letters, digits and \"_\"","commitments.csv:2 per_indicator \"t_value\" is no indicator of this folder or the register: mend it, or add it to indicators.csv"}'),
    ('one of a few words', 'plants.csv', ';move;', ';moved;', '{"plants.csv:2 disposition \"moved\" is none of these: in_place, change, move, close"}'),
    ('a list with a word that is none', 'commitments.csv', ';close;', ';close|shut;', '{"commitments.csv:3 dispositions \"shut\" is none of these: in_place, change, move, close"}'),
    ('a list with the same twice', 'commitments.csv', 'env|ind', 'env|ind|env', '{"commitments.csv:2 lead \"env\" stands there twice"}'),
    ('an empty part of a list', 'commitments.csv', 'env|ind', 'env|', '{"commitments.csv:2 lead \"\" is no code: write codes with \"|\" between them"}'),
    ('text too long', 'commitments.csv', '能耗下降', repeat('长', 10001), array['commitments.csv:2 quotation "' || repeat('长', 37) || '..." is longer than 10000 characters: shorten it']),
    ('a region nobody knows', 'plants.csv', 'LT1;钢厂;steel works;991001', 'LT1;钢厂;steel works;991009', '{"plants.csv:2 region_code \"991009\" is no region of this folder or the register: mend it, or add it to regions.csv"}'),
    ('an agency nobody knows', 'commitments.csv', 'env|ind', 'env|inb', '{"commitments.csv:2 lead \"inb\" is no agency of this folder or the register: mend it, or add it to agencies.csv"}'),
    ('a sector nobody knows', 'group_sectors.csv', 'heavy;s_brick', 'heavy;s_glass', '{"group_sectors.csv:3 sector_code \"s_glass\" is no sector of this folder or the register: mend it, or add it to sectors.csv"}'),
    ('a group nobody knows', 'commitments.csv', ';heavy;', ';light;', '{"commitments.csv:3 group_code \"light\" is no group of this folder or the register: mend it, or add it to groups.csv"}'),
    ('a kind of line nobody knows', 'lines.csv', ';kiln;1800', ';mill;1800', '{"lines.csv:2 line_kind \"mill\" is no line kind of this folder or the register: mend it, or add it to line_kinds.csv"}'),
    ('a park nobody knows', 'plants.csv', 'no;park1', 'no;park2', '{"plants.csv:3 park_code \"park2\" is no park of this folder or the register: mend it, or add it to parks.csv"}'),
    ('a plant nobody knows', 'subjects.csv', 'LT2', 'LT9', '{"subjects.csv:2 plant_code \"LT9\" is no plant of this folder or the register: mend it, or add it to plants.csv"}'),
    ('an indicator nobody knows', 'baselines.csv', 't_energy', 't_water', '{"baselines.csv:2 indicator_code \"t_water\" is no indicator of this folder or the register: mend it, or add it to indicators.csv"}'),
    ('a parameter nobody knows', 'limits.csv', 'a21026', 'a99999', '{"limits.csv:2 parameter_code \"a99999\" is no parameter: mend it, or add it to abate.parameter first"}'),
    ('a kind of commitment there is not', 'commitments.csv', ';zero;', ';nought;', '{"commitments.csv:3 kind \"nought\" is no kind of commitment; there are availability, capacity, compliance, count, coverage, duty, intensity, milestone, prohibition, report, share, total, zero"}'),
    ('a commitment there is not', 'milestones.csv', 'T-2;', 'T-9;', '{"milestones.csv:2 commitment_code \"T-9\" is no commitment of this plan"}'),
    ('a line there is not', 'milestones.csv', 'K1', 'K2', '{"milestones.csv:3 line_code is no line of that plant in this folder or the register: mend it, or add it to lines.csv"}'),
    ('the same key twice', 'commitments.csv', 'T-3;3', 'T-1;3', '{"commitments.csv:4 commitment_code stands there a second time with the same commitment_code: first in line 2","milestones.csv:3 commitment_code \"T-3\" is no commitment of this plan"}'),
    ('a needed cell empty', 'commitments.csv', '能耗下降', '', '{"commitments.csv:2 quotation is empty: it is needed"}'),
    ('a new plant without a region', 'plants.csv', 'steel works;991001', 'steel works;', '{"plants.csv:2 region_code is empty: it is needed"}'),
    ('a region in itself', 'regions.csv', '991001;991000', '991001;991001', '{"regions.csv:3 parent_code is the region itself: name the one it is a part of"}'),
    ('regions in a circle', 'regions.csv', '991000;;', '991000;991001;', '{"regions.csv:2 parent_code makes the region a part of itself by way of others: mend one of them","regions.csv:3 parent_code makes the region a part of itself by way of others: mend one of them"}'),
    ('finished before begun', 'plants.csv', '2025-12-31', '2020-12-31', '{"plants.csv:2 finish_due is before start_due"}'),
    ('retired before it was', 'lines.csv', '1999-01-01;', '1999-01-01;1998-01-01', '{"lines.csv:2 retired_on is before started_on"}'),
    ('less than nothing', 'lines.csv', '1800', '-1800', '{"lines.csv:2 size is negative"}'),
    ('the mass of nothing', 'indicators.csv', ';energy;;', ';mass;;', '{"indicators.csv:2 parameter_code is empty: origin mass wants the parameter whose mass it is"}'),
    ('a parameter that is not asked for', 'indicators.csv', ';energy;;', ';energy;a21026;', '{"indicators.csv:2 parameter_code is given, but origin is not mass: empty it, or mend origin"}'),
    ('a limit without a bound', 'limits.csv', ';150;', ';;', '{"limits.csv:2 upper is empty, and so is lower: give a bound"}'),
    ('bounds crossed', 'limits.csv', ';;150;', ';200;150;', '{"limits.csv:2 upper is not above lower"}'),
    ('oxygen of air', 'limits.csv', ';18;', ';21;', '{"limits.csv:2 reference_oxygen is not from 0 up to 21 %"}'),
    ('a limit that ends before', 'limits.csv', 'medium;;', 'medium;2021-01-01;2020-01-01', '{"limits.csv:2 valid_to is not after valid_from: it is the first day on which the limit does not hold"}'),
    ('due before its start', 'commitments.csv', ';no;;2025-12-31', ';no;2026-01-01;2025-12-31', '{"commitments.csv:2 deadline is before start_due"}'),
    ('a target without a relation', 'commitments.csv', ';falls_by;0.2;', ';;0.2;', '{"commitments.csv:2 relation is empty, but there is a target: write at_least, at_most or falls_by"}'),
    ('a relation without a target', 'commitments.csv', ';falls_by;0.2;', ';falls_by;;', '{"commitments.csv:2 target is empty, but there is a relation"}'),
    ('a fall in per cent', 'commitments.csv', ';falls_by;0.2;', ';falls_by;20;', '{"commitments.csv:2 target is no share: a fall of 23 % is 0.23"}'),
    ('a share in per cent', 'commitments.csv', ';intensity;partly;no;;2025-12-31;;t_energy;t_value;falls_by;0.2;;2020;', ';share;partly;no;;2025-12-31;;t_energy;t_value;at_least;80;;;', '{"commitments.csv:2 target is no share: 80 % is 0.8"}'),
    ('a fall from nowhere', 'commitments.csv', '0.2;;2020;', '0.2;;;', '{"commitments.csv:2 baseline_year is empty: falls_by wants the year from which it falls"}'),
    ('an intensity of nothing', 'commitments.csv', ';t_energy;t_value;', ';;t_value;', '{"commitments.csv:2 indicator_code is empty: this kind wants the indicator it is measured in"}'),
    ('an intensity over nothing', 'commitments.csv', ';t_energy;t_value;', ';t_energy;;', '{"commitments.csv:2 per_indicator is empty: an intensity wants the indicator it is divided by"}'),
    ('an intensity over itself', 'commitments.csv', ';t_energy;t_value;', ';t_energy;t_energy;', '{"commitments.csv:2 per_indicator is the indicator itself"}'),
    ('a figure without a target', 'commitments.csv', 'falls_by;0.2;;2020', ';;;', '{"commitments.csv:2 relation is empty: this kind wants relation and target"}'),
    ('a capacity of no kind of lines', 'commitments.csv', ';kiln;2000;at_most;', ';;;;', '{"commitments.csv:4 line_kind is empty: kind capacity wants the kind of lines"}'),
    ('a size without a relation', 'commitments.csv', ';kiln;2000;at_most;', ';kiln;2000;;', '{"commitments.csv:4 line_relation is empty, but there is a line_size: write below or at_most"}'),
    ('a relation without a size', 'commitments.csv', ';kiln;2000;at_most;', ';kiln;;at_most;', '{"commitments.csv:4 line_size is empty, but there is a line_relation"}'),
    ('a size of no kind', 'commitments.csv', ';zero;direct;no;;2022-12-31;;;;;;;;;plant;heavy;close;;;;;;;', ';zero;direct;no;;2022-12-31;;;;;;;;;plant;heavy;close;;;;;5;below;', '{"commitments.csv:3 line_kind is empty, but there is a line_size"}'),
    ('a negative size', 'commitments.csv', ';kiln;2000;at_most;', ';kiln;-1;at_most;', '{"commitments.csv:4 line_size is negative"}'),
    ('a report without its day', 'commitments.csv', ';zero;', ';report;', '{"commitments.csv:3 day_of_month is empty: kind report wants the day of the month it is due"}'),
    ('the 32nd', 'commitments.csv', ';zero;direct;no;;2022-12-31;;;;;;;;;', ';report;direct;no;;2022-12-31;;;;;;;;32;', '{"commitments.csv:3 day_of_month is no day of a month"}'),
    ('a whole number', 'commitments.csv', ';zero;direct;no;;2022-12-31;;;;;;;;;', ';report;direct;no;;2022-12-31;;;;;;;;2.5;', '{"commitments.csv:3 day_of_month \"2.5\" is no whole number: write one such as 25"}'),
    ('a subject that is nobody', 'subjects.csv', 'LT2;;', ';;', '{"subjects.csv:2 plant_code or agency_code: name one of the two"}'),
    ('a subject that is two', 'subjects.csv', 'LT2;;', 'LT2;env;', '{"subjects.csv:2 plant_code or agency_code: name one of the two"}'),
    ('a period without a day', 'figures.csv', '2022-01-01', '2021-01-01', '{"figures.csv:2 period_to is not after period_from: it is the first day after the period"}'),
    ('a milestone of two', 'milestones.csv', 'T-2;LT2;;', 'T-2;LT2;env;', '{"milestones.csv:2 agency_code is given beside plant_code: name one of the two"}'),
    ('a line of nobody', 'milestones.csv', 'T-3;LT2;', 'T-3;;', '{"milestones.csv:3 plant_code is empty: whose line is it?"}'),
    ('done before it was begun', 'milestones.csv', ';;2022-06-01', ';2022-07-01;2022-06-01', '{"milestones.csv:2 done is before started"}'),
    ('two plans in a folder', 'plan.csv', 'paper', e'paper\nother;;;991000;;2021-01-01;;paper', '{"plan.csv:3 plan_code a folder is of one plan: take this row away"}'),
    ('no plan in a folder', 'plan.csv', e'\nsmall-2021;小城计划;plan of a small town;991000;08:00;2021-03-01;;the town''s paper', '', '{"plan.csv has no row: say which plan it is"}'),
    ('several in one row and another', 'plants.csv', 'large;yes;yes;;move;2021-06-30', 'big;yes;maybe;;move;soon', '{"plants.csv:2 size_class \"big\" is none of these: small, medium, large, very_large","plants.csv:2 in_built_up_area \"maybe\" is no answer: write yes or no","plants.csv:2 start_due \"soon\" is no date: write YYYY-MM-DD"}');
select is(array(select * from pg_temp.check_with(file, was, is_now)), said, 'mistake: ' || what) from mistake order by n;

select is_empty($$select column_name from abate.folder_column c
                   where c.refers is not null
                     and not exists (select from abate.folder_file f where f.defines = c.refers)
                     and c.refers not in ('kind of commitment', 'parameter', 'channel', 'severity')$$, 'what a column refers to is defined by a file');
select is_empty($$select r.file, r.column_name from abate.folder_rule r
                   where not exists (select from abate.folder_column c where c.file = r.file and c.column_name = r.column_name)$$,
    'every rule is of a column there is');
select is_empty($$select r.message from abate.folder_rule r
                    join abate.folder_file f using (file)
                   where not exists (select from mistake m, unnest(m.said) s where s like '%' || r.message)
                     and 'plan' = any (f.folders) and r.message not like 'is not the unit%' and r.message not like 'or plant_code or%'$$, 'every rule has its mistake in this story');
select is_empty('select from abate.plan_version', 'nothing of all that was loaded');
select throws_ok('select * from abate.take_folder()', 'this folder was not found good', 'and what has errors is not taken');

-- Files.
insert into folder values ('commitment.csv', 'a;b');
select results_eq('select * from pg_temp.check_it()', $$values ('commitment.csv is no file of a plan: rename it, or take it away')$$, 'a file of a wrong name');
delete from folder where file = 'commitment.csv';
create temporary table kept as select * from folder;
delete from folder where file = 'commitments.csv';
select set_eq('select * from pg_temp.check_it()',
    $$values ('plan.csv:2 plan_code "small-2021" is not loaded: without commitments.csv the folder only adds to a plan that is'),
             ('subjects.csv stands without commitments.csv: the two are one text'),
             ('subjects.csv:2 commitment_code "T-2" is no commitment of this plan'),
             ('milestones.csv:2 commitment_code "T-2" is no commitment of this plan'),
             ('milestones.csv:3 commitment_code "T-3" is no commitment of this plan')$$, 'an addition to a plan that is not there');
delete from folder where file = 'plan.csv';
select ok('plan.csv is missing: a folder says which plan it is of' in (select * from pg_temp.check_it()), 'a folder without plan.csv');
insert into folder select * from kept where file in ('plan.csv', 'commitments.csv');

-- Loaded.
select is((select count(*) from pg_temp.take_it()), 17::bigint, 'a first loading: every file has something new');
select is((select count(*) from pg_temp.take_it()), 0::bigint, 'loading it again changes nothing');
select results_eq($$select commitment_code, is_soft, deadline, target, is_in_park, line_size, lead from abate.commitment where plan_code = 'small-2021' order by ordinal$$,
    $$values ('T-1', false, date '2025-12-31', 0.2::float8, null::boolean, null::float8, 'env, ind'),
             ('T-2', false, '2022-12-31', null, null, null, 'env'), ('T-3', false, '2022-12-31', null, null, 2000, null)$$, 'the commitments');
select results_eq('select plant_code, s.agency_code, due from abate.commitment_subject s left join abate.plant using (plant_id)',
    $$values ('LT2', null::text, date '2022-06-30')$$, 'the subject it names');
select results_eq($$select plant_code, is_above_scale, is_in_built_up_area, start_due from abate.plant order by 1$$,
    $$values ('LT1', true, true, date '2021-06-30'), ('LT2', null, false, null)$$, 'the register; an empty cell is null');
select results_eq($$select line_code, is_excepted, size from abate.line$$, $$values ('K1', false, 1800::float8)$$, 'the line');
select results_eq($$select aliases from abate.agency where agency_code = 'env'$$, $$values ('{环保局,市环保局}'::text[])$$, 'a list');
select results_eq('select origin, is_metered_whole from abate.indicator order by indicator_code desc limit 1', $$values ('reported', false)$$, 'what an empty cell means');
select results_eq($$select l.line_code, p.plant_code, done from abate.milestone m left join abate.line l using (line_id) left join abate.plant p on p.plant_id = m.plant_id order by milestone_id$$,
    $$values (null, 'LT2', date '2022-06-01'), ('K1', null, '2022-07-01')$$, 'milestones of a plant and of a line');

-- In another order, and with blanks about: the same.
update folder set text = regexp_replace(text, '^([^\n]*\n)([^\n]*)\n(.*)$', e'\\1\\3\n\\2') where file = 'commitments.csv';
update folder set text = replace(text, ';2022-12-31;', '; 2022-12-31 ;') where file = 'commitments.csv';
select is((select text from folder where file = 'commitments.csv') = (select text from kept where file = 'commitments.csv'), false, 'the rows were put in another order');
select is_empty('select * from pg_temp.take_it()', 'the order of rows says nothing');

-- Changed.
update folder set text = replace(text, 'falls_by;0.2', 'falls_by;0.25') where file = 'commitments.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('commitments.csv 0+ 1~ 0-')$$, 'a changed commitment');
select results_eq($$select version, target from abate.plan_version join abate.commitment_version using (plan_version_id) where commitment_code = 'T-1' order by 1$$,
    'values (1, 0.2::float8), (2, 0.25)', 'is a new version, and the old stays');
select is_empty('select * from pg_temp.take_it()', 'once');
update folder set text = replace(text, '2021-03-01', '2022-03-01') where file = 'plan.csv';
select pg_temp.take_it() \g /dev/null
update folder set text = replace(text, '2022-03-01', '2021-03-01') where file = 'plan.csv';
select is_empty('select * from pg_temp.take_it()', 'an old text beside its amendment: loading either again changes nothing');
update folder set text = regexp_replace(text, '\nT-3[^\n]*', '') where file = 'commitments.csv';
delete from folder where file = 'milestones.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('commitments.csv 0+ 0~ 1-')$$, 'one that was taken out');
select results_eq($$select max(version), count(*) from abate.plan_version$$, 'values (4, 4::bigint)', 'four versions');

-- The register: only what differs, and an empty cell wipes nothing.
update folder set text = replace(text, 'LT1;钢厂;steel works;991001;s_steel;large', 'LT1;;mill;;;') where file = 'plants.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('plants.csv 0+ 1~ 0-')$$, 'a changed plant');
select results_eq($$select name_zh, name_en, region_code, size_class from abate.plant where plant_code = 'LT1'$$,
    $$values ('钢厂', 'mill', '991001', 'large')$$, 'keeps what the file leaves empty');
update folder set text = replace(text, '2021-06-30', '2026-06-30') where file = 'plants.csv';
update folder set text = replace(text, ';2025-12-31', ';') where file = 'plants.csv';
select results_eq('select * from pg_temp.check_it()', $$values ('plants.csv:2 finish_due is before start_due')$$, 'what it keeps is held against what is new');
update folder set text = k.text from kept k where k.file = folder.file and k.file = 'plants.csv';
update folder set text = replace(text, E'\nheavy;s_brick', '') where file = 'group_sectors.csv';
select ok('group_sectors.csv 0+ 0~ 1-' in (select * from pg_temp.take_it()), 'a group has just the sectors the file gives it');
update folder set text = replace(text, ';tce;', ';t;') where file = 'indicators.csv';
select results_eq('select * from pg_temp.check_it()', $$values ('indicators.csv:2 unit is not the unit of the figures that are there: give the indicator a new code')$$,
    'the unit of figures that are there');
update folder set text = k.text from kept k where k.file = folder.file and k.file = 'indicators.csv';

-- Limits.
update abate.emission_limit set confirmed_by = 'a person';
select is_empty('select * from pg_temp.take_it()', 'the same limit is no new one, and who confirmed it stays');
update folder set text = replace(text, ';150;', ';100;') where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 0+ 1~ 0-')$$, 'a changed limit');
select results_eq('select upper, valid_from, valid_to, confirmed_by from abate.emission_limit order by limit_id',
    $$values (150::float8, '-infinity'::timestamptz, now(), 'a person'), (100, now(), 'infinity', null)$$,
    'begins as the old one ends, and nobody has confirmed it');
select is_empty('select * from pg_temp.take_it()', 'once');
update folder set text = replace(text, ';medium;;', ';medium;2030-01-01;') where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 1+ 0~ 0-')$$, 'one of another time is another');
update folder set text = replace(text, ';100;', ';50;') where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 0+ 1~ 0-')$$, 'one that holds later');
select results_eq('select upper, valid_from from abate.emission_limit order by limit_id desc limit 1',
    $$values (50::float8, '2030-01-01 00:00+08'::timestamptz)$$, 'is changed where it is: nothing was judged by it');

-- Figures.
update folder set text = replace(text, ';1000;', ';1010;') where file = 'baselines.csv';
update folder set text = replace(text, '950.5', '940') where file = 'figures.csv';
select set_eq('select * from pg_temp.take_it()', $$values ('baselines.csv 1+ 0~ 0-'), ('figures.csv 1+ 0~ 0-')$$, 'corrections');
select results_eq('select value from abate.baseline order by baseline_id', 'values (1000::float8), (1010)', 'a corrected baseline is a further row');
insert into abate.indicator_value (indicator_code, region_code, period_from, period_to, value, source, journal_id, position)
values ('t_energy', '991000', '2021-01-01', '2022-01-01', 930, 'message', 0, 17);
select is_empty('select * from pg_temp.take_it()', 'what came by message is not undone by loading an old file again');

-- An addition.
delete from folder where file <> 'figures.csv';
insert into folder values ('plan.csv', e'plan_code\nsmall-2021');
update folder set text = text || e'\nt_value;991000;;2021-01-01;2022-01-01;5e9;yearbook;' where file = 'figures.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('figures.csv 1+ 0~ 0-')$$, 'figures for a plan that is there');
select is((select count(*) from abate.plan_version), 4::bigint, 'make no version');
select * from finish();
rollback;
