-- Who hears what.
begin;
select plan(31);
\ir plant.psql
\ir alert.psql
update abate.channel set group_interval = '0', most_each = null;
alter table abate.breach disable trigger tell_changed; -- of ends nothing is told here

-- by severity and rule, as shipped
create function pg_temp.tell(rule text, monitor text, severity text default null, minute float8 default 0) returns text language plpgsql as $$
begin
    perform pg_temp.breach(rule, monitor, minute + random(), severity);
    perform pg_temp.prepare(minute + 1);
    perform pg_temp.send(minute + 1);
    update abate.breach set closed = last_at where closed is null;
    return pg_temp.heard();
end $$;
select is(pg_temp.tell('early', 'S1'), 'works1 1', 'a warning: the enterprise');
select is(pg_temp.tell('hour', 'S1'), 'county 1, works1 1', 'an hour: the enterprise and the county');
select is(pg_temp.tell('day', 'S1'), 'city 1, county 1, works1 1', 'a day: the county and the city, too');
select is(pg_temp.tell('hour', 'S2', 'repeated'), 'city 1, county 1, works1 1', 'an hour that is one of many: likewise');
select is(pg_temp.tell('hour', 'S2', 'warning'), 'works1 1', 'an hour by a limit that nobody has confirmed: the enterprise alone');
select is(pg_temp.tell('silence', 'W1'), 'works2 1', 'a monitor that is silent: whose it is');
select is(pg_temp.tell('day', 'W1', null, 5), 'city 1, works2 1', 'a plant of the city itself is in no county');
select is(pg_temp.tell('difference', 'S1', 'notice'), 'nobody', 'a notice: nobody');
select results_eq($$select outcome, outcome_why from abate.alert where severity = 'notice'$$, $$values ('no route', null::text)$$, 'which is said');

-- commitments: who answers for them
insert into abate.plan (plan_code, name_zh, name_en, region_code) values ('p', '计划', 'plan', '410100');
insert into abate.plan_version (plan_code, version, issued, source, digest) values ('p', 1, '2019-01-01', 'story', repeat('0', 64));
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft, deadline)
select plan_version_id, n, 'C-' || n, '3', '到期完成', 'done in time', 'milestone', 'reported', n = 2, '2020-06-30' from abate.plan_version, generate_series(1, 2) n;
insert into abate.commitment_agency select commitment_id, v.agency, v.role from abate.commitment_version, (values ('jy', 'lead'), ('st', 'cooperating')) v (agency, role);
create function pg_temp.fault(code text, severity text, agency text default null) returns text language plpgsql as $$
begin
    insert into abate.breach (rule, severity, agency_code, commitment_id, opened, last_at, count, reason)
    select 'commitment', severity, agency, commitment_id, pg_temp.at(-1000), pg_temp.at(0), 1, 'overdue' from abate.commitment_version where commitment_code = code;
    perform pg_temp.prepare(5); return pg_temp.heard();
end $$;
select is(pg_temp.fault('C-1', 'warning'), 'transport 1', 'a commitment overdue: who leads it, not who helps');
select is(pg_temp.fault('C-1', 'warning', 'gy'), 'county 1', 'one that an agency does not keep: that agency');
select is(pg_temp.fault('C-2', 'notice'), 'nobody', 'a soft target: a notice, which raises no alarm');
select ok((select body ~ 'C-1 到期完成' and body ~ 'p C-1 3' and body !~ '点位|限值' from abate.delivery where recipient ~ 'transport'), 'with its words and clause, and nothing about points or limits');

-- nobody there
update abate.contact set is_active = false where name = 'works2';
select is(pg_temp.tell('early', 'W1', null, 10), 'duty 1', 'nobody is there: the duty desk');
update abate.contact set is_active = false where name = 'duty';
select is(pg_temp.tell('early', 'W1', null, 11), 'nobody', 'nor there');
select is((select outcome from abate.alert order by alert_id desc limit 1), 'nobody', 'which is said');
update abate.contact set is_active = true;

-- other channels
update abate.channel set is_on = true, group_wait = '0' where channel_name = 'sms';
select is(pg_temp.tell('early', 'S1', null, 20), '13800000001 1, works1 1', 'by short message, too, once there is a gateway');
update abate.contact set phone = null where name = 'works1';
select is(pg_temp.tell('early', 'S1', null, 21), 'works1 1', 'who has no number gets a mail, and only one');
insert into abate.channel (channel_name, medium, language, group_interval, source) values ('chat', 'robot', 'en', '0', 'story');
insert into abate.route (ordinal, name, severities, hears, channel_name, source) values (5, 'chat', '{day}', 'channel', 'chat', 'story');
select is(pg_temp.tell('day', 'W1', null, 22), '13800000002 1, 13800000004 1, chat 1, city 1, works2 1', 'into a chat');
select ok((select subject ~ 'daily' from abate.delivery where recipient = 'chat'), 'in the language of the chat');
update abate.channel set is_on = false where channel_name in ('sms', 'chat');

-- matchers, and a rota: day watch on weekdays, night watch past midnight, one that stops the rest
delete from abate.route;
insert into abate.contact (name, mail) select n, n || '@example.org' from unnest(array['a', 'b', 'c', 'd', 'e']) n;
insert into abate.route (ordinal, name, hears, contact_id, channel_name, source, weekdays, from_time, to_time, region_code, sector_code, plant_id, stops, kinds)
select v.n, v.who, 'contact', (select contact_id from abate.contact where name = v.who), 'mail', 'story', v.days, v.since::time, v.until::time, v.region, v.sector,
       (select plant_id from abate.plant where plant_code = v.plant), v.stops, '{opened}'
  from (values (1, 'a', '{1,2,3,4,5}'::int[], '08:00', '18:00', null, null, null, false), (2, 'b', '{5}', '18:00', '08:00', null, null, null, false),
               (3, 'c', null, null, null, '410100', 'power', null, false), (4, 'd', null, null, null, '410181', null, 'P1', true), (5, 'e', null, null, null, null, null, null, false)) v (n, who, days, since, until, region, sector, plant, stops);
select is(pg_temp.tell('early', 'S1', null, 30), 'a 1, c 1, d 1', 'Monday morning: the day watch; the city has the county in it; and there it stops');
select is(pg_temp.tell('early', 'W1', null, 31), 'a 1, e 1', 'a plant of another sector and county goes on');
select is(pg_temp.tell('early', 'W1', null, 599), 'e 1', 'at six the day watch is over (the route''s own clock, of the instant it is made)');
select is(pg_temp.tell('early', 'W1', null, 598), 'a 1, e 1', 'a minute before it is not');
select is(pg_temp.tell('early', 'W1', null, 4 * 1440 + 700), 'b 1, e 1', 'Friday night: the night watch');
select is(pg_temp.tell('early', 'W1', null, 5 * 1440 - 2), 'b 1, e 1', 'to Saturday morning');
select is(pg_temp.tell('early', 'W1', null, 5 * 1440), 'e 1', 'and no longer');
select is(pg_temp.tell('early', 'W1', null, 4 * 1440 - 100), 'e 1', 'Thursday night is not Friday''s');
update abate.route set valid_to = pg_temp.at(10000) where name = 'e';
select is(pg_temp.tell('early', 'W1', null, 11000), 'nobody', 'a route that holds no longer');
select results_eq($$select count(*)::int from abate.change where table_name = 'route' and operation = 'delete'$$, $$values (23)$$, 'who changed routes, and how they were, is on record');

select is((select count(*)::int from abate.alert where outcome is null), 0, 'nothing is left over');
select * from finish();
rollback;
