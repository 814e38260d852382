-- Every subject has its milestone.
begin;
select plan(34);
\ir plan_stage.psql

insert into abate.sector (sector_code) values ('steel'), ('paper');
insert into abate.sector_group (group_code) values ('heavy');
insert into abate.sector_group_member values ('heavy', 'steel');
insert into abate.park (park_code) values ('K');
insert into abate.region (region_code, name_en) values ('420000', 'another province');
insert into abate.plant (plant_code, region_code, sector_code, disposition, size_class, is_in_built_up_area, park_code, finish_due) values
    ('P1', '410100', 'steel', 'move', 'small', true, null, null), ('P2', '410122', 'steel', 'move', 'large', true, null, '2021-06-30'),
    ('P3', '410102', 'steel', null, 'medium', false, 'K', null), ('P4', '410102', 'paper', 'move', 'small', null, 'K', null),
    ('P5', '420000', 'steel', 'move', 'small', true, 'K', null);

-- who is meant
create function pg_temp.meant(commitment_id int) returns text language sql
return (select string_agg(plant_code || coalesce(' ' || to_char(due, 'MM-DD'), ''), ', ' order by plant_code) from abate.commitment_plants(commitment_id) join abate.plant using (plant_id));
select is(pg_temp.meant(pg_temp.commitment('X-1', 'coverage', subject => 'plant')), 'P1, P2, P3, P4', 'no choice: all plants of the region and its parts');
select is(pg_temp.meant(pg_temp.commitment('X-2', 'coverage', subject => 'plant', group_code => 'heavy')), 'P1, P2, P3', 'a group of sectors');
select is(pg_temp.meant(pg_temp.commitment('X-3', 'coverage', '2020-12-31', subject => 'plant', dispositions => '{move,close}')), 'P1 12-31, P2 06-30, P4 12-31', 'what is in store for them, with a date of their own');
select is(pg_temp.meant(pg_temp.commitment('X-4', 'coverage', '2020-12-31', subject => 'plant', size_classes => '{large,medium}')), 'P2 12-31, P3 12-31', 'their size; their own date is another thing''s');
select is(pg_temp.meant(pg_temp.commitment('X-5', 'coverage', subject => 'plant', is_in_built_up_area => true)), 'P1, P2', 'in the built-up area: not those of which that is not known');
select is(pg_temp.meant(pg_temp.commitment('X-6', 'coverage', subject => 'plant', is_in_park => false, group_code => 'heavy')), 'P1, P2', 'outside parks');
select pg_temp.commitment('X-7', 'coverage', subject => 'plant', group_code => 'heavy') as x7 \gset
insert into abate.commitment_subject (commitment_id, plant_id) select :x7, plant_id from abate.plant where plant_code in ('P4', 'P5');
select is(pg_temp.meant(:x7), 'P4, P5', 'named ones: those alone, wherever they are');

-- all steel works by 2020-12-31
select pg_temp.commitment('V-1', 'coverage', '2020-12-31', subject => 'plant', group_code => 'heavy') as v1 \gset
select is(pg_temp.verdict(:v1, '2020-12-31'), 'on_track', 'the last day is not over');
select pg_temp.record('V-1', '2020-03-01', 'P1'), pg_temp.record('V-1', '2020-12-31', 'P2') \g /dev/null
select results_eq(format($$select verdict, actual, wanted, reason, pg_temp.shorts(f) from pg_temp.found(%s, '2021-01-01') f$$, :v1),
    $$values ('overdue', 2::float8 / 3, 1::float8, '2 of 3 have it; overdue: P3', 'P3 overdue')$$, 'two of three is a breach, and says whose');
select pg_temp.record('V-1', '2021-03-01', 'P3') \g /dev/null
select is(pg_temp.verdict(:v1, '2021-02-28') || ' ' || pg_temp.verdict(:v1, '2021-03-01'), 'overdue met_late', 'the third comes late');
select pg_temp.record('V-1', '2020-12-01', 'P3') \g /dev/null
select is(pg_temp.verdict(:v1, '2021-03-01'), 'met', 'a correction: it did not');
select results_eq(format($$select actual, subjects is null from pg_temp.found(%s, '2021-03-01')$$, :v1), 'values (1::float8, true)', 'all of them, and nobody falls short');

