-- What explains silence and is known already: abate's own troubles, by the way a monitor is heard; stops that were reported.
begin;
select plan(88);
\ir plant.psql
\ir alert.psql
update abate.channel set group_interval = '0', give_up_after = '1000 hours';
update abate.threshold set value = 1e6 where threshold_code = 'trouble_unwatched';
create function pg_temp.later(minute float8) returns text language sql begin atomic select pg_temp.prepare(minute); select pg_temp.send(minute); select pg_temp.heard(); end;
create function pg_temp.why(breach_id bigint) returns text language sql return (select regexp_replace(min(a.outcome_why), ' [0-9]+', ' N') from abate.alert a where a.breach_id = why.breach_id and a.kind = 'opened');

-- by which way they are heard, as the judge learns it
insert into abate.journal_position (journal_id, instance, uuid) overriding system value values (1, 'north', gen_random_uuid()), (2, 'south', gen_random_uuid());
insert into abate.touched_hour (feed_id, hour, journal_id, broker) values
    (pg_temp.feed('S1', 'minute'), pg_temp.at(-120), 1, 'local'), (pg_temp.feed('S1', 'minute'), pg_temp.at(-60), 1, 'local'), (pg_temp.feed('S2', 'minute'), pg_temp.at(-60), 1, 'local'),
    (pg_temp.feed('W1', 'minute'), pg_temp.at(-3000), 1, 'other'), (pg_temp.feed('W1', 'minute'), pg_temp.at(-60), 1, 'local'), (pg_temp.feed('W1', 'minute'), pg_temp.at(-120), 2, 'local');
insert into abate.touched_hour (feed_id, hour, is_asked) values (pg_temp.feed('S1', 'minute'), pg_temp.at(-60), true);
select abate.judge(pg_temp.at(60)) \g /dev/null
select results_eq('select m.monitor_code, w.journal_id::int, w.broker, w.heard from abate.monitor_way w join abate.monitor m using (monitor_id) order by 1, 2, 3',
    $$values ('S1', 1, 'local', pg_temp.at(-60)), ('S2', 1, 'local', pg_temp.at(-60)), ('W1', 1, 'local', pg_temp.at(-60)), ('W1', 1, 'other', pg_temp.at(-3000)), ('W1', 2, 'local', pg_temp.at(-120))$$, 'by which daemon and broker each is heard');

-- a broker is away: one alert, not a thousand
select matches(abate.begin_trouble('north', 'broker local', E'mqtt://x: refused\n', pg_temp.at(1000)), '^20[0-9]{2}-', 'the broker is away');
select is(abate.begin_trouble('north', 'broker local', 'still', pg_temp.at(1001)), null, 'which is known');
select is(pg_temp.later(1002), 'duty 1', 'the duty desk is told');
select pg_temp.breach('silence', 'S1', 1000) as s1, pg_temp.breach('silence', 'S2', 1000) as s2, pg_temp.breach('silence', 'W1', 1000) as w1 \gset
select is(pg_temp.later(1100), 'works2 1', 'that monitors are silent is news of that one alone which is heard by another daemon, too');
select is(pg_temp.became(:s1) || ', ' || pg_temp.why(:s1), 'opened inhibited, trouble N: broker local', 'and why');
select pg_temp.breach('hour', 'S1', 1000) as h1 \gset
select is(pg_temp.later(1101), 'nobody', 'limits are explained by the silence');
select isnt(abate.end_trouble('north', 'broker local', pg_temp.at(1200)), null, 'it is back');
select is(abate.end_trouble('north', 'broker local', pg_temp.at(1201)), null, 'once');
select is(pg_temp.later(1202), 'duty 1', 'which is told');
select pg_temp.over(:s1, 1203), pg_temp.over(:h1, 1203), pg_temp.over(:w1, 1203) \g /dev/null
select is(pg_temp.later(1204), 'works2 1', 'who has spoken since: the end of what was told');
select pg_temp.breach('silence', 'S1', 1205) as again \gset
select is(pg_temp.later(1206), 'nobody', 'it explains a little longer than it lasts');
select is(pg_temp.prepare(1207), 1215::float8, 'a quarter of an hour');
select is(pg_temp.later(1215), 'works1 1', 'then who is silent all the same is told');
select is(pg_temp.became(:s2), 'opened inhibited, reminder delivered', 'as a reminder');
select pg_temp.over(:s2, 1220), pg_temp.over(:again, 1220), pg_temp.later(1221) \g /dev/null

