-- Not too many messages, and nothing forgotten: windows, folding, storms, outages.
begin;
select plan(43);
\ir plant.psql
\ir alert.psql

-- the window: a message at once, then one in ten minutes
select pg_temp.breach('early', 'S1', 0) \g /dev/null
select is(pg_temp.prepare(0.1), 720.1::float8, 'prepared; next there is something to do when what is not sent is given up');
select is(pg_temp.heard(), 'works1 1', 'the first is told at once');
select pg_temp.breach('early', 'S2', 1) \g /dev/null
select is(pg_temp.prepare(1), 10.1::float8, 'the next one waits');
select is(pg_temp.heard(), 'nobody', 'until the window is over');
select pg_temp.breach('early', 'S1', 2, null, 60, null, 'a21002') \g /dev/null
select is(pg_temp.prepare(2), 10.1::float8, 'others join it');
select pg_temp.breach('early', 'W1', 3) \g /dev/null
select pg_temp.prepare(3) \g /dev/null
select is(pg_temp.heard(), 'works2 1', 'another plant has a window of its own');
select pg_temp.prepare(10.1) \g /dev/null
select is(pg_temp.heard(), 'works1 2', 'then one message with both');
select is((select string_agg(recipient || ' ' || subject, ', ') from abate.delivery where alerts = 2), 'works1@example.org [' || (select min(number) from abate.alert where alert_id = 2) || '] 一厂2件:超限', 'under one subject');
select is(pg_temp.prepare(10.1), 720.1::float8, 'again: nothing');
select pg_temp.breach('early', 'S2', 30, null, 60, null, 'a21002') as short \gset
select pg_temp.prepare(30) \g /dev/null
select pg_temp.over(:short, 31) \g /dev/null
select pg_temp.prepare(31) \g /dev/null
select is(pg_temp.heard(), 'works1 1', 'begun, told');
select pg_temp.prepare(40) \g /dev/null
select is(pg_temp.heard(), 'works1 1', 'its end is told to who was told that it began');
select is((select status from abate.delivery order by delivery_id desc limit 1), 'resolved', 'as an end');
select pg_temp.send(41) \g /dev/null

-- the storm: 3,000 monitors of 300 plants, in one transaction
insert into abate.plant (plant_code, name_zh, region_code) select 'Q' || n, '厂' || n, '410181' from generate_series(1, 300) n;
insert into abate.contact (name, mail, plant_id) select plant_code, plant_code || '@example.org', plant_id from abate.plant where plant_code ~ 'Q';
insert into abate.monitor (monitor_code, plant_id, medium) select p.plant_code || '-' || n, p.plant_id, 'air' from abate.plant p, generate_series(1, 10) n where p.plant_code ~ 'Q';
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor where monitor_code ~ 'Q';
insert into abate.series (feed_id, parameter_code, unit) select feed_id, 'a21026', 'mg/m3' from abate.feed f join abate.monitor m using (monitor_id) where m.monitor_code ~ 'Q';
create function pg_temp.storm(rule text, severity text, minute float8) returns void language sql begin atomic
    insert into abate.breach (rule, severity, plant_id, monitor_id, limit_id, series_id, opened, last_at, bound, worst, worst_at, count)
    select rule, storm.severity, m.plant_id, m.monitor_id, (select limit_id from abate.emission_limit l where l.period = 'hour'), x.series_id, pg_temp.at(minute), pg_temp.at(minute), 50, 60, pg_temp.at(minute), 1
      from abate.monitor m join abate.feed f using (monitor_id) join abate.series x using (feed_id) where m.monitor_code ~ 'Q'; end;
