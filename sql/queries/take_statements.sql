-- What was copied to incoming_statement.
select taken, refused from abate.take_statements();