-- other troubles
create function pg_temp.explains(trouble text, instance text, monitor text, minute float8) returns text language plpgsql as $$
declare b bigint;
begin
    perform abate.begin_trouble(instance, trouble, 'x', pg_temp.at(minute));
    b := pg_temp.breach('silence', monitor, minute);
    perform pg_temp.prepare(minute + 1);
    perform abate.end_trouble(instance, trouble, pg_temp.at(minute + 2));
    perform pg_temp.over(b, minute + 3);
    perform pg_temp.prepare(minute + 60); perform pg_temp.send(minute + 60); perform pg_temp.heard();
    return (select outcome from abate.alert a where a.breach_id = b and kind = 'opened');
end $$;
select is(pg_temp.explains(t.trouble, t.instance, t.monitor, 2000 + 100 * n), t.outcome, format('%s of %s: %s', t.trouble, t.instance, t.monitor)) from (values
    (1, 'broker other', 'north', 'S1', 'delivered'), (2, 'broker local', 'south', 'S1', 'delivered'), (3, 'broker', 'north', 'S1', 'inhibited'), (4, 'full', 'north', 'S1', 'inhibited'), (5, 'backlog', 'north', 'S2', 'inhibited'),
    (6, 'end', 'north', 'S1', 'inhibited'), (7, 'database', 'north', 'S1', 'inhibited'), (8, 'database', 'north', 'W1', 'delivered'), (9, 'channel sms', '', 'S1', 'delivered')) t (n, trouble, instance, monitor, outcome);

-- heard in this hour only, which is not judged yet
delete from abate.monitor_way;
insert into abate.touched_hour (feed_id, hour, journal_id, broker) values (pg_temp.feed('S1', 'minute'), pg_temp.at(4000), 1, '2 号 "x"');
select is(pg_temp.explains('broker 2 号 "x"', 'north', 'S1', 4000), 'inhibited', 'a monitor that is new, by a broker of any name');

-- the database was away: said when it is back
select is(abate.begin_trouble('north', 'database', 'no connection', pg_temp.at(5000), '{}', true), null, 'it was away, and may be over');
select is(pg_temp.later(5090), 'nobody', 'nobody needs to hear of it as yet');
select pg_temp.breach('silence', 'S1', 5000) as d1 \gset
select is(pg_temp.later(5091), 'nobody', 'but it explains already');
select isnt(abate.end_trouble('north', 'database', pg_temp.at(5080)), null, 'it is over');
select pg_temp.over(:d1, 5092) \g /dev/null
select is(pg_temp.later(5093), 'duty 1', 'one message tells of all');
select is((select body from abate.delivery order by delivery_id desc limit 1), format(E'系统恢复:数据库无法写入 (north)\n编号:%s\n时间:%s至%s', max(number), '2020-11-05 19:20', '2020-11-05 20:40'), 'from when until when') from abate.alert where kind = 'trouble_over';
select abate.begin_trouble('north', 'database', 'refused', pg_temp.at(5200), '{}', true) \g /dev/null
select isnt(abate.begin_trouble('north', 'database', 'refused', pg_temp.at(5210)), null, 'it can be reached and lasts all the same: told now');
select is(pg_temp.later(5211), 'duty 1', 'once');
select is(abate.settle_troubles('north', '{database,full}', pg_temp.at(5212)), 0, 'a daemon is up: what it watches is as it was');
select is(abate.settle_troubles('south', '{}', pg_temp.at(5212)), 0, 'so is what another one has');
select is(abate.settle_troubles('north', '{full}', pg_temp.at(5220)), 1, 'what it watches no more is over');
select is(pg_temp.later(5221), 'duty 1', 'which is told');

