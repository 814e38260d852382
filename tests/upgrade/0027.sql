set local role abate_owner;
insert into abate.trouble (instance, trouble, reason, begun, remind_at, reminded, seen) values ('south', 'full', 'f', '2021-03-02', '2021-03-03', 2, '2021-03-02');
