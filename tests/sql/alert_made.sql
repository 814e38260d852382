-- What happens to a breach makes an alert, in the same transaction; what was there before does not.
begin;
select plan(27);
\ir plant.psql
alter table abate.breach disable trigger tell_opened; -- as before alerts were
\ir alert.psql
select pg_temp.breach('hour', 'S2', -600) as ancient \gset
alter table abate.breach enable trigger tell_opened;
select is((select count(*)::int from abate.alert), 0, 'a breach that was there before alerts were: none');

create function pg_temp.told(breach_id bigint) returns text language sql begin atomic
    select string_agg(a.kind, ', ' order by a.alert_id) from abate.alert a where a.breach_id = told.breach_id; end;
create function pg_temp.change(breach_id bigint, what text) returns text language plpgsql as $$
begin execute format('update abate.breach set %s where breach_id = %s', what, breach_id); return pg_temp.told(breach_id); end $$;

-- as the daemon writes
insert into pg_temp.incoming_episode
select l.limit_id, pg_temp.series('S1', 'minute', 'a21026'), pg_temp.at(1), null, 55, pg_temp.at(1), pg_temp.at(1), 1, 1, 10, 10, 10 from abate.emission_limit l where l.period = 'minute';
select pg_temp.as_writer('select abate.take_episodes()') \g /dev/null
select max(breach_id) as b from abate.breach \gset
select is(pg_temp.told(:b), 'opened', 'the daemon finds one');
select results_eq($$select kind, severity, rule, plant_id is not null, monitor_id is not null, at, value, bound, round(multiple::numeric, 2), made > now() - interval '1 hour', prepared, outcome from abate.alert$$,
    $$values ('opened', 'warning', 'early', true, true, pg_temp.at(1), 55::float8, 50::float8, 0.10, true, null::timestamptz, null::text)$$, 'with what was found');
select ok((select number ~ '^20[0-9]{2}-00000[0-9]$' and number = year || '-' || lpad(alert_id::text, 6, '0') from abate.alert), 'and a number for the telephone');
update pg_temp.incoming_episode set worst = 58, count = 2;
select pg_temp.as_writer('select abate.take_episodes()') \g /dev/null
select is(pg_temp.told(:b), 'opened', 'it goes on');
update pg_temp.incoming_episode set worst = 61, count = 3;
select pg_temp.as_writer('select abate.take_episodes(); select abate.take_episodes()') \g /dev/null
select is(pg_temp.told(:b), 'opened, worse', 'past the first step: worse, once');
update pg_temp.incoming_episode set worst = 66, count = 3;
select pg_temp.as_writer('select abate.take_episodes()') \g /dev/null
select is(pg_temp.told(:b), 'opened, worse', 'within that step: nothing');
update pg_temp.incoming_episode set worst = 500, count = 4;
select pg_temp.as_writer('select abate.take_episodes()') \g /dev/null
select is(pg_temp.told(:b), 'opened, worse, worse', 'past two more at once: once');
update pg_temp.incoming_episode set closed = pg_temp.at(9);
select pg_temp.as_writer('select abate.take_episodes(); select abate.take_episodes()') \g /dev/null
select is(pg_temp.told(:b), 'opened, worse, worse, closed', 'over');
insert into pg_temp.incoming_episode
select l.limit_id, pg_temp.series('S1', 'minute', 'a21026'), pg_temp.at(20), pg_temp.at(21), 55, pg_temp.at(20), pg_temp.at(20), 1, 1, 20, 20, 20 from abate.emission_limit l where l.period = 'minute';
select pg_temp.as_writer('select abate.take_episodes()') \g /dev/null
select max(breach_id) as c from abate.breach \gset
select is(pg_temp.told(:c), 'opened, closed', 'one that is over when it is found: both');

-- as the judge, or a person, changes it
select pg_temp.breach('hour', 'S1', 60) as h \gset
select is((select at from abate.alert where breach_id = :h), pg_temp.at(120), 'an hour can be known when it is over');
select is(pg_temp.change(:h, 'severity = ''repeated'''), 'opened, worse', 'graver: worse');
select is(pg_temp.change(:h, 'severity = ''hour'''), 'opened, worse', 'less grave: nothing');
select is(pg_temp.change(:h, 'count = 9, last_at = last_at + interval ''1 hour'''), 'opened, worse', 'longer: nothing');
select is(pg_temp.change(:h, 'worst = 49, bound = 0'), 'opened, worse', 'a bound of which there is no multiple: nothing, and no error');
select is(pg_temp.change(:h, 'worst = 1e308, bound = 1e-308'), 'opened, worse', 'nor numbers that are none');
select is(pg_temp.change(:h, 'withdrawn = now(), withdrawn_why = ''late data'''), 'opened, worse, withdrawn', 'withdrawn');
select is((select reason from abate.alert where breach_id = :h and kind = 'withdrawn'), 'late data', 'and why');
select is(pg_temp.change(:h, 'withdrawn = null'), 'opened, worse, withdrawn, opened', 'there again');
select is(pg_temp.change(:h, 'closed = last_at'), 'opened, worse, withdrawn, opened, closed', 'over');
select is(pg_temp.change(:h, 'worst = 900, bound = 50'), 'opened, worse, withdrawn, opened, closed', 'what is over gets no worse');
select is(pg_temp.change(:h, 'closed = null'), 'opened, worse, withdrawn, opened, closed, opened', 'it goes on after all');
select is(pg_temp.change(:ancient, 'closed = last_at'), 'closed', 'the end of one that was there before alerts were');
select pg_temp.prepare(0) \g /dev/null
select is(pg_temp.became(:ancient), 'closed untold', 'is told to nobody, as nobody was told that it began');

-- nothing is forgotten
savepoint before;
select pg_temp.breach('day', 'S1', 0) as lost \gset
rollback to before;
select is((select count(*)::int from abate.alert where rule = 'day'), 0, 'no breach, no alert: they are one transaction');
delete from abate.breach where breach_id = :c;
select is(pg_temp.told(:c), 'opened, closed', 'a breach that somebody deletes leaves its alerts');
select is((select count(*)::int from abate.breach_told where number is null), 0, 'every breach leads to its alerts');
select * from finish();
rollback;
