-- Months let go: what stands against it, by whom, and what is left.
begin;
select no_plan();
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
select throws_like('select * from abate.let_months_go(now() + interval ''40 days'', true, 2)', '%month that is now%', 'not this month');

-- who may
create role abate_keeper_story in role abate_owner;
set local role abate_writer;
select throws_ok('select * from abate.let_months_go(''2019-02-01 00:00Z'', true, 2)', '42501', 'role "abate_writer" may not let samples go', 'not the daemon');
set local role abate_keeper_story;
select set_eq('select partition, rows from abate.let_months_go(''2019-02-01 00:00Z'', false, 2)', $$values ('sample_2019_01', 2::bigint)$$, 'detached by a keeper');
select set_eq('select count(*) from abate.detached_sample_2019_01', 'values (2::bigint)', 'kept under another name');
reset role;
select set_eq('select partition::text, is_attached from abate.partition where month = 24228', $$values ('abate.detached_sample_2019_01', false)$$, 'and listed');
select lives_ok('select abate.ensure_partition(2019 * 12)', 'its month can be made again');
insert into abate.sample (feed_id, journal_id, at, position, value) values (1, 1, '2019-01-31 22:00Z', 0, '{40}');
select throws_ok('select * from abate.let_months_go(''2019-02-01 00:00Z'', false, 1)', '42P07', 'table abate.detached_sample_2019_01 is there already', 'but not detached twice');
select set_eq('select partition from abate.let_months_go(''2019-02-01 00:00Z'', true, 3)', $$values ('sample_2019_01'), ('detached_sample_2019_01')$$, 'both are dropped');
select set_eq('select row_key, old ->> ''rows'', new from abate.change where table_name = ''sample'' order by change_id',
    $$values ('sample_2019_01', '2', '{"detached": "detached_sample_2019_01"}'::jsonb), ('sample_2019_01', '1', null), ('detached_sample_2019_01', '2', null)$$, 'all of it on record');
select is_empty('select from abate.partition where month = 24228', 'gone');
select set_eq('select count(*) from abate.sample_partition where month / 12 = 2019', 'values (2::bigint)', 'the others stay');
select * from finish();
rollback;
