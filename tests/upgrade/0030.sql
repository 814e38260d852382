set local role abate_owner;
insert into abate.reject_retry (reject_id, journal_id, position, outcome, stored, duplicate, differs, reason) values (1, 1, 2001, 'outdone', 0, 0, 0, 'a later statement is on record');
