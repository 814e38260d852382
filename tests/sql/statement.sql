-- What agencies say by message.
begin;
select plan(80);
\ir plant.psql
insert into abate.agency (agency_code, name_zh, region_code) values ('stats', '统计局', '410100'), ('county', '县', null), ('other', '别', '410100');
insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('energy', '能耗', 'energy', 'tce', 'sum');
insert into abate.plan (plan_code, region_code) values ('little', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('little', 1, '2019-01-01', 's', 'd1'), ('little', 2, '2019-01-01', 's', 'd2');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft, subject)
select v.plan_version_id, 1, c.code, '1', 'q', 'n', 'milestone', 'reported', false, c.subject
  from abate.plan_version v, (values ('A', 'plant', 2), ('B', 'agency', 2), ('OLD', 'region', 1)) c (code, subject, version) where v.version = c.version;
insert into abate.commitment_agency select commitment_id, 'county', 'responsible' from abate.commitment_version where commitment_code = 'A';
insert into abate.line_kind (line_kind) values ('kiln');
insert into abate.line (plant_id, line_code, line_kind) select plant_id, 'K1', 'kiln' from abate.plant where plant_code = 'P1';

create sequence pg_temp.n;
create function pg_temp.take() returns record language plpgsql set role = 'abate_writer' as $$
declare r record; begin select * into r from abate.take_statements(); return r; end $$;
-- One message; what is said of it: how many are taken, and the reason if there is one.
create function pg_temp.say(agency text, payload text, "position" bigint default nextval('pg_temp.n')) returns text language plpgsql as $$
declare
    r record;
    reason text;
begin
    delete from pg_temp.incoming_statement;
    delete from pg_temp.incoming_reject;
    perform pg_temp.as_writer(format('insert into pg_temp.incoming_statement values (1, %s, ''2020-02-01 00:00+00'', ''b'', ''indicators/x'', %L, %L)',
                                     position, agency, payload));
    select * into r from pg_temp.take() as (taken int, refused int, same int, outdone int);
    perform set_config('story.same', r.same::text, true), set_config('story.outdone', r.outdone::text, true);
    select i.faults || ' ' || i.reason into reason from pg_temp.incoming_reject i;
    return concat_ws(' ', r.taken, reason);
end
$$;
prepare figures as select region_code, period_from, period_to, value, source, author, agency_code from abate.indicator_value order by indicator_value_id;
prepare milestones as
    select commitment_code, p.plant_code, agency_code, line_code, period_from, started, done, is_kept, evidence
      from abate.milestone m left join abate.plant p using (plant_id) left join abate.line l using (line_id) order by milestone_id;

-- figures
select is(pg_temp.say('stats', '{"indicator": "energy", "region": "410100", "year": 2019, "value": 12.5, "unit": "tce", "source": "bulletin", "author": "Li"}'), '1', 'a year''s figure');
select results_eq('figures', $$values ('410100', '2019-01-01'::date, '2020-01-01'::date, 12.5::float8, 'bulletin', 'Li', 'stats')$$, 'is kept, with who said it');
select results_eq('select journal_id, position, reported from abate.indicator_value', $$values (1::smallint, 1::bigint, '2020-02-01 00:00+00'::timestamptz)$$, 'and where it stands');
select is(pg_temp.say('stats', '{"indicator": "energy", "region": "410100", "year": 2019, "value": 12.5, "unit": "tce", "source": "bulletin", "author": "Li"}'), '1', 'delivered again');
select is((select count(*) from abate.indicator_value), 1::bigint, 'it is the same figure');
select is(pg_temp.say('stats', '{"indicator": "energy", "region": "410100", "from": "2019-01-01", "to": "2020-01-01", "value": 13, "unit": "tce", "source": "bulletin", "author": "Li"}'), '1', 'a correction');
select is(pg_temp.say('stats', '{"indicator": "energy", "region": "410100", "year": 2019, "value": 12.5, "unit": "tce", "source": "bulletin", "author": "Li"}'), '1', 'and back');
select results_eq('select value from abate.indicator_value order by indicator_value_id', 'values (12.5::float8), (13), (12.5)', 'are all on record');
select is(pg_temp.say('stats', '[{"indicator": "energy", "month": "2019-12", "value": -1e3, "unit": "tce"}, {"indicator": "energy", "month": "2019-11", "value": 0, "unit": "tce"}]'), '2', 'two at once, of the agency''s own region');
select results_eq('select region_code, period_from, period_to, value, source, author from abate.indicator_value order by indicator_value_id offset 3',
    $$values ('410100', '2019-12-01'::date, '2020-01-01'::date, -1000::float8, 'message of stats', 'stats'), ('410100', '2019-11-01', '2019-12-01', 0, 'message of stats', 'stats')$$, 'as they stand');

