-- Plants, lines or wells are closed by a day, and stay without activity.
begin;
select plan(28);
\ir plant.psql
\ir plan_stage.psql

-- P1 and P2 have to close by 2020-12-31.
select pg_temp.commitment('Z-1', 'zero', '2020-12-31', start_due => '2020-06-30', subject => 'plant', dispositions => '{close}') as z1 \gset
select is(pg_temp.verdict(:z1, '2020-01-01'), 'unknown', 'the register has none that has to be closed');
select pg_temp.record('Z-1', '2020-02-01', evidence => 'a survey found none') \g /dev/null
select is(pg_temp.verdict(:z1, '2020-01-31') || ' ' || pg_temp.verdict(:z1, '2020-02-01'), 'unknown met', 'unless it is on record that there is none');
update abate.plant set disposition = 'close';
select is(pg_temp.verdict(:z1, '2020-06-30'), 'on_track', 'two plants that need not have begun: what was recorded of the whole counts no more');
select is(pg_temp.verdict(:z1, '2020-07-01'), 'behind', 'they had to begin');
select is(pg_temp.verdict(:z1, '2020-12-31') || ' ' || pg_temp.verdict(:z1, '2021-01-01'), 'behind overdue', 'the last day passes');
select results_eq(format($$select actual, wanted, reason, pg_temp.shorts(f), subjects -> 0 ->> 'reason' from pg_temp.found(%s, '2021-01-01') f$$, :z1),
    $$values (0::float8, 1::float8, '0 of 2 closed; overdue: P1, P2', 'P1 overdue, P2 overdue', 'no record that it was closed by 2020-12-31')$$, 'who is not closed');

-- P1 in the last second of the last day, P2 one second later
select pg_temp.shut('P1', null, '2020-12-31 23:59:59+08') as c1 \gset
select pg_temp.shut('P2', null, '2021-01-01 00:00:00+08') as c2 \gset
select results_eq(format($$select verdict, reason, pg_temp.shorts(f), subjects -> 0 ->> 'done' from pg_temp.found(%s, '2021-01-01') f$$, :z1),
    $$values ('met_late', '2 of 2 closed; late: P2', 'P2 met_late', '2021-01-01')$$, 'one in time, one late');
select is(pg_temp.verdict(:z1, '2020-12-31'), 'behind', 'which does not change the day before');
update abate.closure set since = '2020-12-31 12:00+08' where closure_id = :c2;
select is(pg_temp.verdict(:z1, '2021-01-01'), 'met', 'a correction: both in time');

-- at work again
select pg_temp.seen_at_work(:c1, 'S1', '2021-05-03 10:00+08') \g /dev/null
select is(pg_temp.verdict(:z1, '2021-05-02') || ' ' || pg_temp.verdict(:z1, '2021-05-03'), 'met overdue', 'one is at work again: a breach at once');
select results_eq(format($$select reason, subjects from pg_temp.found(%s, '2021-05-03')$$, :z1),
    $$values ('1 of 2 closed; overdue: P1', '[{"plant": "P1", "verdict": "overdue", "due": "2020-12-31", "done": "2020-12-31", "since": "2021-05-03", "reason": "closed on 2020-12-31, and at work since 2021-05-03"}]'::jsonb)$$, 'which names it');
update abate.breach set closed = '2021-05-05 09:00+08' where rule = 'activity';
select is(pg_temp.verdict(:z1, '2021-05-05') || ' ' || pg_temp.verdict(:z1, '2021-05-06'), 'overdue met_late', 'it ends: kept again, but late');
select is((pg_temp.found(:z1, '2021-05-06')).subjects -> 0 ->> 'reason', 'closed on 2020-12-31, at work until 2021-05-05', 'says why');
update abate.breach set withdrawn = now() where rule = 'activity';
select is(pg_temp.verdict(:z1, '2021-05-03') || ' ' || pg_temp.verdict(:z1, '2021-05-06'), 'met met', 'a late correction: it never was, the meter had been tested');
select pg_temp.seen_at_work(:c1, 'S1', '2020-12-31 23:59:59.5+08', '2020-12-31 23:59:59.9+08') \g /dev/null
select is(pg_temp.verdict(:z1, '2021-01-01'), 'met', 'what was at work before the last day was over is no breach after it');

