set local role abate_owner;
insert into abate.closure (plant_id, since, plan_code, commitment_code, source) values (2, '2021-03-01 00:00+08', 'city-2019', 'D-1', 'order 1');
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source, kind, closure_id, plan_code, commitment_code)
values ('x_energy', 'minute', 2, 0, 'kWh', 'closed', 'order 1', 'activity', 1, 'city-2019', 'D-1');
insert into abate.exceedance (limit_id, monitor_id, at, series_id, value, bound, evidence) values (2, 1, '2021-03-01 00:00+08', 2, 40, 35, '{"valid": 60}');
insert into abate.breach (limit_id, series_id, rule, severity, plant_id, monitor_id, opened, last_at, count, bound, worst, worst_at, count_30_days)
values (2, 2, 'hour', 'hour', 1, 1, '2021-03-01 00:00+08', '2021-03-01 00:00+08', 1, 35, 40, '2021-03-01 00:00+08', 1);
insert into abate.breach (rule, severity, plant_id, opened, last_at, count, commitment_id, reason)
values ('commitment', 'warning', 2, '2021-01-01 00:00+08', '2021-01-01 00:00+08', 1, 2, 'not closed');
insert into abate.handling (breach_id, cause, explanation) values (1, 'works', 'start-up');