-- told by the daemon itself already
select abate.begin_trouble('north', 'full', 'no room', pg_temp.at(5300), '{"mail duty@example.org"}') \g /dev/null
select is(pg_temp.later(5301), 'nobody', 'nobody twice');
select is((select outcome from abate.alert order by alert_id desc limit 1), 'direct', 'which is said');
insert into abate.contact (name, mail) values ('night', 'night@example.org');
select abate.end_trouble('north', 'full', pg_temp.at(5310), '{"mail duty@example.org","chat x"}') \g /dev/null
select is(pg_temp.later(5311), 'night 1', 'others are told');
update abate.contact set is_active = false where name = 'night';

-- what was over long ago
select abate.begin_trouble('north', 'full', 'no room', pg_temp.at(5400)), abate.end_trouble('north', 'full', pg_temp.at(5401)) \g /dev/null
select is(pg_temp.later(5401 + 73 * 60), 'nobody', 'a trouble of three days ago');

-- a stop that was reported
create function pg_temp.stop(kind text, plant text, monitor text, since float8, until float8) returns int language sql begin atomic
    insert into abate.stoppage (kind, plant_id, monitor_id, begins, ends, source, recorded) values (stop.kind, (select plant_id from abate.plant where plant_code = stop.plant), (select monitor_id from abate.monitor where monitor_code = stop.monitor),
        pg_temp.at(since), coalesce(pg_temp.at(until), 'infinity'), 'letter 7', pg_temp.at(since)) returning stoppage_id; end;
select pg_temp.stop('maintenance', null, 'S1', 20000, 20600) as m \gset
select pg_temp.breach('silence', 'S1', 20010) as q1, pg_temp.breach('hour', 'S1', 20010) as q2, pg_temp.breach('hour', 'S2', 20010) as q3, pg_temp.breach('early', 'S1', 20020, null, 55, 20021) as q4, pg_temp.breach('activity', 'S1', 20011, 'hour') as q5 \gset
select is(pg_temp.later(20080), 'county 2, works1 2', 'maintenance of a monitor: another one is heard, and work that is forbidden');
select is(pg_temp.became(b) || ': ' || pg_temp.why(b), 'opened silenced: stoppage N', 'silenced: ' || b) from unnest(array[:q1, :q2]) b;
select is(pg_temp.became(:q4), 'opened silenced, closed untold', 'what is over by then, too');
select pg_temp.over(b, 20090) from unnest(array[:q1, :q3, :q5]) b \g /dev/null
select is(pg_temp.later(20091), 'county 2, works1 2', 'the ends of what was told');
select is(pg_temp.prepare(20100), 20600::float8, 'next when it ends');
select is(pg_temp.later(20600), 'duty 1, works1 1', 'that it is over is told');
select is((select body from abate.delivery where recipient ~ 'duty' order by delivery_id desc limit 1), format(E'停运结束:检修: letter 7\n编号:%s\n企业:一厂(P1,巩义市)\n点位:stack 1(S1)\n时间:2020-11-16 05:20至2020-11-16 15:20\n此前的告警已记录,自此恢复发送', max(number)), 'in words')
  from abate.alert where kind = 'stoppage_over';
