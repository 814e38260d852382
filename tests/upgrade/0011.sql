set local role abate_owner;
insert into abate.plan (plan_code, region_code) values ('city-2019', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('city-2019', 1, '2019-05-01', 's', 'a'), ('city-2019', 2, '2019-06-01', 's', 'b');
insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('energy_total', '能耗', 'energy', 'tce', 'sum'), ('output', '产值', 'output', 'yuan', 'sum');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft, deadline,
                                      indicator_code, per_indicator, relation, target, unit, baseline_year, subject, line_kind) values
    (2, 1, 'O-1', '1', 'q', 'intensity', 'intensity', 'partly', false, '2020-12-31', 'energy_total', 'output', 'falls_by', 0.2, '1', 2015, 'region', null),
    (2, 2, 'D-1', '2', 'q', 'closed', 'zero', 'direct', false, '2020-12-31', null, null, null, null, null, null, 'plant', null),
    (2, 3, 'F-1', '3', 'q', 'hired', 'milestone', 'reported', true, '2019-03-31', null, null, null, null, null, null, 'agency', null);
insert into abate.commitment_agency values (1, 'hbj', 'lead'), (1, 'gx', 'responsible');
insert into abate.commitment_subject values (2, 2, null, '2020-11-30'), (3, null, 'gx', null);
insert into abate.baseline (indicator_code, region_code, year, value, source) values ('energy_total', '410100', 2015, 100, 's'), ('output', '410100', 2015, 1000, 's');
insert into abate.indicator_value (indicator_code, region_code, agency_code, period_from, period_to, value, source, journal_id, position)
select i, '410100', 'gx', make_date(y, 1, 1), make_date(y + 1, 1, 1), v * (y - 2015), 's', 1, y
  from generate_series(2016, 2020) y, (values ('energy_total', 90), ('output', 1100)) x (i, v);
insert into abate.milestone (plan_code, commitment_code, agency_code, done, evidence, source) values ('city-2019', 'F-1', 'gx', '2019-05-20', 'e', 's');
insert into abate.verdict (commitment_id, on_day, verdict, actual, wanted, reason, subjects, evidence, at) values
    (1, '2020-12-31', 'missed', 0.1, 0.2, 'r', '[{"plant": "P1"}]', '{"a": 1}', '2021-01-01 00:00Z');
-- of then: these go by other names now
create function abate.check_plan() returns int language sql return 0;
create function abate.take_plan() returns int language sql return 0;
