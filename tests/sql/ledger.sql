-- Work orders, what is open, and a plant's card.
begin;
select plan(17);
\ir plant.psql

insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, clause, source, confirmed_by) values ('a21026', 'hour', 'power', 35, 'mg/m3', 'DB41/1424-2017', 'table 1', 'a page', 'somebody');
create function pg_temp.breach(opened timestamptz, closed timestamptz, worst float8, severity text, withdrawn timestamptz default null) returns bigint language sql begin atomic
    insert into abate.breach (rule, limit_id, series_id, plant_id, monitor_id, opened, closed, bound, worst, worst_at, last_at, count, severity, count_30_days, withdrawn, withdrawn_why)
    select 'hour', limit_id, pg_temp.series('S1', 'minute', 'a21026'), m.plant_id, m.monitor_id, opened, closed, 35, worst, opened, opened, 1, severity, 2, withdrawn, case when withdrawn is not null then 'a correction' end
      from abate.emission_limit, abate.monitor m where monitor_code = 'S1' returning breach_id; end;
select pg_temp.breach('2020-11-02 08:00+08', '2020-11-02 09:00+08', 47.6, 'hour') as closed \gset
select pg_temp.breach('2020-11-03 08:00+08', '2020-11-03 09:00+08', 100, 'hour', '2020-11-04') as gone \gset
select pg_temp.breach('2020-11-05 08:00+08', null, 40, 'repeated') as lasts \gset
insert into abate.breach (rule, plant_id, monitor_id, opened, last_at, count, severity, reason) select 'silence', plant_id, monitor_id, '2020-11-01 08:00+08', '2020-11-01 10:00+08', 1, 'warning', 'no message'
  from abate.monitor where monitor_code = 'S2';
insert into abate.agency values ('hb', '环保局', 'environment');
insert into abate.plan (plan_code, region_code) values ('p', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('p', 3, '2020-01-01', 's', 'd');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft) select plan_version_id, 1, 'R-1', '1', 'q', 'monthly report', 'report', 'reported', false from abate.plan_version;
insert into abate.breach (rule, agency_code, commitment_id, opened, last_at, count, severity, reason) select 'commitment', 'hb', commitment_id, '2020-10-26 00:00+08', '2020-10-26 00:00+08', 1, 'notice', 'no report for September' from abate.commitment_version;

-- the ledger
select results_eq(format('select plant, point, factor, period, value, "limit", unit, multiple, severity_zh, count_30_days, standard, clause, stage from abate.breach_ledger where number = %s', :closed),
    $$values ('一厂', 'S1', '二氧化硫', 'hour', 47.6::float8, 35::float8, 'mg/m3', 0.36, '小时超标', 2, 'DB41/1424-2017', 'table 1', 'new')$$, 'an order: 47.6 where 35 is allowed is exceeded 0.36 times');
select is(count(*), 5::bigint, 'every breach is an order, also one without limit, series or plant') from abate.breach_ledger;
select results_eq($$select rule, plant, point, value, finding from abate.breach_ledger where rule = 'silence'$$, $$values ('silence', '一厂', 'S2', null::float8, 'no message')$$, 'one of a monitor');
select results_eq($$select plan_code, plan_version, commitment_code, agency_code, plant, finding from abate.breach_ledger where rule = 'commitment'$$, $$values ('p', 3, 'R-1', 'hb', null::text, 'no report for September')$$,
    'one of an agency, with the version of the plan that judged it');
select results_eq(format('select stage, withdrawn_why from abate.breach_ledger where number = %s', :gone), $$values ('withdrawn', 'a correction')$$, 'one withdrawn is in it');
create function pg_temp.stage(number bigint) returns text language sql begin atomic select l.stage from abate.breach_ledger l where l.number = stage.number; end;
insert into abate.handling (breach_id, sent_to) values (:closed, 'district office');
select is(pg_temp.stage(:closed), 'sent', 'it is sent');
insert into abate.handling (breach_id, read_at) values (:closed, '2020-11-02 10:00+08');
select is(pg_temp.stage(:closed), 'read', 'read');
insert into abate.handling (breach_id, cause, explanation, evidence) values (:closed, 'instrument', 'the analyser drifted', 'photo 1');
insert into abate.handling (breach_id, cause, explanation) values (:closed, 'treatment', 'the pump stood still');
select is(pg_temp.stage(:closed), 'answered', 'answered');
insert into abate.handling (breach_id, verified_by) values (:closed, 'the county');
select is(pg_temp.stage(:closed), 'verified', 'verified');
insert into abate.handling (breach_id, closed_at) values (:closed, '2020-11-09 10:00+08');
select results_eq(format('select stage, sent_to, read_at, reason, handled, evidence, verified_by, archived, steps from abate.breach_ledger where number = %s', :closed),
    $$values ('archived', 'district office', '2020-11-02 10:00+08'::timestamptz, 'treatment', 'the pump stood still', 'photo 1', 'the county', '2020-11-09 10:00+08'::timestamptz, 6::bigint)$$,
    'and archived: the latest word on each');

-- what is open
select results_eq('select severity, rule from abate.breach_open', $$values ('repeated', 'hour'), ('warning', 'silence'), ('notice', 'commitment')$$, 'the gravest first; nothing closed, nothing withdrawn');

-- the card
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-06 00:00+08', 0, '{1}', null), (pg_temp.feed('S2', 'minute'), 1, '2020-11-01 09:00+08', 0, '{1}', null);
update abate.monitor set must_report_from = '2020-01-01' where monitor_code = 'S1';
select results_eq($$select plant_code, region_en, sector_en, monitors, must_report, last_message, open_breaches, worst_open, breaches_30_days, worst_30_days, closed_since, lines_retired from abate.plant_card where plant_code = 'P1'$$,
    $$values ('P1', 'Zhengzhou', 'power', 2::bigint, 1::bigint, '2020-11-06 00:00+08'::timestamptz, 2::bigint, 'repeated', 3::bigint, 'repeated', null::timestamptz, 0::bigint)$$, 'a plant: what it is, and how it stands');
select results_eq($$select monitors, last_message, open_breaches, worst_open, breaches_30_days from abate.plant_card where plant_code = 'P2'$$, $$values (1::bigint, null::timestamptz, 0::bigint, null::text, 0::bigint)$$, 'one that never sent');
select is(count(*), 2::bigint, 'each plant once') from abate.plant_card;
select abate.ensure_partition(2020 * 12 + 11) \g /dev/null
insert into abate.sample values (pg_temp.feed('S1', 'minute'), 1, '2020-11-30 00:00+08', 0, '{1}', null), (pg_temp.feed('S1', 'minute'), 1, '2020-12-04 08:00+08', 0, '{1}', null) on conflict do nothing;
select abate.close_down('P2', null, '2020-12-01 00:00+08', 'a notice', null, null) \g /dev/null
select is(closed_since, '2020-12-01 00:00+08', 'one that is closed') from abate.plant_card where plant_code = 'P2';
select is(breaches_30_days, 1::bigint, 'a month later: only what began in the thirty days before') from abate.plant_card where plant_code = 'P1';
select lives_ok($$select pg_temp.as_reader('select * from abate.breach_open; select * from abate.breach_ledger; select * from abate.plant_card; select * from abate.limit_monitor; select * from abate.closure_limit')$$, 'the reader may ask them all');

select * from finish();
rollback;
