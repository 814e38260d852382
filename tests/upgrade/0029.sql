set local role abate_owner;
update abate.revision set accepted_journal_id = 1, accepted_position = 3000 where position = 501;
