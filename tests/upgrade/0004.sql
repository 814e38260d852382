set local role abate_owner;
insert into abate.journal_position (instance, uuid, position, retired) values
    ('north', 'b3a1c3d2-0000-4000-8000-000000000001', 9000, null),
    ('north', 'b3a1c3d2-0000-4000-8000-000000000002', 100, '2021-01-01 00:00Z');
