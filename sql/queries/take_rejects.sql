-- What was copied to incoming_reject.
select abate.take_rejects() as count;
