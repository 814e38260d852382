-- Monthly partitions.
select plan(20);

create function pg_temp.as_writer(statement text) returns void
language plpgsql set role = 'abate_writer' as $$ begin execute statement; end $$;

begin;
select lives_ok($$select pg_temp.as_writer('select abate.ensure_partition(1990 * 12 + 0)')$$, 'the writer can have the partition of an old month');
select lives_ok($$select pg_temp.as_writer('select abate.ensure_partition(1990 * 12 + 0)')$$, 'and ask for it again');
select lives_ok($$select pg_temp.as_writer('select abate.ensure_partition(2020 * 12 + 11)')$$, 'December');
select results_eq('select partition::text, month from abate.sample_partition order by month',
    $$values ('abate.sample_1990_01', 23880), ('abate.sample_2020_12', 24251)$$, 'named by year and month');
select is(pg_get_expr(relpartbound, oid), $$FOR VALUES FROM ('2020-12-01 00:00:00+00') TO ('2021-01-01 00:00:00+00')$$, 'a month of UTC, into the next year')
  from (select set_config('timezone', 'UTC', true)) s, pg_class where oid = 'abate.sample_2020_12'::regclass;
set local timezone = 'Asia/Shanghai';
select lives_ok($$select pg_temp.as_writer('select abate.ensure_partition(2021 * 12 + 0)')$$, 'another time zone of the session');
select lives_ok($$insert into abate.sample values (1, 1, '2020-12-31 23:59:59.999999+00', 0, '{1}', null), (1, 1, '2021-01-01 00:00:00+00', 0, '{1}', null)$$,
    'no gap at the end of the year');
select results_eq('select tableoid::regclass::text from abate.sample order by at', $$values ('abate.sample_2020_12'), ('abate.sample_2021_01')$$,
    'each instant in its month of UTC');
select throws_ok($$insert into abate.sample values (1, 1, '2019-01-01', 0, '{1}', null)$$, '23514', null, 'a month without a partition is refused');
select throws_ok('select abate.ensure_partition(1899 * 12 + 11)', '23514', null, 'the year 1899 is refused');
select throws_ok('select abate.ensure_partition(2200 * 12)', '23514', null, 'the year 2200 is refused');

-- what a partition has
select is(relowner::regrole::text, 'abate_owner', 'a partition belongs to abate_owner') from pg_class where oid = 'abate.sample_1990_01'::regclass;
select set_eq($$select conname::text from pg_constraint where conrelid = 'abate.sample_1990_01'::regclass$$,
    $$values ('sample_1990_01_pkey'), ('at_in_range'), ('value_by_slot'), ('value_finite'), ('mark_by_slot')$$, 'it has the key and the checks');
select ok(has_table_privilege('abate_reader', 'abate.sample_1990_01', 'select')
          and not has_table_privilege('abate_reader', 'abate.sample_1990_01', 'insert, update, delete, truncate')
          and not has_table_privilege('abate_writer', 'abate.sample_1990_01', 'update, delete, truncate'), 'and the privileges');
select is(obj_description('abate.sample_1990_01'::regclass), 'Samples of 1990-01 (UTC).', 'and a comment');
alter table abate.sample detach partition abate.sample_1990_01;
select throws_ok('select abate.ensure_partition(1990 * 12)', '42P07', null, 'a partition that was detached is not replaced by an empty one');

select lives_ok($$select pg_temp.as_writer('select abate.ensure_partitions_ahead(2)')$$, 'the writer can have partitions ahead');
select results_eq($$select min(month), count(*) from abate.sample_partition
                     where month >= extract(year from now() at time zone 'UTC') * 12 + extract(month from now() at time zone 'UTC') - 1$$,
    $$select (extract(year from now() at time zone 'UTC') * 12 + extract(month from now() at time zone 'UTC') - 1)::int, 3::bigint$$,
    'of this month and the two after it');
rollback;

-- Eight sessions want the same twelve months at once.
\set together `seq 1 8 | xargs -P 8 -I{} psql -qAtX -v ON_ERROR_STOP=1 -c "set role abate_writer" -c "select count(abate.ensure_partition(m)) from generate_series(2001 * 12, 2001 * 12 + 11) m" 2>&1 | sort | uniq -c | tr -d '\n'`
select is(regexp_replace(:'together', '\s+', ' ', 'g'), ' 8 12', 'eight sessions that want the same months all get them');
select results_eq('select count(*) from abate.sample_partition where month / 12 = 2001', 'values (12::bigint)', 'and they are made once');

select * from finish();