-- milestones
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P1", "started": "2019-05-01"}'), '1', 'begun');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P1", "done": "2019-06-30", "evidence": "protocol 7"}'), '1', 'done');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P1", "done": "2019-06-30", "evidence": "protocol 7"}'), '1', 'delivered again');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P1", "done": null}'), '1', 'taken back');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P1", "line": "K1", "done": "2019-06-30"}'), '1', 'a line''s');
select is(pg_temp.say('other', '{"plan": "little", "commitment": "B", "month": "2019-07", "kept": true}'), '1', 'an agency''s own, of a month');
select results_eq('milestones', $$values ('A', 'P1', null::text, null::text, null::date, '2019-05-01'::date, null::date, null::boolean, null::text),
    ('A', 'P1', null, null, null, '2019-05-01', '2019-06-30', null, 'protocol 7'), ('A', 'P1', null, null, null, '2019-05-01', null, null, 'protocol 7'),
    ('A', null, null, 'K1', null, null, '2019-06-30', null, null), ('B', null, 'other', null, '2019-07-01', null, null, true, null)$$, 'what is not mentioned stays as it was');

-- what is wrong is said, of the first of a message
select is(pg_temp.say(agency, payload), wanted, 'refused: ' || wanted) from (values
    ('nobody', '{"indicator": "energy"}', '0 1 no such agency: "nobody", which the topic names'),
    ('stats', '{"indicator": "enrgy", "year": 2019, "value": 1, "unit": "tce"}', '0 1 "indicator": no such indicator: "enrgy"'),
    ('stats', '{"indicator": 7, "year": 2019, "value": 1, "unit": "tce"}', '0 1 "indicator": not a text but 7'),
    ('stats', '{"indicator": "energy", "region": "999999", "year": 2019, "value": 1, "unit": "tce"}', '0 1 "region": no such region: "999999"'),
    ('county', '{"indicator": "energy", "year": 2019, "value": 1, "unit": "tce"}', '0 1 "region": missing'),
    ('stats', '{"indicator": "energy", "year": 2019, "value": 1}', '0 1 "unit": missing'),
    ('stats', '{"indicator": "energy", "year": 2019, "value": 1, "unit": "10000 tce"}', '0 1 "unit": "10000 tce", but "energy" is in "tce"'),
    ('stats', '{"indicator": "energy", "year": 2019, "value": "1", "unit": "tce"}', '0 1 "value": not a number but "1"'),
    ('stats', '{"indicator": "energy", "year": 2019, "unit": "tce"}', '0 1 "value": missing'),
    ('stats', '{"indicator": "energy", "year": 2019, "value": 1e400, "unit": "tce"}', '0 1 "1' || repeat('0', 400) || '" is out of range for type double precision'),
    ('stats', '{"indicator": "energy", "year": 2019.5, "value": 1, "unit": "tce"}', '0 1 "year": 2019.5 is no year such as 2019'),
    ('stats', '{"indicator": "energy", "year": "2019", "value": 1, "unit": "tce"}', '0 1 "year": "2019" is no year such as 2019'),
    ('stats', '{"indicator": "energy", "month": "2019-13", "value": 1, "unit": "tce"}', '0 1 "month": "2019-13" is no month such as "2019-07"'),
    ('stats', '{"indicator": "energy", "month": null, "value": 1, "unit": "tce"}', '0 1 "month": null is no month such as "2019-07"'),
    ('stats', '{"indicator": "energy", "value": 1, "unit": "tce"}', '0 1 the period: wanted is one of "year", "month", or "from" and "to"'),
    ('stats', '{"indicator": "energy", "year": 2019, "month": "2019-01", "value": 1, "unit": "tce"}', '0 1 the period: wanted is one of "year", "month", or "from" and "to"'),
    ('stats', '{"indicator": "energy", "from": "2019-01-01", "to": "2019-02-30", "value": 1, "unit": "tce"}', '0 1 "to": there is no day "2019-02-30"'),
    ('stats', '{"indicator": "energy", "from": "yesterday", "to": "2019-02-01", "value": 1, "unit": "tce"}', '0 1 "from": "yesterday" is no day such as "2019-07-01"'),
    ('stats', '{"indicator": "energy", "from": "2019-01-01", "value": 1, "unit": "tce"}', '0 1 "to": missing'),
    ('stats', '{"indicator": "energy", "from": "2019-01-01", "to": "2019-01-01", "value": 1, "unit": "tce"}', '0 1 "to": is not after "from": it is the first day after the period'),
    ('stats', '{"indicator": "energy", "from": "2019-01-01", "to": "2019-12-31", "value": 1, "unit": "tce"}', '0 1 "to": 2019-12-31 is the last day of a month; it must be the first day after the period, 2020-01-01'),
    ('stats', '{"indicator": "energy", "year": 2021, "value": 1, "unit": "tce"}', '0 1 the period has not begun when this came: 2021-01-01'),
    ('stats', '{"indicator": "energy", "year": 2019, "value": 1, "unit": "tce", "vlaue": 2}', '0 1 "vlaue": unknown; known are indicator, region, year, month, from, to, value, unit, source, author'),
    ('stats', '{"indicator": "energy", "commitment": "A"}', '0 1 either "indicator" or "commitment", not both'),
    ('stats', '{"figure": 1}', '0 1 neither "indicator" nor "commitment"'),
    ('stats', '[{"indicator": "energy", "year": 2018, "value": 1, "unit": "tce"}, 5, {}]', '1 2 [1]: not an object but 5'),
    ('stats', '[[]]', '0 1 [0]: not an object but []'),
    ('stats', '{"indicator": "\u0000"}', '0 1 PostgreSQL cannot read it as JSON'),
    ('county', '{"plan": "big", "commitment": "A", "done": "2019-06-30"}', '0 1 "plan": no such plan: "big"'),
    ('county', '{"plan": "little", "commitment": "OLD", "done": "2019-06-30"}', '0 1 "commitment": plan "little" has no "OLD"'),
    ('other', '{"plan": "little", "commitment": "A", "done": "2019-06-30"}', '0 1 "commitment": "A" is not for agency "other" to report on'),
    ('county', '{"plan": "little", "commitment": "A", "plant": "P9", "done": "2019-06-30"}', '0 1 "plant": no such plant: "P9"'),
    ('county', '{"plan": "little", "commitment": "A", "plant": "P2", "line": "K1", "done": "2019-06-30"}', '0 1 "line": plant "P2" has no line "K1"'),
    ('county', '{"plan": "little", "commitment": "A", "line": "K1", "done": "2019-06-30"}', '0 1 "line": needs its "plant"'),
    ('county', '{"plan": "little", "commitment": "A", "kept": "yes"}', '0 1 "kept": neither true nor false but "yes"'),
    ('county', '{"plan": "little", "commitment": "A", "done": "2021-06-30"}', '0 1 "started", "done": lie in the future')
    ) v (agency, payload, wanted);
