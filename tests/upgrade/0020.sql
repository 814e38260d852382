set local role abate_owner;
insert into abate.contact (name, mail, phone, plant_id, agency_code, hears_region) values
    ('Wang', 'wang@example.org', '+8613800000000', 1, null, null), ('Li', 'li@example.org', null, null, 'hbj', true);
insert into abate.channel (channel_name, medium, fallback, source) values ('chat', 'robot', 'mail', 'the bureau');
insert into abate.alert_policy (severity, rule, remind_every, source) values ('day', 'silence', '1 hour', 'the bureau');
insert into abate.worse_step values (4, 'the bureau');
insert into abate.route (ordinal, name, kinds, weekdays, from_time, to_time, hears, contact_id, channel_name, source)
values (5, 'Li at night', '{opened}', '{6,7}', '20:00', '06:00', 'contact', 2, 'chat', 'the bureau');
insert into abate.silence (begins, ends, plant_id, author, reason, told_over) values
    ('2021-02-01', '2021-02-02', 1, 'Li', 'works', '2021-02-02'), ('2021-03-01', '2031-03-02', 2, 'Li', 'works', null);
insert into abate.trouble (instance, trouble, reason, begun, ended) values
    ('north', 'database', 'gone', '2021-02-01', '2021-02-02'), ('north', 'broker local', 'gone', '2021-03-01', null);
insert into abate.inhibition (by_rule, rules, scope, source) values ('hour', '{early}', 'monitor', 'the bureau');
insert into abate.alert (year, kind, severity, rule, breach_id, plant_id, monitor_id, at, value, bound, multiple, prepared, outcome)
select 2021, 'opened', 'warning', 'early', b, 1, 1, '2021-03-02 00:00+08', 40, 35, 0.14, '2021-03-02 00:00+08', 'delivered' from unnest(array[1, 2]) b;
insert into abate.alert (year, kind, severity, trouble_id, at) values (2021, 'trouble', 'warning', 2, '2021-03-01');
insert into abate.acknowledgement (alert_id, breach_id, who, note, at) values (1, 1, 'Li', 'on it', '2021-03-02 01:00+08');
insert into abate.pursuit (breach_id, remind_at) values (2, '2021-03-03 00:00+08');
