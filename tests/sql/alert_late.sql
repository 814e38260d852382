-- For a month no channel was configured, and alerts only collected: what is told then, and what is not.
begin;
select plan(9);
\ir plant.psql
\ir alert.psql
create function pg_temp.later(minute float8) returns text language sql begin atomic select pg_temp.prepare(minute); select pg_temp.send(minute); select pg_temp.heard(); end;

-- every two hours an hour too high, three things that last; troubles, a silence
select pg_temp.breach('hour', m, 120 * n, null, 60, 120 * n + 60) from generate_series(0, 359) n, unnest(array['S1', 'S2']) m \g /dev/null
select pg_temp.breach('silence', 'W1', 7000), pg_temp.breach('hour', 'S1', 8000, null, 60, null, 'a21002'), pg_temp.breach('day', 'S2', 9000, null, 60, null, 'a21002') \g /dev/null
select abate.begin_trouble('north', 'database', 'x', pg_temp.at(500 * n)), abate.end_trouble('north', 'database', pg_temp.at(500 * n + 60)) from generate_series(0, 80) n \g /dev/null
select abate.silence_alerts(pg_temp.at(100), pg_temp.at(200), 'Li', 'filters', 'P1') \g /dev/null
update abate.alert a set made = a.at;
select is((select count(*) from abate.alert where outcome is null), 1606::bigint, 'collected: of breaches that were over each two, of troubles likewise');

-- then there is one
select is(pg_temp.later(43200), 'city 1, county 4, county 146, duty 3, works1 4, works1 146, works2 1', 'to each one message of what is new, and one of the rest');
select results_eq('select kind, outcome, count(*) from abate.alert group by 1, 2 order by 1, 2',
    $$values ('closed', 'delivered', 74::bigint), ('closed', 'untold', 646), ('opened', 'delivered', 77), ('opened', 'expired', 646), ('silence_begun', 'expired', 1), ('silence_over', 'expired', 1), ('trouble', 'expired', 81), ('trouble_over', 'delivered', 3), ('trouble_over', 'expired', 78)$$,
    'what was over for three days and more is not told');
select ok((select bool_and(subject ~ '迟报|late') from abate.delivery where about = 'digest'), 'the rest as late');
select is((select count(*) from abate.delivery), 7::bigint, 'seven messages of 1,606 alerts');
select is(pg_temp.later(43201), 'nobody', 'once');
select is(pg_temp.later(43200 + 240), 'county 1, works1 1', 'what lasts is reminded of as ever');
select is(pg_temp.later(43200 + 1440), 'city 3, county 4, duty 2, works1 2, works2 1', 'and goes a step up') ;
select is((select count(*) from abate.alert where outcome is null), 0::bigint, 'nothing is left');
select * from finish();
rollback;
