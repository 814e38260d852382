-- What take_statements() refused, in a session that reads one message at a time.
select reason, faults from pg_temp.incoming_reject order by position limit 1;
