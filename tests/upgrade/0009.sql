set local role abate_owner;
insert into abate.agency (agency_code, name_zh, region_code, aliases) values ('hbj', '生态环境局', '410100', '{环保局}'), ('gx', '工信局', null, '{}');
update abate.region set parent_code = '410100', level = 'county' where region_code = '410185';
insert into abate.sector_group values ('twelve', '十二行业', null);
insert into abate.sector_group_member values ('twelve', 'D4411');
insert into abate.park values ('park1', '园区', null, '410185', 'city');
update abate.plant set park_code = 'park1', disposition = 'close', finish_due = '2020-12-31' where plant_code = 'P2';
insert into abate.line_kind values ('mill', '水泥磨', null, 'm');
insert into abate.line (plant_id, line_code, line_kind, size, retired_on) values (1, 'L1', 'mill', 3.2, null), (2, 'L2', 'mill', 2.8, '2020-06-01');
update abate.monitor set line_id = 1, reference_oxygen = 6, must_report_from = '2021-03-01' where monitor_code = 'S1';
insert into abate.stoppage (plant_id, monitor_id, kind, begins, ends, source) values
    (1, null, 'stopped', '2021-02-01', '2021-02-05', 'letter 1'), (null, 1, 'fault', '2021-02-10', 'infinity', 'telephone');
insert into abate.change (table_name, operation, row_key, old, new) values ('plant', 'update', '2', '{"disposition": null}', '{"disposition": "close"}');
