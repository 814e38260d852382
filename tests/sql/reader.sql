-- Whoever may read may ask every view, and have every commitment judged for himself.
begin;
select no_plan();
\ir plant.psql
\ir plan_stage.psql

insert into abate.sector_group (group_code) values ('heavy');
insert into abate.sector_group_member values ('heavy', 'power');
insert into abate.line_kind (line_kind, size_unit) values ('kiln', 't/d');
insert into abate.line (plant_id, line_code, line_kind, size, started_on) select plant_id, 'k1', 'kiln', 1000, '2020-01-01' from abate.plant;
update abate.plant set disposition = 'close' where plant_code = 'P2';
update abate.monitor set must_report_from = '2020-11-01', reference_oxygen = 6;
insert into abate.emission_limit (sector_code, parameter_code, period, upper, unit, standard, source) values ('power', 'a21026', 'hour', 35, 'mg/m3', 'X', 'a page');
insert into abate.sample select pg_temp.feed('S1', 'minute'), 1, timestamptz '2020-11-02 00:00+08' + n * interval '1 minute', n, '{50,2,3}', null from generate_series(0, 119) n;
insert into abate.touched_hour select pg_temp.feed('S1', 'minute'), timestamptz '2020-11-02 00:00+08' + n * interval '1 hour' from generate_series(0, 1) n;
select pg_temp.shut('P2', 'k1', '2020-11-01 00:00+08') \g /dev/null
select pg_temp.indicator('energy', origin => 'energy', unit => 'tce'), pg_temp.indicator('output') \g /dev/null
select pg_temp.baseline('energy', 2015, 100), pg_temp.baseline('output', 2015, 100), pg_temp.year('energy', 2019, 80), pg_temp.year('output', 2019, 100),
       pg_temp.year('output', 2018, 100), pg_temp.reported('energy', '2018-01-01', '2018-07-01', 50), pg_temp.reported('energy', '2018-07-01', '2019-01-01', 45) \g /dev/null

create temporary table asked (code text, id int) on commit drop;
grant select on asked to abate_reader;
insert into asked
select v.code, v.id
  from (values ('intensity', pg_temp.commitment('intensity', 'intensity', '2020-12-31', 'energy', 'falls_by', 0.23, 2015, 'output')),
               ('total', pg_temp.commitment('total', 'total', '2020-12-31', 'energy', 'falls_by', 0.1, 2015)),
               ('share', pg_temp.commitment('share', 'share', '2020-12-31', 'energy', 'at_least', 0.8, null, 'output')),
               ('count', pg_temp.commitment('count', 'count', '2020-12-31', 'output', 'at_least', 1000)),
               ('compliance', pg_temp.commitment('compliance', 'compliance', subject => 'plant', group_code => 'heavy')),
               ('zero', pg_temp.commitment('zero', 'zero', '2020-12-31', subject => 'plant', dispositions => '{close}')),
               ('capacity', pg_temp.commitment('capacity', 'capacity', '2020-12-31', subject => 'line', line_kind => 'kiln', line_size => 2000, line_relation => 'below')),
               ('milestone', pg_temp.commitment('milestone', 'milestone', '2020-12-31')),
               ('coverage', pg_temp.commitment('coverage', 'coverage', '2020-12-31', subject => 'plant')),
               ('availability', pg_temp.commitment('availability', 'availability', subject => 'monitor')),
               ('report', pg_temp.commitment('report', 'report', day_of_month => 25, subject => 'agency')),
               ('prohibition', pg_temp.commitment('prohibition', 'prohibition', group_code => 'heavy')),
               ('prohibited line', pg_temp.commitment('prohibited line', 'prohibition', line_kind => 'kiln')),
               ('duty', pg_temp.commitment('duty', 'duty'))) v (code, id);
