set local role abate_owner;
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
select 'x_own', p, 1, 35, 'mg/m3', 's', 's', 'x' from unnest(array['minute', 'hour', 'day']) p;
insert into abate.emission_limit (parameter_code, period, sector_code, lower, upper, hold, unit, standard, clause, source)
values ('x_own', 'minute', 'D4411', 1, 50, '5 min', 'mg/m3', 's', '4.1', 's');
