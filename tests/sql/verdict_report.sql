-- Every agency reports on each month by the 25th of that month.
begin;
select plan(17);
\ir plan_stage.psql

-- The plan is of 2019-06-17: the first report is that on June, by 2019-06-25.
select pg_temp.commitment('U-5', 'report', day_of_month => 25, subject => 'agency') as u5 \gset
select is(pg_temp.verdict(:u5, '2019-07-01'), 'unknown', 'nobody is named');
insert into abate.commitment_agency values (:u5, 'gx', 'responsible'), (:u5, 'zm', 'responsible');
select results_eq(format($$select * from abate.report_months(%s, '2019-09-25')$$, :u5),
    $$values ('2019-06-01'::date, '2019-06-25'::date), ('2019-07-01', '2019-07-25'), ('2019-08-01', '2019-08-25')$$, 'the months due so far: not the one whose last day is today');
select is(pg_temp.verdict(:u5, '2019-06-25'), 'on_track', 'on the 25th nothing is late yet');
select is(pg_temp.verdict(:u5, '2019-06-26'), 'overdue', 'on the 26th it is');
select pg_temp.record('U-5', '2019-06-25', agency => 'gx', period_from => '2019-06-01') \g /dev/null
select results_eq(format($$select verdict, actual, reason, pg_temp.shorts(f), subjects -> 0 ->> 'reason', subjects -> 0 ->> 'since' from pg_temp.found(%s, '2019-06-26') f$$, :u5),
    $$values ('overdue', 0.5::float8, '1 of 2 have reported on every month; overdue: zm', 'zm overdue', 'no report on 2019-06', '2019-06-26')$$, 'one has, one has not');
select pg_temp.record('U-5', '2019-06-27', agency => 'zm', period_from => '2019-06-01') \g /dev/null
select is(pg_temp.verdict(:u5, '2019-06-26') || ' ' || pg_temp.verdict(:u5, '2019-06-27'), 'overdue met_late', 'two days late');
select is((pg_temp.found(:u5, '2019-06-27')).subjects -> 0 ->> 'reason', 'the last report came late, on 2019-06-27', 'says the reason');
select pg_temp.record('U-5', '2019-07-24', agency => 'zm', period_from => '2019-07-01') \g /dev/null
select pg_temp.record('U-5', '2019-07-24', agency => 'gx', period_from => '2019-07-01') \g /dev/null
select is(pg_temp.verdict(:u5, '2019-07-26'), 'met', 'the next month both are in time');
select is((pg_temp.found(:u5, '2019-07-26')).actual, 1::float8, 'all of them');
select pg_temp.record('U-5', null, agency => 'gx', period_from => '2019-07-01', evidence => 'it was the one on June, sent again') \g /dev/null
select is(pg_temp.verdict(:u5, '2019-07-26'), 'overdue', 'a late correction: one was none');

-- a year
select pg_temp.record('U-5', m::date + 19, agency => a, period_from => m::date)
  from generate_series(timestamp '2019-07-01', '2020-05-01', '1 month') m, unnest('{gx,zm}'::text[]) a \g /dev/null
select results_eq(format($$select m::date, pg_temp.verdict(%s, m::date) from generate_series(timestamp '2019-07-26', '2020-06-26', '1 month') m$$, :u5),
    $$select m::date, case when m < '2020-06-01' then 'met' else 'overdue' end from generate_series(timestamp '2019-07-26', '2020-06-26', '1 month') m$$, 'a year of months, the last one without reports');
select is((pg_temp.found(:u5, '2020-08-01')).subjects -> 1 ->> 'reason', 'no report on 2020-07, 2020-06', 'the newest of what is missing first');
select is((pg_temp.found(:u5, '2020-08-01')).subjects -> 1 ->> 'since', '2020-06-26', 'and since when');

-- other days
select pg_temp.commitment('U-6', 'report', '2019-09-30', start_due => '2019-08-10', day_of_month => 5, subject => 'agency') as u6 \gset
select pg_temp.commitment('U-7', 'report', start_due => '2020-01-01', subject => 'agency') as u7 \gset
select results_eq(format($$select due from abate.report_months(%s, '2020-01-01')$$, :u6), $$values ('2019-09-05'::date)$$, 'not before it begins, nor after its deadline');
select results_eq(format($$select due from abate.report_months(%s, '2020-03-31')$$, :u7), $$values ('2020-01-31'::date), ('2020-02-29')$$, 'no day named: the last of the month');
select pg_temp.commitment('U-8', 'report', day_of_month => 31, start_due => '2020-02-01', subject => 'agency') as u8 \gset
select results_eq(format($$select due from abate.report_months(%s, '2020-03-01')$$, :u8), $$values ('2020-02-29'::date)$$, 'nor is there a 31st in each');
insert into abate.commitment_agency values (:u8, 'gx', 'responsible');
insert into abate.commitment_subject (commitment_id, agency_code) values (:u8, 'st');
select is(pg_temp.shorts(pg_temp.found(:u8, '2020-03-01')), 'st overdue', 'a named agency, and it alone');

select * from finish();
rollback;
