-- What is told of one thing to one recipient by one channel comes in its order: no end before its beginning.
begin;
select plan(26);
\ir plant.psql
\ir alert.psql

-- Two programs beside the mail: of each the messages are tried again after a minute, and given up after an hour.
insert into abate.channel (channel_name, medium, group_interval, most, lease, retry_first, retry_growth, give_up_after, source) select n, 'hook', '0', null, '2 minutes', '1 minute', 1, '1 hour', 'story' from unnest('{hook,other}'::text[]) n;
update abate.channel set group_interval = '0', most = null where channel_name = 'mail';
insert into abate.route (ordinal, name, kinds, hears, channel_name, source) select 1, n, '{opened,worse}', 'channel', n, 'story' from unnest('{hook,other}'::text[]) n;
create temporary table given (n int generated always as identity, try_id bigint, delivery_id bigint, channel_name text, recipient text, kind text, breach_id bigint, number text);
create function pg_temp.claim(minute float8, channels text default '{hook}') returns text language sql begin atomic
    with claimed as (select c.* from abate.claim_deliveries(pg_temp.at(minute), channels::text[], array_fill(100, array[cardinality(channels::text[])])) c),
    kept as (insert into given (try_id, delivery_id, channel_name, recipient, kind, breach_id, number)
             select c.try_id, c.delivery_id, c.channel_name, c.recipient, a ->> 'kind', (a ->> 'breach_id')::bigint, a ->> 'number' from claimed c, jsonb_array_elements(c.alert -> 'alerts') a order by c.try_id)
    select string_agg(format('%s %s: %s', c.channel_name, c.status, (select string_agg(a ->> 'kind', '+') from jsonb_array_elements(c.alert -> 'alerts') a)), ', ' order by c.try_id) from claimed c; end;
create function pg_temp.answer(minute float8, ok boolean default true, permanent boolean default false, channels text default '{hook}') returns text language sql begin atomic
    select string_agg(r.state, ', ' order by t.try_id) from abate.delivery_try t join abate.delivery d using (delivery_id)
     cross join lateral abate.record_try(t.try_id, ok, permanent, 'said', pg_temp.at(minute)) r where t.ended is null and d.channel_name = any (channels::text[])
       and not exists (select from abate.delivery_try l where l.delivery_id = t.delivery_id and l.try_id > t.try_id); end;
create function pg_temp.next(channels text default '{hook}') returns float8 language sql return extract(epoch from abate.next_delivery(channels::text[]) - pg_temp.at(0)) / 60;

-- a gateway that fails, and is back when it is over
select pg_temp.breach('early', 'S1', 0) as x \gset
select pg_temp.prepare(0) \g /dev/null
select is(pg_temp.claim(0), 'hook firing: opened', 'a breach is told');
select is(pg_temp.answer(0.1, false), 'due', 'the gateway does not take it');
select pg_temp.over(:x, 0.5), pg_temp.breach('early', 'W1', 0.5) as y \gset
select pg_temp.prepare(0.5) \g /dev/null
select is(pg_temp.claim(0.6), 'hook firing: opened', 'its end does not overtake it; another does');
select is(pg_temp.next(), 1.1::float8, 'nor is it what is due next');
select is(pg_temp.claim(0.7, '{other}'), 'other firing: opened, other firing: opened', 'by another channel it is as ever: two that begin,');
select is(pg_temp.answer(0.7, true, false, '{other}') || ': ' || pg_temp.claim(0.7, '{other}'), 'sent, sent: other resolved: closed', 'then what is over');
select pg_temp.answer(0.8) \g /dev/null
select is(pg_temp.claim(1.1), 'hook firing: opened', 'tried again');
select is(pg_temp.claim(1.2), null, 'while that is under way the end waits');
select is(pg_temp.next(), 3.1::float8, 'until its lease is over, at the latest');
select is(pg_temp.claim(3.1), 'hook firing: opened', 'whoever was at it has died: the beginning is told again,');
select is(pg_temp.answer(3.2) || ': ' || pg_temp.claim(3.2), 'sent: hook resolved: closed', 'and now the end');
select pg_temp.answer(3.2), pg_temp.answer(3.2, true, false, '{other}'), pg_temp.over(:y, 4), pg_temp.prepare(4), pg_temp.claim(4, '{hook,other}'), pg_temp.answer(4, true, false, '{hook,other}') \g /dev/null

-- refused; given up in time; by nobody taken up
select pg_temp.breach('early', 'S1', 100) as x \gset
select pg_temp.prepare(100), pg_temp.over(:x, 101), pg_temp.prepare(101), pg_temp.claim(101) \g /dev/null
select is(pg_temp.answer(101.1, false, true) || ': ' || pg_temp.claim(101.1), 'failed: hook resolved: closed', 'what is refused holds nothing up');
select pg_temp.answer(101.2), pg_temp.breach('early', 'S1', 200) as x \gset
select pg_temp.prepare(200), pg_temp.over(:x, 230), pg_temp.prepare(230), pg_temp.claim(259.5) \g /dev/null
select is(pg_temp.answer(259.6, false) || ': ' || pg_temp.claim(259.6), 'failed: hook resolved: closed', 'nor what is given up in time');
select pg_temp.answer(259.7), pg_temp.breach('early', 'S1', 300) as x \gset
select pg_temp.prepare(300), pg_temp.over(:x, 330), pg_temp.prepare(330), pg_temp.prepare(360) \g /dev/null
select is(pg_temp.claim(360), 'hook resolved: closed', 'nor what nobody took up');
select pg_temp.answer(360) \g /dev/null