insert into abate.commitment_agency select id, 'st', 'responsible' from asked;
select pg_temp.record('duty', '2020-06-01', is_kept => true, evidence => 'seen'), pg_temp.record('coverage', '2020-06-01', 'P1') \g /dev/null
select pg_temp.as_writer(format('select * from abate.judge(%L, 1000, true)', at)) from unnest('{2020-11-30 12:00+08,2020-12-05 12:00+08}'::timestamptz[]) at \g /dev/null
select is((select count(*)::int from abate.verdict where evidence ? 'error'), 0, 'the writer has judged them all');
select cmp_ok((select count(*)::int from abate.breach), '>', 1, 'and found breaches');

select set_eq('select c.kind from asked a join abate.commitment_version c on c.commitment_id = a.id', 'select kind from abate.commitment_kind', 'one of each kind');
select lives_ok(format('select pg_temp.as_reader(%L)', format('select * from abate.verdict_%s(%s, ''2020-12-05 12:00+08'')', c.kind, id)), 'reader: ' || code)
  from asked a join abate.commitment_version c on c.commitment_id = a.id;
select lives_ok(format('select pg_temp.as_reader(%L)', format('create temporary table seen_%s as select * from abate.%1$I', relname)), 'reader: ' || relname)
  from pg_class where relnamespace = 'abate'::regnamespace and relkind = 'v' order by relname;
select lives_ok(format('select pg_temp.as_reader(%L)', statement), 'reader: ' || statement) from unnest(array[
    'select * from abate.plan_status(''2020-12-05'')', 'select abate.path(id, ''2020-06-30''), abate.forecast(id, ''2020-12-05'') from asked',
    'select * from abate.plant_at(now())', 'select * from abate.availability(''2020-11-01'', ''2020-12-01'')', 'select abate.threshold(''hour_grace'', null, now())',
    'select * from abate.metered_figure(''energy'', ''410100'', ''2020-01-01'', ''2021-01-01'')', 'select * from abate.figure(''energy'', ''410100'', ''2018-01-01'', ''2019-01-01'', now())',
    'select * from asked, abate.commitment_plants(id)', 'select * from asked, abate.commitment_lines(id)', 'select * from asked, abate.commitment_agencies(id)',
    'select * from asked, abate.commitment_monitors(id)', 'select * from abate.commitments_in_force(now())']) statement;
select throws_ok(format('select pg_temp.as_reader(%L)', statement), '42501', null, 'reader refused: ' || statement) from unnest(array[
    'select abate.judge(now())', 'select abate.judge_plan(now())', 'select abate.touch(''2020-01-01'', ''2020-01-02'')', 'select abate.judge_again(''2020-01-01'', ''2020-01-02'', now())',
    'select abate.close_down(''P1'', null, now(), ''x'')', 'select abate.take_statements()', 'insert into abate.closure (plant_id, since, source) values (1, now(), ''x'')',
    'insert into abate.milestone (plan_code, commitment_code, source) values (''town'', ''duty'', ''x'')', 'update abate.threshold set value = 1', 'delete from abate.verdict',
    'insert into abate.handling (breach_id) values (1)', 'select abate.accept_revision(1)']) statement;
select throws_ok(format('select pg_temp.as_writer(%L)', statement), '42501', null, 'writer refused: ' || statement) from unnest(array[
    'select abate.close_down(''P1'', null, now(), ''x'')', 'update abate.threshold set value = 1', 'delete from abate.verdict', 'update abate.verdict set verdict = ''met''',
    'delete from abate.exceedance', 'update abate.hourly set value = 0', 'delete from abate.touched_hour', 'update abate.closure set ended = now()',
    'insert into abate.milestone (plan_code, commitment_code, source) values (''town'', ''duty'', ''x'')', 'delete from abate.change', 'insert into abate.commitment_kind values (''x'')',
    'select abate.accept_revision(1)', 'select abate.keep_verdicts(''{}'')', 'select abate.open_breaches(''{}'')']) statement;

select * from finish();
rollback;
