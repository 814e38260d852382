-- Months let go: what stands against it, by whom, and what is left.
select plan(31);
begin;
\ir plant.psql
select abate.ensure_partition(2019 * 12 + m) from generate_series(0, 2) m;
insert into abate.sample (feed_id, journal_id, at, position, value)
select 1, 1, '2019-01-31 22:00Z'::timestamptz + n * interval '1 hour', n, '{40}' from generate_series(0, 3) n;
create temporary table go as select '2019-02-01 00:00Z'::timestamptz as before;

select set_eq('select parent::text, month from abate.partition where parent = ''sample'' and month / 12 = 2019 order by 2',
    $$values ('sample', 24228), ('sample', 24229), ('sample', 24230)$$, 'months of sample are listed');
select is_empty('select * from abate.retention_obstacle(''2019-02-01 00:00Z'')', 'nothing stands against it');
select set_eq('select partition, rows, first, last from go, abate.retention_month(before, true)',
    $$values ('abate.sample_2019_01', 2::bigint, '2019-01-31 22:00Z'::timestamptz, '2019-01-31 23:00Z'::timestamptz)$$, 'what would go is counted, and only what is wholly before');
select throws_ok('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 1)', '40001', 'there are 2 rows now, not 1: something was stored meanwhile', 'not what was shown');

-- what rests on it
insert into abate.breach (limit_id, series_id, monitor_id, plant_id, rule, severity, opened, last_at, count)
select null, x.series_id, m.monitor_id, m.plant_id, 'early', 'warning', '2019-01-31 23:00Z', '2019-02-01 01:00Z', 3
  from abate.series x join abate.feed f on f.feed_id = x.feed_id join abate.monitor m on m.monitor_id = f.monitor_id where f.feed_id = 1 and x.slot = 1;
select throws_like('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 2)', 'breach % is open since 2019-01-31 23:00:00Z and rests on samples from 2019-01-31 23:00:00Z on', 'an open breach');
update abate.breach set closed = last_at;
select set_eq('select is_final, what like ''1 breaches that are over%'' from abate.retention_obstacle(''2019-02-01 00:00Z'')', 'values (false, true)', 'one that is over is said');
update abate.breach set closed = null, rule = 'silence', series_id = null, opened = '2019-02-15 00:00Z', last_at = '2019-02-16 00:00Z';
delete from abate.sample where at >= '2019-02-01 00:00Z';
select set_eq('select what like ''%rests on samples from 2019-01-31 23:00:00Z on'' from abate.retention_obstacle(''2019-02-01 00:00Z'') where is_final', 'values (true)',
    'a silence rests on the last message before it');
update abate.breach set withdrawn = now();
insert into abate.touched_day values (1, '2019-01-31');
select throws_like('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 2)', '1 hours of feeds or days of monitors%still to be judged%', 'a day to be judged');
delete from abate.touched_day;
insert into abate.touched_day select m.monitor_id, '2019-02-01' from abate.monitor m where m.monitor_code = 'W1';
select is_empty('select * from abate.retention_obstacle(''2019-02-01 00:00Z'') where is_final', 'a day that begins after it, west of Greenwich');
insert into abate.touched_day select m.monitor_id, '2019-02-01' from abate.monitor m where m.monitor_code = 'S1';
select results_eq('select what like ''1 hours of feeds or days of monitors, from 2019-01-31 16:00Z on%'' from abate.retention_obstacle(''2019-02-01 00:00Z'') where is_final', 'values (true)',
    'a day that begins before it, east of Greenwich');
delete from abate.touched_day;
insert into abate.touched_hour (feed_id, hour) values (1, '2019-02-03 00:00Z');
select is_empty('select * from abate.retention_obstacle(''2019-02-01 00:00Z'') where is_final', 'an hour to be judged, two days later');
insert into abate.touched_hour (feed_id, hour) values (1, '2019-02-02 23:00Z');
select throws_like('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 2)', '1 hours of feeds or days of monitors, from 2019-02-02 23:00Z on%', 'one that may look back at it');
delete from abate.touched_hour;
create temporary table this as select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as month;
select throws_like('select l.* from this, abate.let_months_go(this.month + interval ''40 days'', true, 2) l', '%the month that is now%', 'not this month');
select throws_like('select l.* from this, abate.let_months_go(this.month, true, 2) l', 'the last month, the month that is now, and those after it, are not to be let go', 'nor the last one');
select is_empty('select o.* from this, abate.retention_obstacle((this.month at time zone ''UTC'' - interval ''1 month'') at time zone ''UTC'') o where o.is_final', 'but the one before it');