-- the fallback tells what is known by then
update abate.channel set fallback = 'other' where channel_name = 'hook';
delete from abate.route where name = 'other';
select pg_temp.prepare(390), pg_temp.claim(390, '{hook,other}'), pg_temp.answer(390, true, false, '{hook,other}'), pg_temp.breach('early', 'S1', 400) as x \gset
select pg_temp.prepare(400), pg_temp.over(:x, 401), pg_temp.prepare(401), pg_temp.claim(401), pg_temp.answer(401, false, true), pg_temp.prepare(401) \g /dev/null
select is(pg_temp.claim(401, '{hook,other}'), 'hook resolved: closed, other resolved: closed', 'what goes by the fallback is not begun any more');
select pg_temp.answer(401, true, false, '{hook,other}'), pg_temp.prepare(402), pg_temp.claim(402, '{hook,other}'), pg_temp.answer(402, true, false, '{hook,other}') \g /dev/null
update abate.channel set fallback = null where channel_name = 'hook';

-- abate's own troubles
select pg_temp.prepare(499), pg_temp.claim(499), pg_temp.answer(499) \g /dev/null
update abate.route set kinds = kinds || '{trouble,trouble_over}' where name = 'hook';
select abate.begin_trouble('north', 'full', 'no room', pg_temp.at(500)), pg_temp.prepare(500), abate.end_trouble('north', 'full', pg_temp.at(501)), pg_temp.prepare(501) \g /dev/null
select is(pg_temp.claim(501), 'hook firing: trouble', 'a trouble, too');
select is(pg_temp.answer(501) || ': ' || pg_temp.claim(501), 'sent: hook resolved: trouble_over', 'is not over before it begins');
select pg_temp.answer(501) \g /dev/null
update abate.route set kinds = '{opened,worse}' where name = 'hook';

-- messages that gather for long, beside one that does not
select pg_temp.breach('early', 'S2', 600) as y \gset
select pg_temp.prepare(600), pg_temp.breach('early', 'W1', 601) as x \gset
update abate.channel set most_each = 1, group_wait = '10 minutes', lease = '30 minutes' where channel_name = 'hook';
select pg_temp.prepare(601) \g /dev/null
select is(pg_temp.claim(601), 'hook firing: opened', 'beyond what a recipient gets in an hour it is folded');
select pg_temp.answer(601) \g /dev/null
update abate.channel set most_each = null, group_wait = '0' where channel_name = 'hook';
update abate.breach set worst = 80 where breach_id = :x;
select pg_temp.prepare(602) \g /dev/null
select is(pg_temp.claim(602), 'hook firing: worse', 'it gets worse, and there is room again');
select is((select about from abate.delivery where channel_name = 'hook' and state = 'gathering'), 'digest', 'while its beginning still gathers');
select pg_temp.prepare(611) \g /dev/null
select is(pg_temp.claim(611), null, 'which waits then for what was made before,');
select is(pg_temp.answer(611) || ': ' || pg_temp.claim(611), 'sent: hook firing: worse', 'and says no less');
select number as worse, abate.acknowledge_link(number, (select max(delivery_id) from given), pg_temp.at(611)) as said from given order by n desc limit 1 \gset
select is(:'said'::text, '(1,"link: hook")', 'and can be acknowledged by its link');
select pg_temp.answer(611), pg_temp.over(:x, 612), pg_temp.over(:y, 612), pg_temp.prepare(612) \g /dev/null
select pg_temp.claim(612, '{hook,mail}'), pg_temp.answer(612, true, false, '{hook,mail}'), pg_temp.claim(612, '{hook,mail}'), pg_temp.answer(612, true, false, '{hook,mail}') \g /dev/null

-- whatever happens: a gateway that takes some, refuses some, fails for long, by chance
update abate.channel set most_each = 4, lease = '2 minutes' where channel_name in ('hook', 'mail');
truncate given;
select setseed(0.5) \g /dev/null
do $$
declare m float8; b bigint; w text; t record;
begin
    for i in 1 .. 120 loop
        m := 1000 + i;
        for w in select n.monitor_code from abate.monitor n where n.monitor_code in ('S1', 'S2', 'W1') and random() < 0.4
                    and not exists (select from abate.breach o where o.monitor_id = n.monitor_id and o.rule = 'early' and o.closed is null) loop
            perform pg_temp.breach('early', w, m);
        end loop;
        for b in select n.breach_id from abate.breach n where n.closed is null and random() < 0.1 loop
            update abate.breach n set worst = n.worst * 1.4, last_at = pg_temp.at(m) where n.breach_id = b;
        end loop;
        for b in select n.breach_id from abate.breach n where n.closed is null and random() < 0.1 loop perform pg_temp.over(b, m); end loop;
        if random() < 0.6 then perform abate.prepare_alerts(pg_temp.at(m)); end if;
        perform pg_temp.claim(m, '{hook,mail}');
        for t in select y.try_id from abate.delivery_try y where y.ended is null and random() < 0.7 loop
            perform abate.record_try(t.try_id, random() < 0.3, random() < 0.05, 'said', pg_temp.at(m + 0.5));
        end loop;
    end loop;
end $$;
select cmp_ok((select count(*) from given), '>', 100::bigint, 'a lot was told');
select is((select count(*) from (select 1 from given where breach_id is not null group by breach_id, channel_name, recipient having count(distinct kind) > 1) s) > 10, true, 'of many breaches more than one thing');
select is((select count(*)::int from (select g.number, max(g.number) over (partition by g.channel_name, g.recipient, g.breach_id order by g.n rows between unbounded preceding and 1 preceding) as before from given g where g.breach_id is not null) s where s.number < s.before), 0, 'never anything that was known to be otherwise');
select * from finish();
rollback;
