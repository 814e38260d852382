set local role abate_owner;
insert into abate.series (feed_id, parameter_code, unit, slot) values (1, 'a21026', 'mg/m3', 3), (4, 'x_energy', 'kWh', 1), (4, 'i33201', 'MWh', 2);
insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source)
values ('a21026', 'minute', 1, 100, 'mg/m3', 's', 's');
insert into abate.parameter (parameter_code, name_zh, unit) values ('a24049', '三氯乙烯', 'ug/m3');
insert into abate.sample (feed_id, journal_id, at, position, value)
select 4, 1, '2021-03-02 00:00+08'::timestamptz + n * interval '1 minute', 3000 + n, array[2.5, 100 + n] from generate_series(0, 179) n;
