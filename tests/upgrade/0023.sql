set local role abate_owner;
insert into abate.monitor_way values (1, 1, 'local', '2021-03-02 00:00+08');
update abate.stoppage_silence set rules = '{silence}', source = 'the bureau' where kind = 'fault';
insert into abate.trouble (instance, trouble, reason, begun, told) values ('north', 'channel sms', 'refused', '2021-03-02', '{mail duty@example.org}');
insert into abate.alert (year, kind, severity, stoppage_id, plant_id, at) values (2021, 'stoppage_over', 'notice', 1, 1, '2021-02-05');
insert into abate.reason_phrase (ordinal, pattern, said) values (9990, 'of our own', '自定');
-- of then: another set of arguments
create function abate.begin_trouble(text, text, text, timestamptz, text[], boolean) returns int language sql return 0;
create function abate.end_trouble(text, text, timestamptz, text[]) returns int language sql return 0;
