-- Two daemons at the same outbox: what one has in hand the other is not given, and one alone prepares.
select plan(6);
insert into abate.channel (channel_name, medium, source) values ('a', 'mail', 'story');
insert into abate.delivery (channel_name, recipient, language, about, state, begun, due, next_try, gives_up, status, alerts, subject, body, alert)
select 'a', n || '@example.org', 'zh', 'abate', 'due', now(), now(), now(), now() + interval '1 hour', 'firing', 1, 's', 'b', '{}' from generate_series(1, 10) n;
insert into abate.alert (year, kind, severity, at) values (2020, 'trouble', 'warning', now());

begin;
select count(*) as mine from abate.claim_deliveries(now(), '{a}', '{4}') \gset
\set theirs `psql -qAtX -c "select count(*) from abate.claim_deliveries(now(), '{a}', '{10}')"`
commit;
select is(:mine, 4, 'one takes four');
select is(:theirs, 6, 'the other does not wait for it, and takes the rest');
select is((select count(distinct delivery_id)::int from abate.delivery_try), 10, 'none was given twice');

begin;
select abate.prepare_alerts(now()) is null as is_over \gset
\set busy `psql -qAtX -c "select p - n from (select now() n) n, abate.prepare_alerts(n) p"`
commit;
select is((select outcome from abate.alert), 'nobody', 'one prepares');
select is(:'busy'::interval, interval '1 second', 'the other comes back in a second');
select ok((select abate.prepare_alerts(now()) > now() + interval '1 minute'), 'then there is nothing to do');
select * from finish();