-- the closure is lifted
update abate.closure set ended = '2021-08-01 00:00+08' where closure_id = :c2;
select is(pg_temp.verdict(:z1, '2021-07-31') || ' ' || pg_temp.verdict(:z1, '2021-08-01'), 'met overdue', 'a plant that is opened again is not closed');
select pg_temp.record('Z-1', '2020-12-01', 'P2') \g /dev/null
select is(pg_temp.verdict(:z1, '2021-08-01'), 'met', 'but what is on record as done for this commitment counts as closed');

-- a day of its own
update abate.plant set finish_due = '2020-12-30' where plant_code = 'P1';
select is(pg_temp.shorts(pg_temp.found(:z1, '2021-08-01')), 'P1 met_late', 'a plant''s own day, a day earlier');

-- own wells in parks: no date named
insert into abate.line_kind (line_kind) values ('own_well');
insert into abate.park (park_code) values ('K');
insert into abate.plant (plant_code, region_code, park_code) values ('P3', '410102', 'K');
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'w', 'own_well' from abate.plant;
insert into abate.line (plant_id, line_code, line_kind, started_on) select plant_id, 'v', 'own_well', '2022-01-01' from abate.plant where plant_code = 'P3';
select pg_temp.commitment('Z-2', 'zero', subject => 'line', is_in_park => true, line_kind => 'own_well') as z2 \gset
select results_eq(format($$select verdict, reason, pg_temp.shorts(f) from pg_temp.found(%s, '2021-01-01') f$$, :z2),
    $$values ('behind', 'P3 w: not closed, and no date is named', 'P3 w behind')$$, 'a well without a date falls short, but breaches none; one not yet there, and one outside parks, are not meant');
select pg_temp.record('Z-2', null, 'P3', 'w', due => '2021-03-31') \g /dev/null
select is(pg_temp.verdict(:z2, '2021-03-31') || ' ' || pg_temp.verdict(:z2, '2021-04-01'), 'on_track overdue', 'a day that was set for it');
select pg_temp.shut('P3', 'w', '2021-03-15 08:00+08') as c3 \gset
select is(pg_temp.verdict(:z2, '2021-03-14') || ' ' || pg_temp.verdict(:z2, '2021-03-15'), 'on_track met', 'the well is closed');
select pg_temp.seen_at_work(:c3, 'W1', '2021-06-01 08:00+08') \g /dev/null
select is(pg_temp.verdict(:z2, '2021-06-01'), 'overdue', 'and runs');
select is((pg_temp.found(:z2, '2021-06-01')).subjects -> 0 ->> 'line', 'w', 'it is named');

-- standing since a day
select pg_temp.commitment('Z-3', 'zero', start_due => '2019-06-17', subject => 'line', is_in_park => true, line_kind => 'own_well') as z3 \gset
select is(pg_temp.verdict(:z3, '2019-06-16') || ' ' || pg_temp.verdict(:z3, '2019-06-17'), 'behind overdue', 'what stands from a day on is breached from that day on');
update abate.line set retired_on = '2022-02-01' where line_code = 'v';
select is(pg_temp.shorts(pg_temp.found(:z3, '2022-01-31')), 'P3 v overdue, P3 w overdue', 'a line that is retired');
select is(pg_temp.shorts(pg_temp.found(:z3, '2022-02-01')), 'P3 w overdue', 'is closed from that day');

-- named plants
select pg_temp.commitment('Z-4', 'zero', '2020-12-31', subject => 'plant', group_code => null) as z4 \gset
insert into abate.commitment_subject (commitment_id, plant_id) select :z4, plant_id from abate.plant where plant_code = 'P1';
select is(pg_temp.verdict(:z4, '2021-01-01'), 'met', 'a named plant, closed on another commitment''s account');
update abate.closure set ended = since where closure_id = :c1;
select is(pg_temp.verdict(:z4, '2021-01-01'), 'overdue', 'a late correction: its closure had been entered in error');

select * from finish();
rollback;