update abate.breach set last_at = pg_temp.at(20660) where breach_id = :q2;
select is(pg_temp.later(20840), 'county 1, works1 1', 'and at the next reminder what is found to last beyond it');
select pg_temp.over(:q2, 20850), pg_temp.later(20851) \g /dev/null
select pg_temp.breach('hour', 'S1', 20540) as q6, pg_temp.breach('hour', 'S1', 20541, null, 55, null, 'a21002') as q7 \gset
update abate.breach set closed = pg_temp.at(20600) where breach_id = :q6;
update abate.breach set last_at = pg_temp.at(20601) where breach_id = :q7;
select is(pg_temp.later(20900), 'county 1, works1 1', 'found out later: what was within it is not told, what goes on beyond it is');
select is(pg_temp.became(:q6), 'opened silenced, closed untold', 'as silenced');
select pg_temp.over(:q7, 20901), pg_temp.later(20902) \g /dev/null

-- a fault, a whole plant, an end that nobody knows, an end that moves
select pg_temp.stop('fault', null, 'S2', 21000, 21600), pg_temp.breach('hour', 'S2', 21010) as f1, pg_temp.breach('difference', 'S2', 21010) as f2 \gset
select is(pg_temp.later(21080), 'county 1, works1 1', 'a fault of the analyser: what it says is valid counts');
select is(pg_temp.became(:f2), 'opened silenced', 'and explains the rest');
select pg_temp.over(:f1, 21090), pg_temp.over(:f2, 21090), pg_temp.later(21601) \g /dev/null
select pg_temp.stop('stopped', 'P1', null, 22000, null) as p \gset
select pg_temp.breach('hour', 'S1', 22010) as p1, pg_temp.breach('hour', 'W1', 22010) as p2 \gset
select is(pg_temp.later(22080), 'works2 1', 'a plant that stands: another one is heard');
select pg_temp.over(:p2, 22090), pg_temp.later(22091) \g /dev/null
select is(pg_temp.later(22080 + 1440), 'nobody', 'it still stands a day later');
update abate.stoppage set ends = pg_temp.at(24000) where stoppage_id = :p;
select is(pg_temp.later(23999), 'nobody', 'an end is named:');
select is(pg_temp.later(24000), 'duty 1, works1 1', 'then it is told');
update abate.stoppage set ends = pg_temp.at(25000) where stoppage_id = :p;
select pg_temp.over(:p1, 24100), pg_temp.later(24101) \g /dev/null
select is(pg_temp.later(25000), 'duty 1, works1 1', 'it was put off: its end is told anew');
select pg_temp.stop('stopped', 'P1', null, 26000, 30000) as w \gset
select pg_temp.breach('hour', 'S1', 26010) as v1 \gset
select pg_temp.later(26080) \g /dev/null
delete from abate.stoppage where stoppage_id = :w;
select is(pg_temp.later(28600), 'county 1, works1 1', 'a stop that was none: what it held back is told');
insert into abate.stoppage (plant_id, kind, begins, ends, source) select plant_id, 'stopped', pg_temp.at(0), pg_temp.at(10), 'late' from abate.plant where plant_code = 'P1';
select ok((select told_over is not null from abate.stoppage order by stoppage_id desc limit 1), 'one entered when it is over: its end is no news');

-- what lasts is reminded of, until somebody sees to it
select pg_temp.over(:v1, 29000), pg_temp.later(29001), abate.begin_trouble('north', 'full', 'no room', pg_temp.at(40000)) \g /dev/null
select is(pg_temp.later(40001), 'duty 1', 'a trouble is told');
select is(pg_temp.prepare(40002), 40241::float8, 'a reminder is due in four hours');
select is(pg_temp.later(40241), 'duty 1', 'then it comes,');
select matches(body, '^系统故障未恢复.日志或磁盘已满.停止接收 \(north\)\n编号.[0-9-]+\n时间.2020-11-30 02:40\n', 'in words') from abate.delivery order by delivery_id desc limit 1;
select is(pg_temp.later(40481), 'duty 1', 'and again');
select is(abate.acknowledge((select max(number) from abate.alert where kind = 'trouble_lasts'), 'Li'), 1, 'somebody sees to it');
select is(pg_temp.later(50000), 'nobody', 'no more of it');
select abate.end_trouble('north', 'full', pg_temp.at(50001)) \g /dev/null
select is(pg_temp.later(50002), 'duty 1', 'but that it is over');
select abate.begin_trouble('north', t, 'x', pg_temp.at(51000), '{"mail duty@example.org"}') from unnest('{full,end}'::text[]) t \g /dev/null
select is(pg_temp.later(51001), 'nobody', 'whom a daemon tells by itself');
select is(pg_temp.later(51241), 'duty 1', 'it reminds by itself, unless it has ended');
select is((select trouble from abate.alert join abate.trouble using (trouble_id) where outcome = 'delivered' order by alert_id desc limit 1), 'end', 'which is what is reminded of');
select abate.settle_troubles('north', '{}', pg_temp.at(51300)), pg_temp.later(51301) \g /dev/null

