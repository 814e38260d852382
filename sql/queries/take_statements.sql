-- What was copied to incoming_statement.
select taken, refused, same from abate.take_statements();
