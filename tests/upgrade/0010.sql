set local role abate_owner;
insert into abate.threshold (threshold_code, medium, value, unit, meaning, source, confirmed_by, valid_from)
values ('hour_valid_minutes', 'air', 40, 'min', 'valid minutes an hour needs', 'the bureau', 'x', '2021-01-01');
insert into abate.substitution (medium, capture_from, capture_to, hours_from, source) values ('water', 0, 0.5, 9, 'the bureau');
insert into abate.unit_conversion values ('10^4 kg', 'kg', 1e4, 'the bureau');
insert into abate.energy_factor (carrier_code, name_zh, name_en, unit, basis, kgce, source, valid_from)
values ('electricity', '电力', 'electricity', 'kWh', 'equal_value', 0.3, 'the bureau', '2020-01-01');
insert into abate.energy_basis values ('electricity', 'equal_value', 'the bureau', '2020-01-01');
insert into abate.meter (series_id, measures, reads, carrier_code) select series_id, 'energy', 'interval', 'electricity' from abate.series where parameter_code = 'x_energy';
insert into abate.activity_sign values ('x_own', 'mg/m3', 1, false, 'the bureau', 'x');
