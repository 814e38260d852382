-- What lasts: reminders, acknowledgement, steps up, silences, what explains other things.
begin;
select plan(53);
\ir plant.psql
\ir alert.psql
update abate.channel set group_interval = '0', give_up_after = '1000 hours';
create function pg_temp.later(minute float8) returns text language sql begin atomic select pg_temp.prepare(minute); select pg_temp.send(minute); select pg_temp.heard(); end;
create function pg_temp.number(breach_id bigint, kind text default 'opened') returns text language sql return (select max(a.number) from abate.alert a where a.breach_id = number.breach_id and a.kind = number.kind);

-- an hourly breach: reminded every four hours, a step up after a day, until it is over
select pg_temp.breach('hour', 'S1', 0) as h \gset
select is(pg_temp.later(60), 'county 1, works1 1', 'told');
select is(pg_temp.prepare(61), (60 + 240)::float8, 'a reminder is due in four hours');
select is(pg_temp.later(299), 'nobody', 'not before');
select is(pg_temp.later(300), 'county 1, works1 1', 'then those who were told are');
select is((select body ~ '^催办' from abate.delivery order by delivery_id desc limit 1), true, 'that it is a reminder');
select is(pg_temp.later(540), 'county 1, works1 1', 'and again');
select pg_temp.later(m) from unnest(array[780, 1020, 1260]) m \g /dev/null
select is(pg_temp.later(1500), 'city 1, county 2, duty 1, works1 1', 'after a day a step up: the city and the duty desk hear of it, the county in the same message');
select is((select string_agg(kind || ' ' || step, ', ' order by alert_id) from abate.alert where at = pg_temp.at(1500)), 'escalation 1, reminder 6', 'the sixth reminder, the first step');
select pg_temp.over(:h, 1501) \g /dev/null
select is(pg_temp.later(1502), 'city 1, county 1, duty 1, works1 1', 'its end is told to all of them');
select is(pg_temp.prepare(1503), null, 'then it is followed no more');
select is(pg_temp.became(:h), 'opened delivered, reminder delivered, reminder delivered, reminder delivered, reminder delivered, reminder delivered, escalation delivered, reminder delivered, closed delivered', 'all on record');

-- acknowledged: quiet, unless it gets worse
select pg_temp.breach('hour', 'S1', 2000) as a \gset
select pg_temp.breach('hour', 'S1', 2000, null, 55, null, 'a21002') as b \gset
select pg_temp.breach('hour', 'S1', 2001, null, 55, null, 'a34013') as b3 \gset
select is(pg_temp.later(2061), 'county 3, works1 3', 'three in one message');
select is(abate.acknowledge(pg_temp.number(:a), 'Li', E'on it\n', pg_temp.at(2070)), 3, 'somebody sees to it: with the one number to all of the message');
select results_eq('select distinct who, note, at, recorded_by = session_user from abate.acknowledgement', $$values ('Li', 'on it', pg_temp.at(2070), true)$$, 'recorded');
select is(pg_temp.later(4000), 'nobody', 'no reminder, no step up');
select is((select acknowledged_by from abate.alert_list where number = pg_temp.number(:b)), 'Li', 'it is in the list');
update abate.breach set worst = 80 where breach_id = :a;
select is(pg_temp.later(4001), 'county 1, works1 1', 'it gets worse: told,');
select is(pg_temp.later(4241), 'county 1, works1 1', 'and reminded of');
select is(abate.acknowledge(substr(pg_temp.number(:a, 'worse'), 6)::bigint::text, 'Li', null, pg_temp.at(4250)), 1, 'the number without the year will do');
select throws_ok($$select abate.acknowledge('2026-999999', 'Li')$$, 'P0002', 'there is no alert "2026-999999"', 'a number that is none');
select throws_ok($$select abate.acknowledge('1; drop table x', 'Li')$$, 'P0002', null, 'or no number');
select throws_ok(format('select abate.acknowledge(%L, %L)', pg_temp.number(:a), ' '), '23514', null, 'somebody has to say who');
select max(d.delivery_id) as told from abate.delivery d join abate.delivery_alert l using (delivery_id) join abate.alert a using (alert_id) where a.number = pg_temp.number(:a, 'worse') and d.recipient ~ 'county' \gset
select results_eq(format('select * from abate.acknowledge_link(%L, %s, pg_temp.at(4260))', pg_temp.number(:a, 'worse'), :told), $$values (1, 'link: county')$$, 'by the link in a message: whoever it was sent to');
select results_eq(format('select * from abate.acknowledge_link(%L, %s, pg_temp.at(4261))', pg_temp.number(:a, 'worse'), :told), $$values (0, 'link: county')$$, 'followed again it does nothing');
select throws_ok(format('select * from abate.acknowledge_link(%L, %s, pg_temp.at(4261))', pg_temp.number(:b), :told), 'P0002', null, 'the link of another message');
select pg_temp.over(n, 4300) from unnest(array[:a, :b, :b3]) n \g /dev/null
select pg_temp.later(4301) \g /dev/null