analyze;
select max(breach_id) as before from abate.breach \gset
select clock_timestamp() as began \gset
select pg_temp.storm('hour', 'hour', 100) \g /dev/null
select clock_timestamp() as written \gset
select pg_temp.prepare(161) \g /dev/null
select clock_timestamp() as prepared \gset
\echo # a storm of 3000: breaches with their alerts :began, written :written, prepared :prepared
select is((select count(*)::int from abate.alert where breach_id > :before), 3000, '3,000 breaches: 3,000 alerts');
select is((select count(*)::int from abate.delivery d where d.begun = pg_temp.at(161)), 300 + 21, 'in one message to each enterprise, and to the county as many as it may get in an hour, and one for the rest');
select is((select count(*)::int from abate.breach_told where breach_id > :before and delivery_id is null), 0, 'every breach is in one');
select is((select count(distinct breach_id)::int from abate.breach_told where breach_id > :before and recipient = 'county@example.org'), 3000, 'to the county, too');
select is((select format('%s %s %s', alerts, folded, about) from abate.delivery where recipient = 'county@example.org' and about = 'digest'), '2800 2800 digest', 'the rest is counted');
select ok((select subject ~ '280家企业2800件:小时值超标' and body ~ '其中2800件因发送限额合并' and body ~ '另有2780件未列出' from abate.delivery where about = 'digest'), 'and says so');
select is((select count(*)::int from abate.alert where outcome is distinct from 'delivered' and breach_id > :before), 0, 'nothing is left over');
select is((select count(*)::int from abate.claim_deliveries(pg_temp.at(161), '{mail}', '{10000}')), 120, 'the gateway is given so many a minute');
select is(abate.next_delivery('{mail}'), pg_temp.at(162), 'the others have their turn later');
select is((select count(*)::int from abate.claim_deliveries(pg_temp.at(162), '{mail}', '{10000}')), 120, 'a minute later as many');

-- all over at once, and all again: the county has had enough for the hour
update abate.breach set closed = pg_temp.at(165), last_at = pg_temp.at(165) where breach_id > :before;
select pg_temp.prepare(170) \g /dev/null
select is((select count(*)::int from abate.delivery where recipient = 'county@example.org' and begun = pg_temp.at(170)), 1, 'the ends of them are one message to the county');
select is((select format('%s %s', state, round(extract(epoch from due - pg_temp.at(0)) / 60)) from abate.delivery where recipient = 'county@example.org' and begun = pg_temp.at(170)), 'gathering 221', 'an hour after the one before');
select pg_temp.prepare(222) \g /dev/null
select is((select format('%s %s', status, alerts) from abate.delivery where recipient = 'county@example.org' and begun = pg_temp.at(170)), 'resolved 3000', 'which tells of all');

-- a gateway that is down for an hour delays its own channel only
insert into abate.channel (channel_name, medium, retry_first, retry_most, group_interval, source) values ('chat', 'robot', '10 seconds', '5 minutes', '0', 'story');
insert into abate.route (ordinal, name, kinds, hears, channel_name, source) values (1, 'chat', '{opened}', 'channel', 'chat', 'story');
update abate.channel set most = null, most_each = null where channel_name = 'mail';
select pg_temp.prepare(400), pg_temp.send(400), pg_temp.prepare(401), pg_temp.send(401), pg_temp.heard() \g /dev/null
create temporary table sent (channel_name text, minute int, waited float8);
do $$
declare given record; m int;
begin
    for m in 1000 .. 1090 loop
        if m <= 1060 and m % 10 = 0 then perform pg_temp.breach('early', 'W1', m, 'warning', 55, m + 1); end if;
        perform abate.prepare_alerts(pg_temp.at(m));
        for given in select c.*, d.begun from abate.claim_deliveries(pg_temp.at(m), '{mail,chat}', '{1000,1000}') c join abate.delivery d using (delivery_id) loop
            perform abate.record_try(given.try_id, given.channel_name <> 'chat' or m >= 1060, false, 'said', pg_temp.at(m));
            if given.channel_name <> 'chat' or m >= 1060 then insert into sent values (given.channel_name, m, extract(epoch from pg_temp.at(m) - given.begun) / 60); end if;
        end loop;
    end loop;