-- who may
create role abate_keeper_story in role abate_owner;
set local role abate_writer;
select throws_ok('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 2)', '42501', 'role "abate_writer" may not let samples go', 'not the daemon');
set local role abate_keeper_story;
select set_eq('select partition, rows from abate.let_months_go(''2019-02-01 00:00Z'', false, 2)', $$values ('sample_2019_01', 2::bigint)$$, 'detached by a keeper');
select set_eq('select count(*) from abate.detached_sample_2019_01', 'values (2::bigint)', 'kept under another name');
reset role;
select set_eq('select partition::text, is_attached from abate.partition where month = 24228', $$values ('abate.detached_sample_2019_01', false)$$, 'and listed');
select throws_ok('select pg_temp.as_writer(''select abate.ensure_kept_partition(2019 * 12)'')', '23514', 'its month was let go: 2019-01', 'its month is not made again for what is read anew');
select lives_ok('select pg_temp.as_writer(''select abate.ensure_kept_partition(2022 * 12)'')', 'but one that never was');
select lives_ok('select abate.ensure_partition(2019 * 12)', 'its month can be made again');
select lives_ok('select pg_temp.as_writer(''select abate.ensure_kept_partition(2019 * 12)'')', 'then it is there');
create table abate.detached_sample_mine_2019_01 (like abate.sample including all);
create table abate.detached_sample_2019_13 (like abate.sample including all);
create table abate.detached_sample_2019_01_mine (like abate.sample including all);
select is_empty('select from abate.partition where partition::text ~ ''mine|13$''', 'tables of other names are none of these months');
insert into abate.sample (feed_id, journal_id, at, position, value) values (1, 1, '2019-01-31 22:00Z', 0, '{40}');
select throws_ok('select * from abate.let_months_go(''2019-02-01 00:00Z'', false, 1)', '42P07', 'table abate.detached_sample_2019_01 is there already', 'but not detached twice');
select set_eq('select partition from abate.let_months_go(''2019-02-01 00:00Z'', true, 3)', $$values ('sample_2019_01'), ('detached_sample_2019_01')$$, 'both are dropped');
select set_eq('select row_key, old ->> ''rows'', new from abate.change where table_name = ''sample'' order by change_id',
    $$values ('sample_2019_01', '2', '{"detached": "detached_sample_2019_01"}'::jsonb), ('sample_2019_01', '1', null), ('detached_sample_2019_01', '2', null)$$, 'all of it on record');
select is_empty('select from abate.partition where month = 24228', 'gone');
select set_eq('select count(*) from abate.sample_partition where month / 12 = 2019', 'values (2::bigint)', 'the others stay');
rollback;

-- An hour touched while it waits for whoever writes.
create procedure pg_temp.until_one_waits() language plpgsql as $$
begin
    for i in 1..80 loop
        perform pg_sleep(0.05);
        if exists (select from pg_locks waits where not waits.granted and waits.relation = 'abate.sample'::regclass) then
            return;
        end if;
    end loop;
    raise exception 'nobody waits';
end $$;
begin;
\ir plant.psql
select abate.ensure_partition(2019 * 12) \g /dev/null
commit;
begin;
lock table only abate.sample in row exclusive mode;
insert into abate.touched_hour (feed_id, hour) values (1, '2019-02-01 00:00Z');
\! (psql -qAtX -c "select partition from abate.let_months_go('2019-02-01 00:00Z', true, 0)" >"$ABATE_WORK/second" 2>&1; echo over >>"$ABATE_WORK/second") &
call pg_temp.until_one_waits();
commit;
\! n=0; until grep -q over "$ABATE_WORK/second" || [ $n -ge 600 ]; do n=$((n + 1)); sleep 0.05; done
\set second `grep -v '^$' "$ABATE_WORK/second" | head -n 1`
select matches(:'second'::text, '1 hours of feeds or days of monitors, from 2019-02-01 00:00Z on', 'what comes while it waits is seen');
select is(count(*), 1::bigint, 'and the month stays') from abate.partition where partition = 'abate.sample_2019_01'::regclass;
select * from finish();
