set local role abate_owner;
insert into abate.parameter_alias values ('own', 'x_own', 'the bureau');
insert into abate.series (feed_id, parameter_code, unit, sent_unit, slot) values (1, 'a21002', 'mg/m3', 'ppm', 4);