-- a share: two thirds
select pg_temp.commitment('V-2', 'coverage', '2020-12-31', relation => 'at_least', target => 0.6, subject => 'plant', group_code => 'heavy') as v2 \gset
select is(pg_temp.verdict(:v2, '2021-01-01'), 'overdue', 'none of three');
select pg_temp.record('V-2', '2020-03-01', 'P1'), pg_temp.record('V-2', '2021-02-01', 'P2') \g /dev/null
select is(pg_temp.verdict(:v2, '2021-01-31') || ' ' || pg_temp.verdict(:v2, '2021-02-01'), 'overdue met_late', 'one, then two of three');
select pg_temp.record('V-2', '2020-11-01', 'P3') \g /dev/null
select is(pg_temp.verdict(:v2, '2021-01-31'), 'met', 'a late record: two were there in time');

-- agencies: each that is responsible
select pg_temp.commitment('V-3', 'coverage', '2019-06-25', subject => 'agency') as v3 \gset
select is(pg_temp.verdict(:v3, '2019-07-01'), 'unknown', 'nobody is known who has to');
insert into abate.commitment_agency values (:v3, 'gx', 'lead'), (:v3, 'st', 'responsible'), (:v3, 'zm', 'responsible');
select pg_temp.record('V-3', '2019-06-20', agency => 'zm'), pg_temp.record('V-3', '2019-06-20', agency => 'gx') \g /dev/null
select results_eq(format($$select verdict, reason, pg_temp.shorts(f) from pg_temp.found(%s, '2019-06-26') f$$, :v3),
    $$values ('overdue', '1 of 2 have it; overdue: st', 'st overdue')$$, 'each that is responsible has to, others do not');

-- lines
insert into abate.line_kind (line_kind, size_unit) values ('kiln', 't/d');
insert into abate.line (plant_id, line_code, line_kind, size, is_excepted) select plant_id, v.code, 'kiln', v.size, v.ex from abate.plant,
    (values ('k1', 1000, false), ('k2', 2000, false), ('k3', null, false), ('k4', 1000, true)) v (code, size, ex) where plant_code = 'P1';
select results_eq(format($$select line_code, is_meant from abate.commitment_lines(%s) join abate.line using (line_id) order by 1$$, pg_temp.commitment('X-8', 'coverage', line_kind => 'kiln', line_size => 2000, line_relation => 'below')),
    $$values ('k1', true), ('k3', null::boolean)$$, 'lines smaller than a size; one of unknown size may be; an excepted one is not');
select results_eq(format($$select line_code from abate.commitment_lines(%s) join abate.line using (line_id) order by 1$$, pg_temp.commitment('X-9', 'coverage', line_kind => 'kiln', line_size => 2000, line_relation => 'at_most')),
    $$values ('k1'), ('k2'), ('k3')$$, 'or those of just that size, too');
select is(pg_temp.meant(pg_temp.commitment('X-10', 'coverage', subject => 'plant', line_kind => 'kiln')), 'P1', 'plants that have such a line');
select pg_temp.record('X-10', '2020-01-01', 'P1', 'k1') \g /dev/null
select is(pg_temp.shorts(pg_temp.found(pg_temp.commitment('X-11', 'coverage', '2019-12-31', subject => 'line', line_kind => 'kiln'), '2020-01-01')),
    'P1 k1 overdue, P1 k2 overdue, P1 k3 overdue', 'each line is a subject');

