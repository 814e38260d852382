-- Deliveries: claimed, tried, sent, tried again, given up, handed to the fallback; and whoever died in between.
begin;
select plan(46);

-- Minutes after eight. Two channels: "a" gives up after an hour, and falls back on "b", and that on "a".
create function pg_temp.at(minute float8) returns timestamptz language sql return '2020-11-02 08:00+08'::timestamptz + minute * interval '1 minute';
insert into abate.channel (channel_name, medium, lease, retry_first, retry_growth, retry_most, give_up_after, source) values
    ('a', 'sms', '2 minutes', '1 minute', 2, '5 minutes', '1 hour', 'story'), ('b', 'mail', '2 minutes', '1 minute', 2, '5 minutes', '1 hour', 'story');
update abate.channel set fallback = case channel_name when 'a' then 'b' else 'a' end where channel_name in ('a', 'b');
insert into abate.contact (name, mail, phone) values ('both', 'both@example.org', '13800000001'), ('phone alone', null, '13800000002');
create function pg_temp.put(name text, channel text, minute float8) returns bigint language sql begin atomic
    insert into abate.delivery (channel_name, contact_id, recipient, language, about, state, begun, due, next_try, gives_up, status, alerts, subject, body, alert)
    select c.channel_name, n.contact_id, abate.address_of(n, c), 'zh', 'plant 1', 'due', pg_temp.at(minute), pg_temp.at(minute), pg_temp.at(minute),
           pg_temp.at(minute) + c.give_up_after, 'firing', 1, 'subject', 'body', '{}'
      from abate.contact n, abate.channel c where n.name = put.name and c.channel_name = channel
    returning delivery_id; end;
create function pg_temp.claim(minute float8, channels text default '{a,b}', most int default 10) returns text language sql set role = 'abate_writer'
return (select string_agg(format('%s:%s by %s to %s', c.try_id, c.tries, c.channel_name, c.recipient), ', ' order by c.try_id)
          from abate.claim_deliveries(pg_temp.at(minute), channels::text[], array_fill(most, array[cardinality(channels::text[])])) c);
create function pg_temp.record(try_id int, ok boolean, minute float8, permanent boolean default false, answer text default 'said', retry_after interval default '0') returns text language sql set role = 'abate_writer'
return (select format('%s %s', r.state, extract(epoch from r.next_try - pg_temp.at(0)) / 60) from abate.record_try(try_id, ok, permanent, answer, pg_temp.at(minute), retry_after) r);
create function pg_temp.next(channels text) returns float8 language sql set role = 'abate_reader'
return extract(epoch from abate.next_delivery(channels::text[]) - pg_temp.at(0)) / 60;

select is(pg_temp.next('{a,b}'), null, 'nothing is waiting');
select is(pg_temp.claim(0), null, 'nor given');
select pg_temp.put('both', 'a', 1) as first, pg_temp.put('phone alone', 'a', 2) as second \gset
select is(pg_temp.next('{a,b}'), 1::float8, 'the first is due');
select is(pg_temp.next('{b}'), null, 'on its own channel only');
select is(pg_temp.claim(0.9), null, 'not before its time');
select is(pg_temp.claim(3, '{b}'), null, 'nor to who has other channels');
select is(pg_temp.claim(3, '{a,b}', 1), '1:1 by a to 13800000001', 'the longest due first, and no more than wanted');
select is(pg_temp.claim(3), '2:1 by a to 13800000002', 'what is claimed is not given again');
select is(pg_temp.claim(3), null, 'none is left');
select is(pg_temp.next('{a}'), 5::float8, 'unless nobody is heard of: then the lease is over');

select is(pg_temp.record(1, true, 3.1, false, E'250 ok\r\nBcc: x'), 'sent 5.0000000000000000', 'the gateway took it');
select results_eq($$select state, ended, last_answer from abate.delivery where delivery_id = 1$$, $$values ('sent', pg_temp.at(3.1), '250 ok Bcc: x')$$, 'and what it said is one line');
select is(pg_temp.record(1, false, 3.2), 'sent 5.0000000000000000', 'told twice: nothing changes');
select results_eq('select begun, ended, is_ok, answer from abate.delivery_try where try_id = 1', $$values (pg_temp.at(3), pg_temp.at(3.1), true, '250 ok Bcc: x')$$, 'the try is as it was told first');

