-- No line of a kind and size is in use.
begin;
select plan(18);
\ir plan_stage.psql

insert into abate.line_kind (line_kind, size_unit) values ('clinker_line', 't/d'), ('kiln', 't/d');
insert into abate.plant (plant_code, region_code) values ('P1', '410122'), ('P2', '410102');
create function pg_temp.line(plant text, code text, size float8, retired_on date default null, kind text default 'clinker_line', is_excepted boolean default false) returns void
language sql
begin atomic
    insert into abate.line (plant_id, line_code, line_kind, size, retired_on, is_excepted)
    select p.plant_id, code, kind, size, retired_on, is_excepted from abate.plant p where p.plant_code = plant;
end;

-- lines of up to 2000 t/d, by 2020-12-31
select pg_temp.commitment('B-8', 'capacity', '2020-12-31', subject => 'line', line_kind => 'clinker_line', line_size => 2000, line_relation => 'at_most') as b8 \gset
select pg_temp.line('P1', 'k', 100, kind => 'kiln') \g /dev/null
select results_eq(format('select verdict, reason, wanted from pg_temp.found(%s, ''2021-01-01'')', :b8),
    $$values ('unknown', 'the register has no line of the kind', 0::float8)$$, 'no line of the kind is no proof that there is none');
select pg_temp.record('B-8', '2020-05-01', evidence => 'the survey found none') \g /dev/null
select is(pg_temp.verdict(:b8, '2020-04-30') || ' ' || pg_temp.verdict(:b8, '2020-05-01'), 'unknown met', 'a survey that found none is');
select pg_temp.line('P1', 'a', 2500), pg_temp.line('P1', 'x', 1000, is_excepted => true) \g /dev/null
select results_eq(format('select verdict, reason, actual from pg_temp.found(%s, ''2019-07-01'')', :b8),
    $$values ('met', 'none of the 2 lines of the kind in the register is meant', 0::float8)$$, 'a larger one, and one with the plan''s own exception');
select pg_temp.line('P1', 'b', 2000), pg_temp.line('P2', 'c', 1999) \g /dev/null
select is(pg_temp.verdict(:b8, '2020-12-31') || ' ' || pg_temp.verdict(:b8, '2021-01-01'), 'on_track overdue', 'two of up to that size: a breach when the last day is over');
select results_eq(format($$select actual, wanted, reason, pg_temp.shorts(f) from pg_temp.found(%s, '2021-01-01') f$$, :b8),
    $$values (2::float8, 0::float8, '0 of 2 out of use; overdue: P1 b, P2 c', 'P1 b overdue, P2 c overdue')$$, 'how many are in use, and which');
update abate.line set retired_on = '2020-12-31' where line_code = 'b';
update abate.line set retired_on = '2021-02-01' where line_code = 'c';
select results_eq(format($$select actual, verdict from unnest('{2020-12-30,2020-12-31,2021-01-31,2021-02-01}'::date[]) d, pg_temp.found(%s, d)$$, :b8),
    $$values (2::float8, 'on_track'), (1, 'on_track'), (1, 'overdue'), (0, 'met_late')$$, 'one is retired on the last day, one late');
select is(pg_temp.shorts(pg_temp.found(:b8, '2021-02-01')), 'P2 c met_late', 'which one was late');
update abate.line set retired_on = '2020-11-01' where line_code = 'c';
select is(pg_temp.verdict(:b8, '2021-01-01'), 'met', 'a late correction: it was not');

-- a size that is not known
select pg_temp.line('P2', 'd', null) \g /dev/null
select results_eq(format($$select verdict, reason, subjects -> 0 ->> 'reason', pg_temp.shorts(f) from pg_temp.found(%s, '2021-01-01') f$$, :b8),
    $$values ('unknown', '2 of 3 out of use; unknown: P2 d', 'in use, and its size is not known', 'P2 d unknown')$$, 'one of unknown size may be meant');
update abate.line set retired_on = '2020-12-01' where line_code = 'd';
select is(pg_temp.verdict(:b8, '2021-01-01'), 'met', 'out of use it does no harm, whatever its size');
update abate.line set retired_on = null, size = 3000 where line_code = 'd';
select is(pg_temp.verdict(:b8, '2021-01-01'), 'met', 'large, it is not meant');
update abate.line set size = 1500 where line_code = 'd';
select is(pg_temp.shorts(pg_temp.found(:b8, '2021-01-01')), 'P2 d overdue', 'small, it is');

-- closed otherwise
select pg_temp.shut('P2', null, '2021-03-01 00:00+08') as c \gset
select results_eq(format($$select verdict, pg_temp.shorts(f), actual from pg_temp.found(%s, '2021-03-01') f$$, :b8),
    $$values ('met_late', 'P2 d met_late', 0::float8)$$, 'a plant that is closed has no line in use');
select is((pg_temp.found(:b8, '2021-03-01')).subjects -> 0 ->> 'reason', 'closed on 2021-03-01', 'since when');
select pg_temp.record('B-8', '2020-12-15', 'P2', 'd', evidence => 'dismantled') \g /dev/null
select is(pg_temp.verdict(:b8, '2021-03-01'), 'met', 'on record as dismantled in time');

-- other bounds
select is(pg_temp.shorts(pg_temp.found(pg_temp.commitment('B-9', 'capacity', '2020-01-01', subject => 'line', line_kind => 'clinker_line', line_size => 2500, line_relation => 'below'), '2020-06-01')),
    'P1 b overdue, P2 c overdue, P2 d overdue', 'smaller than a size: not one of just that size');
select is(pg_temp.shorts(pg_temp.found(pg_temp.commitment('B-6', 'capacity', '2020-01-01', subject => 'line', line_kind => 'kiln'), '2020-06-01')), 'P1 k overdue', 'no size: all of the kind');
select is(pg_temp.verdict(pg_temp.commitment('B-7', 'capacity', '2020-12-31', start_due => '2019-12-31', subject => 'line', line_kind => 'kiln'), '2020-01-01'), 'behind', 'it had to begin by yesterday');

select * from finish();
rollback;
