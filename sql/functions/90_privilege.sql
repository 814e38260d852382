-- Who may do what, said in one place: abate_reader looks; abate_writer looks, adds samples, and calls.
-- What a function may do for the writer stands beside the function.

set local role abate_owner;

revoke execute on all functions in schema abate from public;
grant select on all tables in schema abate to abate_reader, abate_writer;
grant insert on abate.sample to abate_writer;