-- kill -9 between sending and recording
select key from abate.delivery where delivery_id = :second \gset
select is(pg_temp.claim(4.9), null, 'whoever has the second has until the lease is over');
select is((select format('%s %s %s', try_id, key = :'key', tries) from abate.claim_deliveries(pg_temp.at(5), '{a}', '{9}')), '3 t 2', 'then it is due again, with the same key');
select is((select format('%s %s', ended, is_ok) from abate.delivery_try where try_id = 2), ' ', 'of the lost try nobody knows');
select is(pg_temp.record(3, false, 5.5), 'due 7.5000000000000000', 'not taken: after two minutes again, it was the second try');
select is(pg_temp.record(2, false, 5.6), 'due 7.5000000000000000', 'the one that was lost comes back, and was not taken either: nothing changes');
select is((select state from abate.delivery where delivery_id = :second), 'due', 'it waits');
select is(pg_temp.claim(7.5), '4:3 by a to 13800000002', 'the third try');
select is(pg_temp.record(4, false, 7.6), 'due 11.6000000000000000', 'pauses grow: four minutes');
select pg_temp.claim(11.6) \g /dev/null
select is(pg_temp.record(5, false, 11.6), 'due 16.6000000000000000', 'up to five');
select pg_temp.claim(16.6) \g /dev/null
select is(pg_temp.record(6, false, 57.5), 'failed 18.6000000000000000', 'too late for another try: given up');
select is((select count(*)::int from abate.delivery where fallback_of = :second), 0, 'who has no other address is not reached otherwise');
select results_eq($$select kind, reason from abate.alert order by alert_id$$, $$values ('trouble', 'channel a: said')$$, 'that the channel fails is a trouble of abate''s own');

-- given up at once, and handed on
select pg_temp.put('both', 'a', 60) as third \gset
insert into abate.alert (year, kind, severity, at) values (2020, 'test', 'notice', pg_temp.at(60));
insert into abate.delivery_alert (delivery_id, alert_id) select :third, max(alert_id) from abate.alert;
select pg_temp.claim(60) \g /dev/null
select is(pg_temp.record(7, false, 60.1, true, 'no such number'), 'failed 62.0000000000000000', 'never: given up at once');
select results_eq($$select d.channel_name, d.recipient, d.state, d.due, (select count(*)::int from abate.delivery_alert l where l.delivery_id = d.delivery_id) from abate.delivery d where d.fallback_of is not null$$,
    $$values ('b', 'both@example.org', 'gathering', pg_temp.at(60.1), 1)$$, 'by mail instead, with the same alerts');
select is((select count(*)::int from abate.alert where kind = 'trouble'), 1, 'the trouble is known already');
update abate.delivery set state = 'due', next_try = due, gives_up = due + interval '1 hour', status = 'firing', alerts = 1, subject = 's', body = 'b', alert = '{}' where fallback_of = :third;
select is(pg_temp.claim(61), '8:1 by b to both@example.org', 'it is sent,');
select is(pg_temp.record(8, false, 61, true), 'failed 63.0000000000000000', 'and fails, too');
select is((select count(*)::int from abate.delivery where state = 'gathering'), 0, 'what was tried before is not tried again');
select pg_temp.put('both', 'a', 70) \g /dev/null
select pg_temp.claim(70) \g /dev/null
select is(pg_temp.record(9, true, 70.1), 'sent 72.0000000000000000', 'the gateway is back');
select results_eq($$select kind, reason from abate.alert where trouble_id = 1 order by alert_id desc limit 1$$, $$values ('trouble_over', 'channel a')$$, 'so that trouble is over');

-- somebody sent it after all
select pg_temp.put('both', 'a', 80) \g /dev/null
select pg_temp.claim(80), pg_temp.claim(83) \g /dev/null
select is(pg_temp.record(10, true, 83.5), 'sent 85.0000000000000000', 'the lost try comes back, and was taken');
select is(pg_temp.record(11, false, 83.6), 'sent 85.0000000000000000', 'whatever the second says');

-- a gateway that wants to be left alone for a while
select pg_temp.put('both', 'a', 100) as asked, pg_temp.put('both', 'a', 101) as other, pg_temp.put('both', 'b', 101) as elsewhere \gset
create function pg_temp.next_of(id bigint) returns float8 language sql return (select extract(epoch from next_try - pg_temp.at(0)) / 60 from abate.delivery where delivery_id = id);
select is(pg_temp.claim(101, '{a}', 1), '12:1 by a to 13800000001', 'one of two is tried');
select is(pg_temp.record(12, false, 101, false, 'HTTP 429', '30 seconds'), 'due 102.0000000000000000', 'asked for less than the pause, it pauses as ever');
select is(pg_temp.next_of(:other), 101.5::float8, 'the other, which was not tried yet, is held as long as asked');
select is(pg_temp.next_of(:elsewhere), 101::float8, 'those of other channels are not');
select is(pg_temp.claim(102, '{b,a}', 1), '13:1 by a to 13800000001, 14:1 by b to both@example.org', 'of each channel one');
select is(pg_temp.record(13, false, 102, false, 'HTTP 503', '20 minutes'), 'due 122.0000000000000000', 'asked for more, it waits as long,');
select is((select array_agg(pg_temp.next_of(d) order by d) from unnest(array[:asked, :other]) d), '{122,122}', 'and all of the channel');
select pg_temp.claim(122, '{a}', 1) \g /dev/null
select is(pg_temp.record(15, false, 122, false, 'HTTP 503', '1000 years'), 'due 158.0000000000000000', 'but a lease before it is given up it is tried for a last time');

-- wrong calls
select throws_ok($$select abate.record_try(9999, true, false, '', pg_temp.at(0))$$, 'P0002', 'there is no try 9999', 'a try that never was');
select throws_ok($$select abate.record_try(1, null, false, '', pg_temp.at(0))$$, '22023', null, 'a try of which nothing is said');
select * from finish();
rollback;
