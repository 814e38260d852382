set local role abate_owner;
insert into abate.region (region_code, name_zh) values ('410100', '郑州市'), ('410185', '登封市');
insert into abate.sector values ('D4411', '火力发电', 'thermal power');
insert into abate.plant (plant_code, region_code, sector_code) values ('P1', '410100', 'D4411'), ('P2', '410185', null);
insert into abate.monitor (monitor_code, plant_id, medium) values ('S1', 1, 'air'), ('M1', 2, 'energy');
insert into abate.parameter (parameter_code, name_zh, unit) values ('x_own', '自定', 'mg/m3');
insert into abate.mark values ('Q', '自定', 'of our own', false);
insert into abate.feed (monitor_id, period) values (1, 'minute'), (1, 'hour'), (1, 'day'), (2, 'minute');
insert into abate.series (feed_id, parameter_code, unit, slot) select f, 'x_own', 'mg/m3', 1 from generate_series(1, 3) f;
-- stored in a unit that is not its parameter's: it stays
insert into abate.series (feed_id, parameter_code, statistic, unit, slot) values (1, 'x_own', 'Max', 'ug/m3', 2);
