-- Who may do what, said in one place: abate_reader looks; abate_writer looks, adds samples, and calls.
-- What a function may do for the writer stands beside the function. What changes nothing and has no rights of its own
-- whoever reads may call, with all that stands behind it: views and verdicts rest on it.

set local role abate_owner;

revoke execute on all functions in schema abate from public;
grant select on all tables in schema abate to abate_reader, abate_writer;
grant insert on abate.sample to abate_writer;

do $$
declare
    reading regprocedure;
begin
    for reading in
        select p.oid::regprocedure
          from pg_proc p
         where p.pronamespace = 'abate'::regnamespace and p.prokind = 'f' and p.provolatile in ('i', 's') and not p.prosecdef
    loop
        execute format('grant execute on function %s to abate_reader, abate_writer', reading);
    end loop;
end
$$;
