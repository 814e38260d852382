-- The register's files: every kind of mistake is named with its place, nothing of bad ones is taken, good ones are taken
-- once, and what differs is changed where it stands.
begin;
select plan(88);
\ir plan_folder.psql
select set_config('story.folder', 'register', true);
delete from pg_temp.folder;
insert into pg_temp.folder values
    ('regions.csv', $$region_code;name_en
991000;Small Town$$),
    ('line_kinds.csv', $$line_kind
kiln$$),
    ('plants.csv', $$plant_code;name_zh;region_code
R1;一厂;991000
R2;二厂;991000$$),
    ('lines.csv', $$plant_code;line_code;line_kind
R1;K1;kiln$$),
    ('monitors.csv', $$monitor_code;plant_code;medium;line_code;reference_oxygen;must_report_from;must_report_to
88888880000001;R1;air;K1;11;2020-01-01;2021-01-01
88888880000002;R2;water;;;;$$),
    ('series.csv', $$monitor_code;period;parameter_code;statistic;unit
88888880000001;minute;a21026;;ug/m3
88888880000001;minute;a21026;Max;mg/m3
88888880000001;hour;a21026;;
88888880000002;hour;w01018;;mg/L$$),
    ('limits.csv', $$parameter_code;period;plant_code;monitor_code;upper;unit;standard;source;confirmed_by
a21026;minute;R1;;35;mg/m3;licence 17;page 4;Wang
a21026;hour;;88888880000001;30;mg/m3;licence 17;page 5;$$),
    ('contacts.csv', $$name;plant_code;agency_code;hears_region;language;mail;phone
Li;R1;;;en;li@example.org;
Li;R2;;;;li2@example.org;+8613800000000
duty;;;;zh;duty@example.org;$$),
    ('routes.csv', $$ordinal;name;kinds;severities;weekdays;from_time;to_time;hears;contact_name;channel_name;source
75;by night;opened|worse;hour|day;1|2|3;22:00;06:00;contact;duty;mail;order 3
76;robot;;;;;;channel;;mail;order 3$$);

select is_empty('select * from pg_temp.check_it()', 'good files have no error');
create function pg_temp.counts() returns text language sql as $$
    select concat_ws(' ', (select count(*) from abate.plant), (select count(*) from abate.line), (select count(*) from abate.monitor),
                     (select count(*) from abate.feed), (select count(*) from abate.series), (select count(*) from abate.emission_limit),
                     (select count(*) from abate.contact), (select count(*) from abate.route where ordinal in (75, 76)),
                     (select count(*) from abate.change)) $$;
create temporary table before as select pg_temp.counts() as text;

