-- Something is done by a date.
begin;
select plan(24);
\ir plan_stage.psql

-- as a whole: to begin by 2019-06-30, to be done by 2020-12-31
select pg_temp.commitment('M-1', 'milestone', '2020-12-31', start_due => '2019-06-30') as m1 \gset
select pg_temp.commitment('M-2', 'milestone') as m2 \gset
select is(pg_temp.verdict(:m1, '2019-06-30'), 'on_track', 'nothing is done, and it need not have begun');
select is(pg_temp.verdict(:m1, '2019-07-01'), 'behind', 'it had to begin by yesterday');
select is((pg_temp.found(:m1, '2019-07-01')).reason, 'had to begin by 2019-06-30, and nothing says that it has', 'which the reason says');
select is(pg_temp.verdict(:m1, '2020-12-31'), 'behind', 'the last day is not over');
select is(pg_temp.verdict(:m1, '2021-01-01'), 'overdue', 'but the next day it is breached');
select is((pg_temp.found(:m1, '2021-01-01')).reason, 'no record that it was done by 2020-12-31', 'because');
select is(pg_temp.verdict(:m2, '2021-01-01'), 'unknown', 'without a date and a record nothing is known');

-- a later row takes the place of an earlier one, and the past is judged anew
select pg_temp.record('M-1', started => '2019-06-20') \g /dev/null
select is(pg_temp.verdict(:m1, '2019-07-01'), 'on_track', 'it did begin in time, as is recorded late');
select is((pg_temp.found(:m1, '2019-07-01')).reason, 'begun on 2019-06-20, due by 2020-12-31', 'on a day');
select pg_temp.record('M-1', '2021-02-01', started => '2019-06-20') \g /dev/null
select is(pg_temp.verdict(:m1, '2021-01-31'), 'overdue', 'until the day it is done');
select is(pg_temp.verdict(:m1, '2021-02-01'), 'met_late', 'late');
select is((pg_temp.found(:m1, '2021-02-01')).evidence ->> 'done', '2021-02-01', 'with the day');
select pg_temp.record('M-1', '2020-12-31', started => '2019-06-20', evidence => 'the protocol of the acceptance') \g /dev/null
select is(pg_temp.verdict(:m1, '2021-02-01'), 'met', 'a correction: it was done on the last day');
select is(pg_temp.verdict(:m1, '2020-12-30'), 'on_track', 'not before');
select pg_temp.record('M-1', '2020-12-31', is_kept => false, evidence => 'the protocol is false') \g /dev/null
select is(pg_temp.verdict(:m1, '2021-02-01'), 'overdue', 'what a person says is not kept is not done');

-- reported by the agency that leads it, with no subject meant
insert into abate.commitment_agency values (:m2, 'gx', 'lead'), (:m2, 'st', 'cooperating');
select pg_temp.record('M-2', '2019-08-01', agency => 'st') \g /dev/null
select is(pg_temp.verdict(:m2, '2021-01-01'), 'unknown', 'what one that cooperates reports of itself is not the whole');
select pg_temp.record('M-2', '2019-09-01', agency => 'gx') \g /dev/null
select is(pg_temp.verdict(:m2, '2021-01-01'), 'met', 'what the lead reports is, and without a date it is in time');

-- a date of its own
select pg_temp.commitment('M-3', 'milestone', '2020-12-31') as m3 \gset
select pg_temp.record('M-3', due => '2021-06-30') \g /dev/null
select is(pg_temp.verdict(:m3, '2021-06-30'), 'on_track', 'a date that was set for it goes before that of the text');
select is(pg_temp.verdict(:m3, '2021-07-01'), 'overdue', 'and passes');

-- named plants
insert into abate.plant (plant_code, region_code) values ('P1', '410122'), ('P2', '410102');
select pg_temp.commitment('M-4', 'milestone', '2020-12-31') as m4 \gset
insert into abate.commitment_subject (commitment_id, plant_id, due) select :m4, plant_id, case plant_code when 'P2' then date '2021-12-31' end from abate.plant;
select pg_temp.record('M-4', '2020-10-01', plant => 'P1') \g /dev/null
select results_eq(format($$select d, (pg_temp.found(%s, d)).verdict, (pg_temp.found(%1$s, d)).reason, (pg_temp.found(%1$s, d)).actual, pg_temp.shorts(pg_temp.found(%1$s, d)) from unnest('{2020-12-31,2022-01-01}'::date[]) d$$, :m4),
    $$values ('2020-12-31'::date, 'on_track', '1 of 2 done', 0.5::float8, null), ('2022-01-01', 'overdue', '1 of 2 done; overdue: P2', 0.5, 'P2 overdue')$$,
    'each named plant has to do it, by its own day');
select is((pg_temp.found(:m4, '2022-01-01')).subjects -> 0 ->> 'due', '2021-12-31', 'which the subject has');
select pg_temp.record('M-4', '2022-02-01', plant => 'P2') \g /dev/null
select is(pg_temp.verdict(:m4, '2022-02-01'), 'met_late', 'one late makes the whole late');
select is(pg_temp.shorts(pg_temp.found(:m4, '2022-02-01')), 'P2 met_late', 'and is named');
select pg_temp.record('M-4', '2021-12-01') \g /dev/null
select is(pg_temp.verdict(:m4, '2022-01-01'), 'met_late', 'what is on record of the whole counts for each');

select * from finish();
rollback;
