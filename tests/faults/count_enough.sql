-- Which of the acknowledged are there (count.sql) is a dear question: first whether there are as many. Waits for that, and asks
-- nothing more if it does not come within two seconds: another start of psql is dearer than twenty more looks.
set lock_timeout = '5s';
do $$
declare
    wanted bigint := (select coalesce(sum(upper(r) - lower(r)), 0)
                        from (select unnest(range_agg(int8range(a, b, '[]'))) r from acked) u);
begin
    perform set_config('bed.is_enough', 'f', false);
    for i in 1 .. 20 loop
        if (select count(*) from abate.sample) + (select count(*) from abate.rejected_message) >= wanted then
            perform set_config('bed.is_enough', 't', false);
            exit;
        end if;
        perform pg_sleep(0.1);
    end loop;
end $$;
select current_setting('bed.is_enough') as is_enough \gset
\if :is_enough
\ir count.sql
\endif