select is((select count(*) from abate.indicator_value) + (select count(*) from abate.milestone), 11::bigint, 'of these, one figure was good');
select throws_ok($$select pg_temp.as_writer('insert into abate.indicator_value (indicator_code) values (''energy'')')$$, '42501', null, 'the writer has no other way');

-- Read anew, long after. What is on record is of transactions before.
create function pg_temp.figure(year int, value float8, indicator text default 'energy') returns text language sql
return format('{"indicator": "%s", "year": %s, "value": %s, "unit": "tce"}', indicator, year, value);
create procedure pg_temp.age() language sql as $$
    update abate.indicator_value set recorded = recorded - interval '1 day';
    update abate.milestone set recorded = recorded - interval '1 day';
$$;
prepare figures_of(int) as select position, value from abate.indicator_value where extract(year from period_from) = $1 order by indicator_value_id;
prepare milestones_of(text) as select position, started, done, evidence from abate.milestone m join abate.plant using (plant_id) where plant_code = $1 order by milestone_id;

select is(pg_temp.say('stats', format('[%s, %s]', pg_temp.figure(2017, 12.5), pg_temp.figure(2017, 5, 'water')), 1000), '1 1 [1]."indicator": no such indicator: "water"', 'a message of two figures, in part');
call pg_temp.age();
select is(pg_temp.say('stats', pg_temp.figure(2017, 13), 1010), '1', 'a correction');
call pg_temp.age();
insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('water', '水', 'water', 'tce', 'sum');
select is(pg_temp.say('stats', format('[%s, %s]', pg_temp.figure(2017, 12.5), pg_temp.figure(2017, 5, 'water')), 1000), '2', 'the first one anew, of which both are good now');
select is(current_setting('story.same'), '1', 'one was on record');
select results_eq('execute figures_of(2017)', 'values (1000::bigint, 12.5::float8), (1010, 13), (1000, 5)', 'and is not stored twice, nor outdoes its correction');
select is(pg_temp.say('stats', pg_temp.figure(2017, 11), 1005), '0 1 a later statement is on record', 'one that was never stored is outdone, too');
select is(current_setting('story.outdone'), '1', 'and nothing else is wrong with it');
select is(pg_temp.say('stats', format('[%s, {}]', pg_temp.figure(2017, 11)), 1005) || ' ' || current_setting('story.outdone'), '0 2 [0]: a later statement is on record 0', 'but if there is');
select is(pg_temp.say('stats', format('[%s, %s]', pg_temp.figure(2017, 11), pg_temp.figure(2013, 1)), 1005) || ' ' || current_setting('story.outdone'), '1 1 [0]: a later statement is on record 1', 'and another of it can be stored');
select is(pg_temp.say('stats', pg_temp.figure(2017, 13), 1005), '1', 'but not if it says what counts');
select results_eq('execute figures_of(2017)', 'values (1000::bigint, 12.5::float8), (1010, 13), (1000, 5)', 'nothing is stored');
insert into abate.indicator_value (indicator_code, region_code, period_from, period_to, value, source) values ('energy', '410100', '2016-01-01', '2017-01-01', 7, 'by hand');
select is(pg_temp.say('stats', pg_temp.figure(2016, 8), 1020), '0 1 a later statement is on record', 'a person has entered another since it came');
update abate.indicator_value set reported = '2020-01-31' where source = 'by hand';
select is(pg_temp.say('stats', pg_temp.figure(2016, 8), 1020), '1', 'or before it came');
select is(pg_temp.say('stats', format('[%s, %1$s, %s, %1$s]', pg_temp.figure(2015, 1), pg_temp.figure(2015, 2)), 1030), '4', 'to and fro in one message');
select results_eq('execute figures_of(2015)', 'values (1030::bigint, 1::float8), (1030, 2), (1030, 1)', 'is as it says');
call pg_temp.age();
select is(pg_temp.say('stats', format('[%s, %1$s, %s, %1$s]', pg_temp.figure(2015, 1), pg_temp.figure(2015, 2)), 1030) || current_setting('story.same'), '44', 'anew');
select is((select count(*) from abate.indicator_value where extract(year from period_from) = 2015), 3::bigint, 'nothing is stored twice');