-- a daemon that says no more that it lasts
update abate.threshold set value = 15 where threshold_code = 'trouble_unwatched';
create function pg_temp.away(minute float8, trouble text default 'broker 2 号 "x"') returns text language sql return abate.begin_trouble('north', trouble, 'refused', pg_temp.at(minute));
select pg_temp.away(60000) \g /dev/null
select is(pg_temp.later(60001), 'duty 1', 'a broker is away');
select pg_temp.breach('silence', 'S1', 60002) as u \gset
select is(pg_temp.later(60003), 'nobody', 'which explains who is silent');
select is(pg_temp.away(60010), null, 'it lasts, says the daemon; then no more');
select is(pg_temp.prepare(60011), 60025::float8, 'a quarter of an hour is waited');
select is(pg_temp.later(60024), 'nobody', 'so long it explains');
select is(pg_temp.later(60025), 'duty 1, works1 1', 'then it does not, and that is told');
select matches(body, '^系统故障不再监视.与消息服务器的连接中断 2 号 "x" \(north\)\n编号.[0-9-]+\n时间.2020-12-14 00:00至2020-12-14 00:10$', 'that nobody watches it') from abate.delivery where recipient ~ 'duty' order by delivery_id desc limit 1;
select is(pg_temp.became(:u), 'opened inhibited, reminder delivered', 'who is silent is told');
select results_eq($$select ended, is_unwatched from abate.trouble order by trouble_id desc limit 1$$, $$values (pg_temp.at(60010), true)$$, 'on record it is over as of when it was seen last');
select isnt(pg_temp.away(60100), null, 'the daemon is back, and the broker is not');
select is(pg_temp.later(60101), 'duty 1', 'which is told anew');
select is(abate.settle_troubles('north', '{}', pg_temp.at(60110)), 1, 'it is');
select is(pg_temp.later(60111), 'duty 1', 'that is told');
select pg_temp.over(:u, 60112), pg_temp.later(60113), pg_temp.away(61000, 'end'), abate.begin_trouble('', 'channel sms', 'x', pg_temp.at(61000)), pg_temp.later(61001) \g /dev/null
select pg_temp.breach('early', 'W1', 61099) as n \gset
select is(pg_temp.later(61100), 'works2 1', 'that a daemon has ended, and what is of none, lasts without being said');
select pg_temp.over(:n, 61101), pg_temp.later(61102) \g /dev/null

-- what two of them explain
select abate.settle_troubles('north', '{}', pg_temp.at(61200)), pg_temp.away(62000), pg_temp.away(62000, 'full'), pg_temp.later(62001) \g /dev/null
select pg_temp.breach('silence', 'S1', 62002) as u \gset
select is(pg_temp.later(62003), 'nobody', 'a broker is away, and the disk is full');
select abate.end_trouble('north', 'full', pg_temp.at(62010)), abate.end_trouble('north', 'broker 2 号 "x"', pg_temp.at(62012)), pg_temp.later(62013) \g /dev/null
select is(pg_temp.later(62027), 'works1 1', 'who is silent when neither is any more is told');
select * from finish();
rollback;