end $$;
select is((select max(waited) from sent where channel_name = 'mail' and minute < 1060), 0::float8, 'mails go as ever');
select is((select count(*)::int from sent where channel_name = 'chat' and minute < 1060), 0, 'the chat was down for an hour');
select is((select count(*)::int from sent where channel_name = 'chat' and minute between 1060 and 1065), 7, 'and five minutes later has all');
select is((select count(*)::int from abate.delivery where channel_name = 'chat' and state <> 'sent'), 0, 'nothing is lost');
select ok((select max(tries) between 10 and 20 from abate.delivery where channel_name = 'chat'), 'nor was the gateway hammered');
delete from abate.route where name = 'chat';
update abate.breach set closed = last_at where closed is null;
select pg_temp.prepare(1200), pg_temp.prepare(1300), pg_temp.send(1300) \g /dev/null

-- an outage of the notifier, or of the whole line: what is over is told in one message, or not at all
select pg_temp.heard() \g /dev/null
select pg_temp.breach('early', 'W1', 2000 + m, null, 55, 2000 + m + 0.5) from generate_series(1, 50) m \g /dev/null
select pg_temp.breach('early', 'S1', 2000 + m, null, 55, 2000 + m + 0.5) from generate_series(1, 50) m \g /dev/null
select pg_temp.breach('early', 'S1', 2060) as lasts \gset
select pg_temp.prepare(2500) \g /dev/null
select is(pg_temp.heard(), 'works1 1, works1 100, works2 100', 'eight hours later: what lasts is told, what is over is one message each');
select ok((select bool_and(subject ~ '\[迟报\]|\[late\]') from abate.delivery where about = 'digest' and begun = pg_temp.at(2500)), 'marked as late');
select ok((select bool_and((alert ->> 'late')::boolean) from abate.delivery where about = 'digest' and begun = pg_temp.at(2500)), 'for programs, too');
select pg_temp.breach('early', 'W1', 3000 + m, null, 55, 3000 + m + 0.5) from generate_series(1, 50) m \g /dev/null
select pg_temp.prepare(3100 + 72 * 60) \g /dev/null
select is((select string_agg(distinct kind || ' ' || outcome, ', ') from abate.alert where at > pg_temp.at(3000)and at < pg_temp.at(3100)), 'closed untold, opened expired', 'four days later: what is over is not told any more');
select ok((select bool_and(outcome_why ~ '^over since 2020-11-04 0') from abate.alert where outcome = 'expired' and at > pg_temp.at(3000) and at < pg_temp.at(3100)), 'which is said');
update abate.alert set prepared = null, outcome = null, made = pg_temp.at(2060) where breach_id = :lasts;
select pg_temp.prepare(8000), pg_temp.heard() \g /dev/null
select ok((select about = 'digest' and subject ~ '迟报' from abate.delivery d join abate.delivery_alert l using (delivery_id) join abate.alert a using (alert_id) where a.breach_id = :lasts order by delivery_id desc limit 1), 'what lasts is told however late, and marked');

-- what nobody takes up is given up in time, and on record
select pg_temp.breach('hour', 'S2', 9000) as unheard \gset
select pg_temp.prepare(9061) \g /dev/null
select is(pg_temp.prepare(9061 + 720) > 9061 + 720, true, 'no daemon has the channel');
select is((select string_agg(distinct d.state, ',') from abate.delivery d join abate.delivery_alert l using (delivery_id) join abate.alert a using (alert_id) where a.breach_id = :unheard and a.kind = 'opened'), 'expired', 'deliveries expire');
select ok((select count(*) = 1 from abate.trouble where trouble = 'channel mail' and ended is null), 'which is a trouble of abate''s own');
select is((select count(*)::int from abate.delivery where (state = 'gathering') <> (subject is null)), 0, 'what is due has words, what gathers has none');

-- in parts, and wrong
select pg_temp.storm('hour', 'hour', 20000) \g /dev/null
select is(abate.prepare_alerts(pg_temp.at(20061), 100), pg_temp.at(20061), 'so many at once: called again');
select ok((select count(*) from abate.alert where outcome is null) between 2900 and 2910, 'the others wait (and a few reminders)');
select throws_ok('select abate.prepare_alerts(null)', '22023', null, 'it has to be told its time');
select * from finish();
rollback;
