-- A reading is corrected: what was found by it as it came is weighed again.
begin;
select plan(9);
\ir plant.psql

insert into abate.emission_limit (parameter_code, period, sector_code, upper, unit, standard, source) values
    ('a21026', 'minute', 'power', 35, 'mg/m3', 'early', 'a page');
insert into abate.sample (feed_id, journal_id, at, position, value)
select pg_temp.feed('S1', 'minute'), 1, timestamptz '2020-11-02 08:00+08' + n * interval '1 minute', n, array[v]
  from unnest(array[30, 40, 50, 36, 20, 45]::float8[]) with ordinality u (v, n);

-- What the watch told of them: minutes 2 to 4, open until 5; minute 6, still open.
create function pg_temp.at(minute int) returns timestamptz language sql
return timestamptz '2020-11-02 08:00+08' + minute * interval '1 minute';
insert into abate.breach (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, journal_id,
                          first_position, worst_position, last_position)
select l.limit_id, pg_temp.series('S1', 'minute', 'a21026'), v.opened, v.closed, 35, v.worst, v.worst_at, v.last_at, v.n, 1, 0, 0, 0
  from abate.emission_limit l,
       (values (pg_temp.at(2), pg_temp.at(5), 50, pg_temp.at(3), pg_temp.at(4), 3),
               (pg_temp.at(6), null, 45, pg_temp.at(6), pg_temp.at(6), 1)) v (opened, closed, worst, worst_at, last_at, n);
create view pg_temp.standing as
select (extract(epoch from opened - pg_temp.at(0)) / 60)::int as opened, closed is null as is_open, worst,
       (extract(epoch from worst_at - pg_temp.at(0)) / 60)::int as worst_at, count, withdrawn is not null as is_withdrawn, withdrawn_why
  from abate.breach;

create function pg_temp.correct(minute int, said float8) returns void language sql
begin atomic
    insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
    select s.feed_id, s.at, 1, said, 'N', s.value[1], 'N', 1, 900 + minute
      from abate.sample s where s.at = pg_temp.at(minute);
    select abate.accept_revision(max(revision_id)) from abate.revision where value = said;
end;

select pg_temp.correct(3, 37) \g /dev/null
select results_eq('select opened, is_open, worst, worst_at, count from pg_temp.standing order by 1',
    'values (2, false, 40::float8, 2, 3), (6, true, 45, 6, 1)', 'the worst was less: another one is');
select pg_temp.correct(2, 34) \g /dev/null
select results_eq('select worst, count, is_withdrawn from pg_temp.standing where opened = 2', 'values (37::float8, 2, false)', 'one of three was none');
select pg_temp.correct(4, 35) \g /dev/null
select pg_temp.correct(3, 33) \g /dev/null
select results_eq('select is_withdrawn, withdrawn_why, is_open from pg_temp.standing where opened = 2',
    $$values (true, 'a corrected reading says otherwise', false)$$, 'none is left (equal to the limit complies): it is withdrawn, and says why');
select is((select worst from pg_temp.standing where opened = 2), 37::float8, 'and keeps what it was');
select results_eq('select is_open, is_withdrawn from pg_temp.standing where opened = 6', 'values (true, false)', 'the other one stands');
select pg_temp.correct(5, 99) \g /dev/null
select results_eq('select worst, is_withdrawn from pg_temp.standing where opened = 6', 'values (45::float8, false)', 'a value outside of it is none of its');
select pg_temp.correct(6, 12) \g /dev/null
select results_eq('select is_open, is_withdrawn from pg_temp.standing where opened = 6', 'values (false, true)', 'an open one is withdrawn, too');
select cmp_ok((select count(*) from abate.change where table_name = 'breach'), '>=', 2::bigint, 'both are on record as changed');
select is((select count(*) from abate.breach), 2::bigint, 'and nothing was deleted');

select * from finish();
rollback;
