-- Two sessions that store the same at the same time: the same instant. The second waits for the first to commit, and must then
-- not write over it: it is told to try again. It runs in the background, while this session holds its transaction open.
select plan(9);
select abate.ensure_partition(2020 * 12 + 10) \g /dev/null

create procedure pg_temp.until_one_waits() language plpgsql as $$
begin
    for i in 1..600 loop
        perform pg_sleep(0.05);
        if exists (select from pg_locks waits join pg_locks has using (pid)
                    where not waits.granted and has.database = (select oid from pg_database where datname = current_database())) then
            return;
        end if;
    end loop;
    raise exception 'nobody waits';
end $$;

-- Both bring it first.
begin;
insert into abate.sample values (7, 1, '2020-11-02 00:00+00', 1, '{1}', null);
\! (psql -qAtX -v VERBOSITY=sqlstate -c "begin; select abate.prepare_session(); insert into pg_temp.incoming_sample values (7, 2, '2020-11-02 00:00+00', 2, '{NULL,2}', null); select abate.merge_samples(); commit" >"$ABATE_WORK/second" 2>&1; echo over >>"$ABATE_WORK/second") &
call pg_temp.until_one_waits();
commit;
\! n=0; until grep -q over "$ABATE_WORK/second" || [ $n -ge 600 ]; do n=$((n + 1)); sleep 0.05; done
\set second `grep -v '^$' "$ABATE_WORK/second" | head -n 1`
select is(:'second'::text, 'ERROR:  40001', 'a new instant: the second is told to try again');
select results_eq('select position, value from abate.sample where feed_id = 7', $$values (1::bigint, '{1}'::float8[])$$, 'the first row stands');

-- Both add to a row that is there.
begin;
select abate.prepare_session() \g /dev/null
insert into pg_temp.incoming_sample values (7, 1, '2020-11-02 00:00+00', 3, '{NULL,NULL,3}', null);
select abate.merge_samples() \g /dev/null
\! (psql -qAtX -v VERBOSITY=sqlstate -c "begin; select abate.prepare_session(); insert into pg_temp.incoming_sample values (7, 2, '2020-11-02 00:00+00', 2, '{NULL,2}', null); select abate.merge_samples(); commit" >"$ABATE_WORK/second" 2>&1; echo over >>"$ABATE_WORK/second") &
call pg_temp.until_one_waits();
commit;
\! n=0; until grep -q over "$ABATE_WORK/second" || [ $n -ge 600 ]; do n=$((n + 1)); sleep 0.05; done
\set second `grep -v '^$' "$ABATE_WORK/second" | head -n 1`
select is(:'second'::text, 'ERROR:  40001', 'an instant in parts: the second is told to try again');
select results_eq('select value from abate.sample where feed_id = 7', $$values ('{1,NULL,3}'::float8[])$$, 'nothing of the first is lost');

-- And when it does try again.
begin;
insert into pg_temp.incoming_sample values (7, 2, '2020-11-02 00:00+00', 2, '{NULL,2}', null);
select results_eq('select stored, merged, duplicate, revised from abate.merge_samples()', 'values (0, 1, 0, 0)', 'the second try adds its part');
commit;
select results_eq('select value from abate.sample where feed_id = 7', $$values ('{1,2,3}'::float8[])$$, 'and all is there');

-- A figure and a milestone, and older ones that are read anew: they wait, and see that they are outdone.
insert into abate.region values ('1', 'r', 'r');
insert into abate.agency (agency_code, name_zh, region_code) values ('stats', 's', '1');
insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('energy', 'e', 'energy', 'tce', 'sum');
insert into abate.plan (plan_code, region_code) values ('little', '1');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('little', 1, '2019-01-01', 's', 'd');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
select plan_version_id, 1, 'A', '1', 'q', 'n', 'milestone', 'reported', false from abate.plan_version;
begin;
insert into pg_temp.incoming_statement values (1, 20, '2020-02-01 00:00+00', 'b', 't', 'stats', '{"indicator": "energy", "year": 2019, "value": 13, "unit": "tce"}');
select abate.take_statements() \g /dev/null
\! (psql -qAtX -c "begin; select abate.prepare_session(); insert into pg_temp.incoming_statement values (1, 10, '2020-01-31 00:00+00', 'b', 't', 'stats', '{\"indicator\": \"energy\", \"year\": 2019, \"value\": 12.5, \"unit\": \"tce\"}'); select abate.take_statements(); select reason from pg_temp.incoming_reject; commit" >"$ABATE_WORK/second" 2>&1; echo over >>"$ABATE_WORK/second") &
call pg_temp.until_one_waits();
commit;
\! n=0; until grep -q over "$ABATE_WORK/second" || [ $n -ge 600 ]; do n=$((n + 1)); sleep 0.05; done
\set second `grep -v '^$' "$ABATE_WORK/second" | head -n 2 | tr '\n' ' '`
select is(:'second'::text, '(0,1,0,1) a later statement is on record ', 'a figure');
begin;
delete from pg_temp.incoming_statement;
insert into pg_temp.incoming_statement values (1, 20, '2020-02-01 00:00+00', 'b', 't', 'stats', '{"plan": "little", "commitment": "A", "done": "2019-06-30"}');
select abate.take_statements() \g /dev/null
\! (psql -qAtX -c "begin; select abate.prepare_session(); insert into pg_temp.incoming_statement values (1, 10, '2020-01-31 00:00+00', 'b', 't', 'stats', '{\"plan\": \"little\", \"commitment\": \"A\", \"done\": \"2019-05-31\"}'); select abate.take_statements(); select reason from pg_temp.incoming_reject; commit" >"$ABATE_WORK/second" 2>&1; echo over >>"$ABATE_WORK/second") &
call pg_temp.until_one_waits();
commit;
\! n=0; until grep -q over "$ABATE_WORK/second" || [ $n -ge 600 ]; do n=$((n + 1)); sleep 0.05; done
\set second `grep -v '^$' "$ABATE_WORK/second" | head -n 2 | tr '\n' ' '`
select is(:'second'::text, '(0,1,0,1) a later statement is on record ', 'a milestone');
select results_eq('select position from abate.indicator_value union all select position from abate.milestone', 'values (20::bigint), (20)', 'of each the later one counts');

select * from finish();