-- silences
select throws_ok($$select abate.silence_alerts(pg_temp.at(0), pg_temp.at(1), 'Li', 'why', 'nosuch')$$, 'P0002', 'there is no plant "nosuch"', 'a plant that is not there');
select throws_ok($$select abate.silence_alerts(pg_temp.at(0), pg_temp.at(1), 'Li', 'why')$$, '23514', null, 'not all of them');
select throws_ok($$select abate.silence_alerts(pg_temp.at(0), 'infinity', 'Li', 'why', 'P1')$$, '23514', null, 'nor for ever');
select throws_ok($$select abate.silence_alerts(pg_temp.at(0), pg_temp.at(1), 'Li', null, 'P1')$$, '23502', null, 'nor without a reason');
select abate.silence_alerts(pg_temp.at(5000), pg_temp.at(5600), 'Li', 'filters are changed', 'P1', 'S1', null, null, null, 'maintenance') as m \gset
select is(pg_temp.later(5000), 'duty 1', 'that a monitor is silenced is told');
select pg_temp.breach('hour', 'S1', 5010) as s1 \gset
select pg_temp.breach('hour', 'S2', 5010) as s2 \gset
select pg_temp.breach('hour', 'S1', 5011, null, 55, null, 'a21002') as s3 \gset
select is(pg_temp.later(5080), 'county 1, works1 1', 'the other monitor is heard');
select is(pg_temp.became(:s1), 'opened silenced', 'the one is silenced,');
select is((select outcome_why from abate.alert where breach_id = :s1), 'silence ' || :m, 'by which silence is said');
select pg_temp.over(:s3, 5100), pg_temp.over(:s2, 5100) \g /dev/null
select is(pg_temp.later(5101), 'county 1, works1 1', 'ends: of the one that was told');
select is(pg_temp.became(:s3), 'opened silenced, closed untold', 'not of the one that was not');
select is(pg_temp.prepare(5200), 5600::float8, 'next when the silence is over');
select is(pg_temp.later(5600), 'county 1, duty 1, works1 1', 'then that is told, and what lasts');
select is(pg_temp.became(:s1), 'opened silenced, reminder delivered', 'as a reminder');
select abate.silence_alerts(pg_temp.at(5700), pg_temp.at(9000), 'Li', 'why', null, null, null, null, '410100') as whole \gset
select is(pg_temp.later(5700), 'duty 1', 'a whole city');
select is(pg_temp.later(5840), 'nobody', 'reminders are silenced, too');
select abate.lift_silence(:whole, pg_temp.at(5900)) \g /dev/null
select is(pg_temp.later(5900), 'county 1, duty 1, works1 1', 'a silence that is lifted is over');
select throws_ok(format('select abate.lift_silence(%s, pg_temp.at(5901))', :whole), 'P0002', null, 'once');
select is((select count(*)::int from abate.change where table_name = 'silence'), 5, 'who silenced what, and when, is on record');
select pg_temp.over(:s1, 5950), pg_temp.later(5951) \g /dev/null

-- a monitor that is silent explains why its limits are not kept
select pg_temp.breach('silence', 'S1', 10000) as gone \gset
select is(pg_temp.later(10001), 'works1 1', 'a monitor is silent');
select pg_temp.breach('hour', 'S1', 10010) as i1 \gset
select pg_temp.breach('hour', 'S2', 10010) as i2 \gset
select is(pg_temp.later(10080), 'county 1, works1 1', 'its limits are not told, those of another are');
select is((select outcome || ': ' || outcome_why from abate.alert where breach_id = :i1), 'inhibited: breach ' || :gone, 'and why');
select pg_temp.over(:gone, 10100), pg_temp.over(:i2, 10100), pg_temp.later(10101) \g /dev/null
select is(pg_temp.later(10080 + 240), 'county 1, works1 1', 'when the monitor is back, what lasts is told');
select pg_temp.over(:i1, 10400), pg_temp.later(10401) \g /dev/null

-- test messages
select pg_temp.later(12600) \g /dev/null
select abate.alert_test('mail', 'me@example.org', 'zh', 'hello', pg_temp.at(20000)) \g /dev/null
select is(pg_temp.later(20000), 'me 1', 'a test');
select ok((select subject ~ '测试' and body ~ 'hello' and status = 'resolved' from abate.delivery order by delivery_id desc limit 1), 'says that it is one');
select throws_ok($$select abate.alert_test('mail', E'a@b\nBcc: c@d')$$, '22023', null, 'an address that is none');
select throws_ok($$select abate.alert_test('nosuch', 'a@b')$$, 'P0002', 'there is no channel "nosuch"', 'a channel that is none');

-- policies: who is not told of ends
update abate.alert_policy set tells_end = false where severity = 'warning';
select pg_temp.breach('early', 'S1', 30000, null, 55, 30001) as e \gset
select is(pg_temp.later(30002), 'works1 1', 'a warning whose end is not told,');
select is(pg_temp.became(:e), 'opened delivered, closed untold', 'by policy');
select * from finish();
rollback;
