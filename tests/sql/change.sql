-- Who changed what, and what it was before.
begin;
select plan(17);
\ir plant.psql
delete from abate.change;
create function pg_temp.recorded() returns table (table_name text, operation text, row_key text, was text, became text) language sql
begin atomic
    select c.table_name, c.operation, c.row_key, c.old ->> 'name_en', c.new ->> 'name_en' from abate.change c order by c.change_id;
end;

-- what is recorded
insert into abate.sector values ('steel', '钢铁', 'steel');
update abate.sector set name_en = 'iron and steel' where sector_code = 'steel';
update abate.sector set name_en = 'iron and steel' where sector_code = 'steel';
delete from abate.sector where sector_code = 'steel';
select results_eq('select * from pg_temp.recorded()', $$values ('sector', 'insert', 'steel', null, 'steel'), ('sector', 'update', 'steel', 'steel', 'iron and steel'),
                                                               ('sector', 'delete', 'steel', 'iron and steel', null)$$, 'a row comes, changes and goes; what changes nothing is no change');
select ok(bool_and(changed_by = session_user and changed > now() - interval '1 minute'), 'with who and when') from abate.change;
delete from abate.change;
insert into abate.sector_group values ('g', 'g', 'g');
insert into abate.sector_group_member values ('g', 'power');
select results_eq('select table_name, row_key from pg_temp.recorded()', $$values ('sector_group', 'g'), ('sector_group_member', 'g,power')$$, 'a key of two columns');
select is_empty($$select t.name from unnest(array['region', 'agency', 'sector', 'plant', 'line', 'monitor', 'series', 'stoppage', 'emission_limit', 'threshold', 'substitution', 'energy_factor',
    'energy_basis', 'activity_sign', 'closure', 'meter', 'plan', 'plan_version', 'commitment_version', 'commitment_subject', 'indicator', 'baseline', 'milestone', 'indicator_value', 'breach']) t (name)
    where not exists (select from pg_trigger where tgrelid = ('abate.' || t.name)::regclass and tgfoid = 'abate.record_change'::regproc)$$, 'every table that people change is watched');
select is_empty($$select tgrelid::regclass from pg_trigger where tgfoid = 'abate.record_change'::regproc
    and tgrelid in ('abate.sample'::regclass, 'abate.hourly'::regclass, 'abate.exceedance'::regclass, 'abate.verdict'::regclass)$$, 'and none that grows by itself');
create table pg_temp.watch (took interval);
insert into pg_temp.watch select clock_timestamp() - clock_timestamp();
do $$ declare began timestamptz := clock_timestamp();
begin
    insert into abate.plant (plant_code, region_code) select 'BULK' || g, '410100' from generate_series(1, 1000) g;
    update pg_temp.watch set took = clock_timestamp() - began;
end $$;
select ok(took < interval '2 seconds', 'a thousand plants are entered within two seconds') from pg_temp.watch;
select is(count(*), 1000::bigint, 'each recorded') from abate.change where table_name = 'plant';

-- a breach
insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values ('a21026', 'minute', 'power', 35, 'mg/m3', 's', 'a page');
insert into abate.breach (limit_id, series_id, opened, bound, worst, worst_at, last_at, count)
select limit_id, pg_temp.series('S1', 'minute', 'a21026'), '2020-11-02 08:00+08', 35, 40, '2020-11-02 08:00+08', '2020-11-02 08:00+08', 1 from abate.emission_limit;
delete from abate.change;
update abate.breach set worst = 50, count = 2, last_at = '2020-11-02 08:01+08';
update abate.breach set closed = '2020-11-02 08:05+08';
update abate.breach set reason = 'a word about it';
select is_empty('select * from pg_temp.recorded()', 'that a breach grows, closes, or gets a word is no change of a judgement');
update abate.breach set worst = 60;
update abate.breach set severity = 'hour';
update abate.breach set withdrawn = now();
select results_eq($$select operation, old ->> 'worst', new ->> 'worst', old ->> 'severity', new ->> 'severity', new ->> 'withdrawn' is not null from abate.change order by change_id$$,
    $$values ('update', '50', '60', 'warning', 'warning', false), ('update', '60', '60', 'warning', 'hour', false), ('update', '60', '60', 'hour', 'hour', true)$$,
    'that the worst value of a closed one, the severity, or its standing changes, is');
delete from abate.breach;
select results_eq('select operation from abate.change order by change_id desc limit 1', $$values ('delete')$$, 'and that it is taken away');

-- plants as they were
delete from abate.change;
create function pg_temp.shift(days int) returns void language sql begin atomic
    update abate.change set changed = changed - days * interval '1 day'; end;
create function pg_temp.then(days int) returns table (code text, class text) language sql begin atomic
    select p.plant_code, p.size_class from abate.plant_at(now() - days * interval '1 day') p where p.plant_code in ('P1', 'P2', 'P9') order by 1; end;
update abate.plant set size_class = 'small' where plant_code = 'P1'; -- eight days ago
select pg_temp.shift(4) \g /dev/null
update abate.plant set size_class = 'large' where plant_code = 'P1'; -- four days ago
insert into abate.plant (plant_code, region_code) values ('P9', '410100');
select pg_temp.shift(4) \g /dev/null
update abate.plant set size_class = 'medium' where plant_code = 'P9';
select results_eq('select * from pg_temp.then(0 - 1)', $$values ('P1', 'large'), ('P2', null), ('P9', 'medium')$$, 'as they are');
select results_eq('select * from pg_temp.then(2)', $$values ('P1', 'large'), ('P2', null), ('P9', null)$$, 'two days ago: before the last change');
select results_eq('select * from pg_temp.then(6)', $$values ('P1', 'small'), ('P2', null), ('P9', 'medium')$$, 'six days ago; one entered later counts from the beginning, as it is');
select results_eq('select * from pg_temp.then(10)', $$values ('P1', null), ('P2', null), ('P9', 'medium')$$, 'ten days ago: before the first change');
delete from abate.plant where plant_code = 'P9';
select results_eq('select code from pg_temp.then(0 - 1)', $$values ('P1'), ('P2')$$, 'one that was taken away');
select results_eq('select * from pg_temp.then(2)', $$values ('P1', 'large'), ('P2', null), ('P9', null)$$, 'was there');
select lives_ok($$select pg_temp.as_reader('select * from abate.plant_at(now())')$$, 'the reader may ask');

select * from finish();
rollback;
