-- What was copied to incoming_statement.
select taken, refused, same, outdone from abate.take_statements();