select is(pg_temp.say('county', '[{"plan": "little", "commitment": "A", "plant": "P2", "started": "2019-04-01"}, {"plan": "little", "commitment": "A", "plant": "P2", "evidence": "photo"}, {}]', 1040),
    '2 1 [2]: neither "indicator" nor "commitment"', 'milestones, in part');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P2", "started": "2019-04-02", "done": "2019-06-30", "evidence": null}', 1050), '1', 'a correction');
call pg_temp.age();
select is(pg_temp.say('county', '[{"plan": "little", "commitment": "A", "plant": "P2", "started": "2019-04-01"}, {"plan": "little", "commitment": "A", "plant": "P2", "evidence": "photo"}]', 1040) || current_setting('story.same'),
    '22', 'the first one anew: on record');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "plant": "P2", "done": "2019-05-31"}', 1045), '0 1 a later statement is on record', 'one that was never stored is outdone');
select is(current_setting('story.outdone'), '1', 'and nothing else is wrong with it');
select results_eq($$execute milestones_of('P2')$$, $$values (1040::bigint, '2019-04-01'::date, null::date, null::text), (1040, '2019-04-01', null, 'photo'),
    (1050, '2019-04-02', '2019-06-30', null)$$, 'nothing is stored twice, nor outdone');
insert into abate.milestone (plan_code, commitment_code, due, source) values ('little', 'A', '2019-12-31', 'order');
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "done": "2019-05-31"}', 1060), '1', 'a date due that a person has set since says nothing of it');
update abate.milestone set done = '2019-05-30' where due is not null and position is null;
delete from abate.milestone where position = 1060;
select is(pg_temp.say('county', '{"plan": "little", "commitment": "A", "done": "2019-05-31"}', 1060), '0 1 a later statement is on record', 'unless a person has said that, too');

select * from finish();
rollback;
