-- What the daemon asks in each transaction is planned once a session, perhaps when a month or a table is empty and
-- PostgreSQL takes it to be so. When it has grown the plan is still that one: it must not read the table from end to end.
begin;
select plan(7);
\ir plant.psql
insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values ('a21026', 'minute', 'power', 35, 'mg/m3', 'upper', 'a page');
select pg_temp.series('S1', 'minute', 'a21026') as s1 \gset

create function pg_temp.read_through(name text) returns bigint language sql
return (select sum(seq_tup_read) from pg_stat_xact_all_tables where relname like name and schemaname = 'abate');

-- Batches as they come in a minute: few rows, then many.
create procedure pg_temp.late(first int, rows int) language plpgsql as $$
begin
    truncate pg_temp.incoming_sample;
    insert into pg_temp.incoming_sample (feed_id, journal_id, at, position, value)
    select n % 20, 1, timestamptz '2020-11-01 00:00Z' + n / 20 * interval '1 minute', n, '{1,2}' from generate_series(first, first + rows - 1) n;
    perform abate.merge_samples();
end $$;
create procedure pg_temp.refused(first int, rows int) language plpgsql as $$
begin
    truncate pg_temp.incoming_reject;
    insert into pg_temp.incoming_reject
    select 1, n, timestamptz '2020-11-02 00:00Z' + n * interval '1 second', 'north', 'a/b', convert_to(n::text, 'UTF8'), 'not JSON', 1, 0, 'P' || n % 20
      from generate_series(first, first + rows - 1) n;
    perform abate.take_rejects();
end $$;
create procedure pg_temp.past(first int, rows int, series int) language plpgsql as $$
begin
    truncate pg_temp.incoming_episode, pg_temp.incoming_watch;
    insert into pg_temp.incoming_episode
    select (select limit_id from abate.emission_limit), series, t.at, t.at + interval '30 seconds', 99, t.at, t.at, 1, 1, n, n, n
      from generate_series(first, first + rows - 1) n
     cross join lateral (select timestamptz '2020-11-02 00:00Z' + n * interval '1 minute') t (at);
    perform abate.take_episodes();
end $$;

analyze abate.sample, abate.rejected_message, abate.reject_count, abate.breach, abate.revision;

call pg_temp.late(0, 1);
call pg_temp.late(1, 3999);
select pg_temp.read_through('sample\_2%') as before \gset
call pg_temp.late(2000, 3000);
select is(pg_temp.read_through('sample\_2%') - :before, 0::bigint, 'late samples: no sample is read that none of them is held against');
select is((select count(*) from abate.sample), 5000::bigint, 'and they are stored');
select isnt_empty('select from abate.sample where at >= ''2020-11-01 04:00Z''', 'those behind, too');

do $$ begin for n in 0 .. 9 loop call pg_temp.refused(n, 1); end loop; end $$;
call pg_temp.refused(10, 990);
select pg_temp.read_through('reject%') as before \gset
call pg_temp.refused(900, 200);
select is(pg_temp.read_through('reject%') - :before, 0::bigint, 'rejected messages: none is read but those that came before');
select is((select count(*) from abate.rejected_message), 1100::bigint, 'and they are stored');

do $$ begin for n in 0 .. 9 loop call pg_temp.past(n, 1, pg_temp.series('S1', 'minute', 'a21026')); end loop; end $$;
call pg_temp.past(10, 990, :s1);
select pg_temp.read_through('breach') as before \gset
call pg_temp.past(1000, 200, :s1);
select is(pg_temp.read_through('breach') - :before, 0::bigint, 'episodes: no breach is read of another time');
select is((select count(*) from abate.breach), 1200::bigint, 'and they are breaches');

select * from finish();
rollback;
