-- A plan's folder: checked whole, loaded once, loaded again, changed.
begin;
select plan(1);
\ir plan_folder.psql
select * from pg_temp.check_it();
select * from pg_temp.take_it();
select * from pg_temp.take_it();
select * from finish();
rollback;
