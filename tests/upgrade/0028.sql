set local role abate_owner;
insert into abate.reject_retry (reject_id, journal_id, position, outcome, stored, duplicate, differs) values (1, 1, 2001, 'stored', 1, 0, 0);
