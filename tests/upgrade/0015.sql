set local role abate_owner;
insert into abate.reject_count (day, journal_id, broker, sender, kind, messages, bytes, first_position, last_position)
values ('2021-03-03', 1, 'local', 'P1', 'not JSON', 12, 1200, 5000, 6000);