-- One mistake each, as in plan_load.
create temporary table mistake (n int generated always as identity, what text, file text, was text, is_now text, said text[]);
insert into mistake (what, file, was, is_now, said) values
    ('a column that is needed', 'plants.csv', 'region_code', 'region', '{"plants.csv:1 region_code is missing: add it","plants.csv:1 region is not known here: rename it, or take it away"}'),
    ('a key that is needed', 'monitors.csv', 'monitor_code', 'mn', '{"monitors.csv:1 monitor_code is missing: add it","monitors.csv:1 mn is not known here: rename it, or take it away","series.csv:2 monitor_code \"88888880000001\" is no monitor of this folder or the register: mend it, or add it to monitors.csv","series.csv:3 monitor_code \"88888880000001\" is no monitor of this folder or the register: mend it, or add it to monitors.csv","series.csv:4 monitor_code \"88888880000001\" is no monitor of this folder or the register: mend it, or add it to monitors.csv","series.csv:5 monitor_code \"88888880000002\" is no monitor of this folder or the register: mend it, or add it to monitors.csv","limits.csv:3 monitor_code \"88888880000001\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('a column twice', 'contacts.csv', ';phone', ';mail', '{"contacts.csv:1 mail stands there 2 times","contacts.csv:3 mail \"+8613800000000\" is no mail address: write one such as li@example.org"}'),
    ('a region nobody knows', 'plants.csv', 'R2;二厂;991000', 'R2;二厂;999999', '{"plants.csv:3 region_code \"999999\" is no region of this folder or the register: mend it, or add it to regions.csv"}'),
    ('a code with a blank', 'plants.csv', 'R2;二厂', 'R 2;二厂', '{"plants.csv:3 plant_code \"R 2\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"","monitors.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv","contacts.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv"}'),
    ('a plant twice', 'plants.csv', 'R2;二厂', 'R1;二厂', '{"plants.csv:3 plant_code stands there a second time with the same plant_code: first in line 2","monitors.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv","contacts.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv"}'),
    ('no plant', 'plants.csv', 'R2;二厂', ';二厂', '{"plants.csv:3 plant_code is empty: it is needed","monitors.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv","contacts.csv:3 plant_code \"R2\" is no plant of this folder or the register: mend it, or add it to plants.csv"}'),
    ('an MN code of a spreadsheet', 'monitors.csv', '88888880000002', '8.88889E+13', '{"monitors.csv:3 monitor_code \"8.88889E+13\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"; of a long number a spreadsheet makes 8.9E+13 unless its column is text","series.csv:5 monitor_code \"88888880000002\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('one without a plus', 'monitors.csv', '88888880000002', '8,88889E13', '{"monitors.csv:3 monitor_code \"8,88889E13\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"; of a long number a spreadsheet makes 8.9E+13 unless its column is text","series.csv:5 monitor_code \"88888880000002\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('a topic as an MN code', 'monitors.csv', '88888880000002', 'a/b', '{"monitors.csv:3 monitor_code \"a/b\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"; of a long number a spreadsheet makes 8.9E+13 unless its column is text","series.csv:5 monitor_code \"88888880000002\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('a monitor twice', 'monitors.csv', '88888880000002', '88888880000001', '{"monitors.csv:3 monitor_code stands there a second time with the same monitor_code: first in line 2","series.csv:5 monitor_code \"88888880000002\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('a medium', 'monitors.csv', ';water;', ';Water;', '{"monitors.csv:3 medium \"Water\" is none of these: air, water, energy, water_use, production, process"}'),
    ('a line of another plant', 'monitors.csv', 'R2;water;;', 'R2;water;K1;', '{"monitors.csv:3 line_code is no line of that plant in this folder or the register: mend it, or add it to lines.csv"}'),
    ('a bad number', 'monitors.csv', ';11;', ';1l;', '{"monitors.csv:2 reference_oxygen \"1l\" is no number: write one such as 0.23, with a point and without a unit"}'),
    ('oxygen of air', 'monitors.csv', ';11;', ';21;', '{"monitors.csv:2 reference_oxygen is not from 0 up to 21 %"}'),
    ('a bad day', 'monitors.csv', ';2020-01-01', ';1.1.2020', '{"monitors.csv:2 must_report_from \"1.1.2020\" is no date: write YYYY-MM-DD"}'),
    ('reports that end before', 'monitors.csv', '2021-01-01', '2020-01-01', '{"monitors.csv:2 must_report_to is not after must_report_from: it is the first day on which it has not to report any more"}'),
    ('an unknown parameter', 'series.csv', 'w01018', 'w99999', '{"series.csv:5 parameter_code \"w99999\" is no parameter: mend it, or add it to abate.parameter first"}'),
    ('a period', 'series.csv', ';minute;a21026;Max', ';weekly;a21026;Max', '{"series.csv:3 period \"weekly\" is none of these: realtime, minute, hour, day"}'),
    ('a statistic', 'series.csv', ';Max;', ';-Max;', '{"series.csv:3 statistic \"-Max\" is no statistic: write a word such as value, Avg or Max"}'),
    ('a series twice, once by its fallback', 'series.csv', ';Max;', ';value;', '{"series.csv:3 monitor_code stands there a second time with the same monitor_code, period, parameter_code, statistic: first in line 2"}'),
    ('a bound', 'limits.csv', ';35;', ';;', '{"limits.csv:2 upper is empty, and so is lower: give a bound"}'),
    ('a limit of two', 'limits.csv', ';;88888880000001;', ';R1;88888880000001;', '{"limits.csv:3 sector_code or plant_code or monitor_code: name one of the three"}'),
    ('a limit of nobody', 'limits.csv', ';;88888880000001;', ';;;', '{"limits.csv:3 sector_code or plant_code or monitor_code: name one of the three"}'),
    ('a limit of a monitor nobody knows', 'limits.csv', '88888880000001', '88888880000003', '{"limits.csv:3 monitor_code \"88888880000003\" is no monitor of this folder or the register: mend it, or add it to monitors.csv"}'),
    ('a mail address', 'contacts.csv', 'li@example.org', 'li example.org', '{"contacts.csv:2 mail \"li example.org\" is no mail address: write one such as li@example.org"}'),
    ('a telephone number', 'contacts.csv', '+8613800000000', '138 0000 0000', '{"contacts.csv:3 phone \"138 0000 0000\" is no telephone number: write digits alone, with + before a country code"}'),
    ('a contact of two', 'contacts.csv', 'Li;R1;;;', 'Li;R1;env;yes;', '{"contacts.csv:2 agency_code is given beside plant_code: a contact is of one, or of neither (the duty desk)"}'),
    ('an agency that hears what?', 'contacts.csv', 'Li;R1;;;', 'Li;;env;;', '{"contacts.csv:2 hears_region is empty: write yes if it hears what plants of its agency''s region do, no if only what its agency answers for"}'),
    ('a plant that hears a region', 'contacts.csv', 'Li;R1;;;', 'Li;R1;;yes;', '{"contacts.csv:2 hears_region is given, but there is no agency_code"}'),
    ('a contact twice', 'contacts.csv', 'Li;R2', 'Li;R1', '{"contacts.csv:3 name stands there a second time with the same name, plant_code, agency_code: first in line 2"}'),
    ('a kind of alert', 'routes.csv', 'opened|worse', 'opend|worse', '{"routes.csv:2 kinds \"opend\" is none of these: opened, worse, closed, withdrawn, reminder, escalation, trouble, trouble_lasts, trouble_over, silence_begun, silence_over, stoppage_over, test"}'),
    ('a severity', 'routes.csv', 'hour|day', 'hour|dire', '{"routes.csv:2 severities \"dire\" is no severity; there are day, hour, notice, repeated, warning"}'),
    ('a day of the week', 'routes.csv', '1|2|3', '0|1', '{"routes.csv:2 weekdays \"0\" is no day of the week: write 1 (Monday) to 7, with \"|\" between them"}'),
    ('a time of day', 'routes.csv', '22:00', '24:00', '{"routes.csv:2 from_time \"24:00\" is no time of day: write one such as 08:30"}'),
    ('half a time', 'routes.csv', '22:00;06:00', '22:00;', '{"routes.csv:2 to_time and from_time go together: give both, or none"}'),
    ('a contact of no name', 'routes.csv', ';duty;', ';;', '{"routes.csv:2 contact_name is empty: hears contact wants the name of one"}'),
    ('a contact nobody asked for', 'routes.csv', 'contact;duty', 'plant;duty', '{"routes.csv:2 contact_name is given, but hears is not contact"}'),
    ('one of two contacts', 'routes.csv', ';duty;', ';Li;', '{"routes.csv:2 contact_name is not the name of just one contact of this folder and the register"}'),
    ('a channel there is not', 'routes.csv', ';duty;mail', ';duty;fax', '{"routes.csv:2 channel_name \"fax\" is no channel; there are mail, sms"}'),
    ('a template there is not', 'routes.csv', 'channel_name;source', 'channel_name;template_code', '{"routes.csv:1 source is missing: add it","routes.csv:2 template_code \"order 3\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\"","routes.csv:3 template_code \"order 3\" is no code: write one without blanks, \"/\", \"+\", \"#\" and \"|\""}');
insert into pg_temp.folder values ('agencies.csv', $$agency_code;name_zh
env;环境局$$);
select is(array(select * from pg_temp.check_with(file, was, is_now)), said, 'mistake: ' || what) from mistake order by n;
select is(array(select * from pg_temp.check_with('routes.csv', 'severities;weekdays;from_time', 'step;valid_from;valid_to')),
    '{"routes.csv:2 step \"hour|day\" is no whole number: write one such as 25","routes.csv:2 valid_from \"1|2|3\" is no date: write YYYY-MM-DD","routes.csv:2 valid_to \"22:00\" is no date: write YYYY-MM-DD"}'::text[], 'columns that may stand there');
select is(array(select * from pg_temp.check_with('routes.csv', e'kinds;severities;weekdays;from_time;to_time;hears;contact_name;channel_name;source\n75;by night;opened|worse;hour|day;1|2|3;22:00;06:00;contact;duty;mail;order 3',
                                                 e'kinds;step;valid_from;valid_to;template_code;hears;contact_name;channel_name;source\n75;by night;;0;2021-01-01;2021-01-01;none;contact;duty;mail;order 3')),
    '{"routes.csv:2 step is not above 0","routes.csv:2 valid_to is not after valid_from: it is the first day on which the route does not hold","routes.csv:2 template_code is no template: mend it, or add it to abate.message_template first"}'::text[], 'rules of routes');
insert into pg_temp.folder values ('commitments.csv', 'a;b'), ('monitor.csv', 'a;b');
select is(array(select * from pg_temp.check_it() c where c like '%no file%'),
    '{"commitments.csv is no file of the register: rename it, or take it away","monitor.csv is no file of the register: rename it, or take it away"}'::text[], 'files of a wrong name, or of a plan');
delete from pg_temp.folder where file in ('commitments.csv', 'monitor.csv');
select is(pg_temp.counts(), text, 'nothing of all that was taken') from before;
select is((select choices from abate.folder_column where file = 'routes.csv' and column_name = 'kinds'),
    array(select m[1] from pg_constraint, regexp_matches(pg_get_constraintdef(oid), $$'([a-z_]+)'$$, 'g') m where conname = 'alert_kind_check'),
    'the kinds of alert are those there are');
select is((select choices from abate.folder_column where file = 'routes.csv' and column_name = 'rules'),
    array(select m[1] from pg_constraint, regexp_matches(pg_get_constraintdef(oid), $$'([a-z_]+)'$$, 'g') m where conname = 'breach_rule_check'),
    'and the rules');

-- Taken.
select results_eq('select * from pg_temp.take_it()',
    $$values ('regions.csv 1+ 0~ 0-'), ('agencies.csv 1+ 0~ 0-'), ('line_kinds.csv 1+ 0~ 0-'), ('plants.csv 2+ 0~ 0-'), ('lines.csv 1+ 0~ 0-'),
             ('monitors.csv 2+ 0~ 0-'), ('series.csv 4+ 0~ 0-'), ('limits.csv 2+ 0~ 0-'), ('contacts.csv 3+ 0~ 0-'), ('routes.csv 2+ 0~ 0-')$$, 'all of it is new');
select results_eq('select m.monitor_code, p.plant_code, l.line_code, m.medium, m.reference_oxygen, m.utc_offset from abate.monitor m join abate.plant p using (plant_id) left join abate.line l using (line_id) order by 1',
    $$values ('88888880000001', 'R1', 'K1', 'air', 11::float8, interval '8 hours'), ('88888880000002', 'R2', null, 'water', null, '8 hours')$$, 'monitors');
select results_eq('select m.monitor_code, f.period, s.slot::int, s.parameter_code, s.statistic, s.unit, s.sent_unit from abate.series s join abate.feed f using (feed_id) join abate.monitor m using (monitor_id) order by 1, 2, 3',
    $$values ('88888880000001', 'hour', 1, 'a21026', 'value', 'mg/m3', null), ('88888880000001', 'minute', 1, 'a21026', 'value', 'mg/m3', 'ug/m3'),
             ('88888880000001', 'minute', 2, 'a21026', 'Max', 'mg/m3', null), ('88888880000002', 'hour', 1, 'w01018', 'value', 'mg/L', null)$$, 'feeds and series, in the unit that is sent');
select results_eq('select period, plant_code, monitor_code, upper, confirmed_by from abate.emission_limit e left join abate.plant p on p.plant_id = e.plant_id left join abate.monitor m on m.monitor_id = e.monitor_id order by limit_id',
    $$values ('minute', 'R1', null, 35::float8, 'Wang'), ('hour', null, '88888880000001', 30, null)$$, 'limits of a plant and of a monitor');
select results_eq('select name, plant_code, language, mail, phone, is_active from abate.contact left join abate.plant using (plant_id) order by contact_id',
    $$values ('Li', 'R1', 'en', 'li@example.org', null, true), ('Li', 'R2', 'zh', 'li2@example.org', '+8613800000000', true), ('duty', null, 'zh', 'duty@example.org', null, true)$$, 'contacts');
select results_eq('select r.name, kinds, severities, weekdays, from_time, hears, c.name, channel_name, valid_from, valid_to from abate.route r left join abate.contact c using (contact_id) where ordinal in (75, 76) order by ordinal',
    $$values ('by night', '{opened,worse}'::text[], '{hour,day}'::text[], '{1,2,3}'::int[], time '22:00', 'contact', 'duty', 'mail', timestamptz '-infinity', timestamptz 'infinity'),
             ('robot', null, null, null, null, 'channel', null, 'mail', '-infinity', 'infinity')$$, 'routes');

-- Once more.
update before set text = pg_temp.counts();
select is_empty('select * from pg_temp.take_it()', 'a second time there is nothing new');
select is(pg_temp.counts(), text, 'and nothing was written') from before;

-- Changed: a row by its key, and of it what is given; nothing goes.
update folder set text = e'plant_code;name_en;size_class\nR1;Plant One;large' where file = 'plants.csv';
update folder set text = e'monitor_code;plant_code;name_en\n88888880000001;R1;stack' where file = 'monitors.csv';
update folder set text = e'monitor_code;period;parameter_code;unit\n88888880000001;minute;a21026;mg/m3' where file = 'series.csv';
update folder set text = replace(text, 'li@', 'li.new@') where file = 'contacts.csv';
update folder set text = replace(text, '1|2|3', '6|7') where file = 'routes.csv';
select is_empty('select * from pg_temp.check_it()', 'less columns and less rows are no error');
select results_eq('select file, line, column_name, was, becomes from abate.folder_change()',
    $$values ('plants.csv', 2, 'name_en', null, 'Plant One'), ('plants.csv', 2, 'size_class', null, 'large'), ('monitors.csv', 2, 'name_en', null, 'stack'),
             ('series.csv', 2, 'unit', 'ug/m3', 'mg/m3'), ('contacts.csv', 2, 'mail', 'li@example.org', 'li.new@example.org'), ('routes.csv', 2, 'weekdays', '1|2|3', '6|7')$$,
    'what becomes of what, cell by cell');
select results_eq('select * from pg_temp.take_it()',
    $$values ('plants.csv 0+ 1~ 0-'), ('monitors.csv 0+ 1~ 0-'), ('series.csv 0+ 1~ 0-'), ('contacts.csv 0+ 1~ 0-'), ('routes.csv 0+ 1~ 0-')$$, 'what differs is changed');
select results_eq($$select plant_code, name_zh, name_en, size_class from abate.plant where plant_code like 'R%' order by 1$$,
    $$values ('R1', '一厂', 'Plant One', 'large'), ('R2', '二厂', null, null)$$, 'columns and rows that are not there stay');
select results_eq('select name_en, reference_oxygen, must_report_from from abate.monitor where monitor_code = $$88888880000001$$', $$values ('stack', 11::float8, date '2020-01-01')$$, 'likewise of monitors');
select is((select string_agg(unit || coalesce(' sent ' || sent_unit, ''), ', ' order by series_id) from abate.series), 'mg/m3, mg/m3, mg/m3, mg/L', 'the unit that is sent');
select results_eq('select name, mail from abate.contact order by contact_id', $$values ('Li', 'li.new@example.org'), ('Li', 'li2@example.org'), ('duty', 'duty@example.org')$$, 'the contact of that plant');

-- A route may hold from an instant within a day: only another day, or another zone, is another instant.
create temporary table kept_route as select file, text from folder where file = 'routes.csv';
update abate.route set valid_from = '2020-03-01 18:00+08', valid_to = '2020-09-01 06:00+08' where ordinal = 75;
prepare route_spans as select weekdays, valid_from, valid_to from abate.route where ordinal = 75;
update folder set text = replace(text, '6|7', '7') where file = 'routes.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('routes.csv 0+ 1~ 0-')$$, 'another cell of a route');
select results_eq('route_spans', $$values ('{7}'::int[], timestamptz '2020-03-01 18:00+08', timestamptz '2020-09-01 06:00+08')$$, 'leaves its instants');
update folder set text = e'ordinal;name;hears;contact_name;channel_name;source;valid_from;valid_to\n75;by night;contact;duty;mail;order 3;2020-03-01;2020-10-01' where file = 'routes.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('routes.csv 0+ 1~ 0-')$$, 'another end of a route');
select results_eq('route_spans', $$values ('{7}'::int[], timestamptz '2020-03-01 18:00+08', timestamptz '2020-10-01 00:00+08')$$, 'leaves its beginning');
update folder set text = e'ordinal;name;hears;contact_name;channel_name;source;utc_offset\n75;by night;contact;duty;mail;order 3;+07:00' where file = 'routes.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('routes.csv 0+ 1~ 0-')$$, 'another zone of a route');
select results_eq('route_spans', $$values ('{7}'::int[], timestamptz '2020-03-01 00:00+07', timestamptz '2020-10-01 00:00+07')$$, 'takes its days there');
update abate.route set valid_from = '-infinity', valid_to = 'infinity', utc_offset = '8 hours' where ordinal = 75;
update folder f set text = replace(k.text, '6|7', '7') from kept_route k where f.file = k.file;

-- Of a limit, too, what is not given stays: bounds, oxygen, and its end.
create temporary table kept as select file, text from folder where file = 'limits.csv';
update abate.emission_limit set lower = 5, reference_oxygen = 11, valid_to = '2090-01-01 00:00+08' where period = 'minute';
update abate.emission_limit set valid_to = '2020-01-01 12:00+08' where period = 'hour';
create temporary table limit_before as select e.*, 1 as ordinal from abate.emission_limit e;
prepare limits as select period, lower, upper, reference_oxygen, confirmed_by, valid_from = now(), valid_to from abate.emission_limit order by limit_id;
select is_empty('select * from pg_temp.take_it()', 'limits without lower, oxygen and an end are those there are');
update folder set text = e'parameter_code;period;plant_code;monitor_code;unit;standard;source\na21026;minute;R1;;mg/m3;licence 17;page 4\na21026;hour;;88888880000001;mg/m3;licence 17;page 5' where file = 'limits.csv';
select is_empty('select * from pg_temp.take_it()', 'likewise without any bound');
select results_eq('select e.*, 1 from abate.emission_limit e', 'select * from limit_before', 'nothing of them was written, and one that is over stays so');
update folder set text = e'parameter_code;period;plant_code;upper;unit;standard;source\na21026;minute;R1;5;mg/m3;licence 17;page 4' where file = 'limits.csv';
select results_eq('select * from pg_temp.check_it()', $$values ('limits.csv:2 upper is not above lower')$$, 'bounds are held against those that are there');
update folder set text = replace(text, ';5;', ';30;') where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 0+ 1~ 0-')$$, 'one bound is changed');
select results_eq('limits', $$values ('minute', 5::float8, 35::float8, 11::float8, 'Wang', false, now()), ('hour', null, 30, null, null, false, '2020-01-01 12:00+08'),
    ('minute', 5, 30, 11, null, true, '2090-01-01 00:00+08')$$, 'the rest of it goes on: the other bound, oxygen, the end; who confirmed the old one did not confirm the new');
select is_empty('select * from pg_temp.take_it()', 'once');
update folder set text = e'parameter_code;period;monitor_code;upper;unit;standard;source\na21026;hour;88888880000001;28;mg/m3;licence 17;page 5' where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 0+ 1~ 0-')$$, 'the number of one that is over');
select results_eq($$select upper, valid_to from abate.emission_limit where period = 'hour'$$, $$values (28::float8, timestamptz '2020-01-01 12:00+08')$$, 'is mended where it is');
update folder set text = e'parameter_code;period;monitor_code;unit;standard;source;valid_from;upper\na21026;hour;88888880000001;mg/m3;licence 17;page 5;2020-03-01;25' where file = 'limits.csv';
select results_eq('select * from pg_temp.take_it()', $$values ('limits.csv 1+ 0~ 0-')$$, 'one that begins later is another');
select results_eq($$select upper, valid_from, valid_to from abate.emission_limit where period = 'hour' order by limit_id$$,
    $$values (28::float8, timestamptz '-infinity', timestamptz '2020-01-01 12:00+08'), (25, '2020-03-01 00:00+08', 'infinity')$$, 'and holds for good');
update folder set text = replace(replace(text, ';upper', ''), ';25', '') || e'\na21026;day;88888880000001;mg/m3;licence 17;page 5;' where file = 'limits.csv';
select results_eq('select * from pg_temp.check_it()', $$values ('limits.csv:3 upper is empty, and so is lower: give a bound')$$, 'a new one needs a bound');
update folder f set text = k.text from kept k where f.file = k.file;

-- What a unit must become is asked of the program.
update folder set text = e'monitor_code;period;parameter_code;unit\n88888880000001;minute;a21026;kWh\n88888880000002;minute;w01018;ug/L' where file = 'series.csv';
select is_empty('select * from pg_temp.check_it()', 'other units');
select results_eq('select line, sent, unit, density > 2 from abate.given_unit()', $$values (2, 'kWh', 'mg/m3', true), (3, 'ug/L', 'mg/L', null)$$, 'are to be looked at');

-- A feed has room for 256.
insert into abate.parameter (parameter_code) select 'x_' || n from generate_series(1, 260) n;
update folder set text = (select e'monitor_code;period;parameter_code;unit\n' || string_agg('88888880000001;hour;x_' || n || ';t', e'\n' order by n) from generate_series(1, 257) n) where file = 'series.csv';
select results_eq('select * from pg_temp.check_it()',
    $$values ('series.csv:257 monitor_code a feed has at most 256 series, and this is one more: give the monitor a feed of another period'),
             ('series.csv:258 monitor_code a feed has at most 256 series, and this is one more: give the monitor a feed of another period')$$, 'and not for more');
delete from folder where file = 'series.csv';

-- Names that the register has twice cannot say which.
insert into abate.contact (name, mail) values ('duty', 'other@example.org');
insert into abate.route (ordinal, name, hears, channel_name, source) values (77, 'robot', 'duty', 'mail', 'a test');
select results_eq('select * from pg_temp.check_it()',
    $$values ('contacts.csv:4 name is that of more than one contact of the register: which one is meant? Give them names of their own there'),
             ('routes.csv:3 name is that of more than one route of the register by this channel: which one is meant? Give them names of their own there')$$, 'two of a name');
select is_empty($$select r.file, r.message from abate.folder_rule r join abate.folder_file f using (file)
                   where f.folders = '{register}' and r.message not like 'is that of more%'
                     and not exists (select from mistake m, unnest(m.said) s where s like '%' || r.message)
                     and r.message not in ('is empty, and its parameter has none of its own: write the unit that is sent', 'is not above 0',
                                           'is not after valid_from: it is the first day on which the route does not hold',
                                           'is no template: mend it, or add it to abate.message_template first')$$, 'every rule has its mistake in this story');
insert into pg_temp.folder values ('series.csv', $$monitor_code;period;parameter_code
88888880000001;hour;x_1$$);
select ok('series.csv:1 unit is missing: add it' not in (select * from pg_temp.check_it()), 'a unit may be left out');
select ok('series.csv:2 unit is empty, and its parameter has none of its own: write the unit that is sent' in (select * from pg_temp.check_it()), 'unless nothing says it');

select * from finish();
rollback;