-- moves have to have begun by 2019-12-31, and a plant has dates of its own: to have begun is not to be done
select pg_temp.commitment('V-4', 'coverage', '2019-12-31', start_due => '2019-12-31', subject => 'plant', dispositions => '{move}', is_in_built_up_area => true) as v4 \gset
select is(pg_temp.meant(:v4), 'P1 12-31, P2 12-31', 'the day on which a plant has to be done is not that on which it has to begin');
update abate.plant set start_due = '2020-03-31' where plant_code = 'P2';
select is(pg_temp.meant(:v4), 'P1 12-31, P2 03-31', 'its own day to begin is');
update abate.plant set start_due = null where plant_code = 'P2';
select pg_temp.record('V-4', plant => 'P1', started => '2019-12-31'), pg_temp.record('V-4', plant => 'P2', started => '2020-01-01') \g /dev/null
select is(pg_temp.shorts(pg_temp.found(:v4, '2020-01-01')), 'P2 met_late', 'what has begun, by its day or later, has done what was asked');
select is((pg_temp.found(:v4, '2019-12-31')).reason, '1 of 2 have it', 'from that day on');

-- every plant of Zhengzhou by 2020-12-31; P1 was closed before, P3 after
select pg_temp.commitment('V-5', 'coverage', '2020-12-31', subject => 'plant', group_code => 'heavy') as v5 \gset
select pg_temp.shut('P1', null, '2020-12-31 23:59:59+08') as c1 \gset
select pg_temp.shut('P3', null, '2021-01-01 00:00:00+08') as c3 \gset
select results_eq(format($$select verdict, actual, reason, pg_temp.shorts(f), evidence from pg_temp.found(%s, '2021-01-01') f$$, :v5),
    $$values ('overdue', 0::float8, '0 of 2 have it; overdue: P2, P3; closed, and left out: P1', 'P2 overdue, P3 overdue', '{"subjects": 2, "kept": 0, "closed": 1}'::jsonb)$$,
    'of a plant that was closed by its last day nothing is asked, and that is said; one closed later was late');
select is((pg_temp.found(:v5, '2020-12-30')).reason, '0 of 3 have it', 'on the day before it was not closed yet');
select pg_temp.record('V-5', '2020-06-01', 'P2'), pg_temp.record('V-5', '2020-06-01', 'P3') \g /dev/null
select results_eq(format($$select verdict, actual, reason, subjects is null from pg_temp.found(%s, '2021-01-01')$$, :v5),
    $$values ('met', 1::float8, '2 of 2 have it; closed, and left out: P1', true)$$, 'the others have it');
select pg_temp.record('V-5', '2020-05-01', 'P1') \g /dev/null
select is((pg_temp.found(:v5, '2021-01-01')).reason, '3 of 3 have it', 'what had it before it was closed counts');
update abate.closure set ended = '2021-03-01 00:00+08' where closure_id = :c1;
select pg_temp.record('V-5', null, 'P1') \g /dev/null
select is((pg_temp.found(:v5, '2021-03-01')).reason, '2 of 3 have it; overdue: P1', 'a correction: it had not; and it is open again');
select is((pg_temp.found(:v5, '2021-02-28')).verdict, 'met', 'while it was closed, nothing was asked of it');

-- where a plant has to close, to be closed is to be done
update abate.closure set ended = null where closure_id = :c1;
update abate.plant set disposition = 'close' where plant_code in ('P1', 'P3');
update abate.plant set finish_due = null;
select pg_temp.commitment('V-6', 'coverage', '2020-12-31', subject => 'plant', dispositions => '{close}') as v6 \gset
select is(pg_temp.verdict(:v6, '2020-12-31'), 'on_track', 'two have to be closed');
select results_eq(format($$select verdict, actual, pg_temp.shorts(f) from pg_temp.found(%s, '2021-01-01') f$$, :v6),
    $$values ('met_late', 1::float8, 'P3 met_late')$$, 'both are, one a day late');
select pg_temp.shut('P2', null, '2020-01-01 00:00+08') \g /dev/null
select results_eq(format($$select verdict, actual, reason from pg_temp.found(%s, '2021-01-01')$$, pg_temp.commitment('V-7', 'coverage', '2020-12-31', subject => 'plant', dispositions => '{move}', is_in_built_up_area => true)),
    $$values ('met', null::float8, 'nothing is left to ask for; closed, and left out: P2')$$, 'all are closed');

select * from finish();
rollback;
