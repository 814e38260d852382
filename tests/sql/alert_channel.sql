-- What stands in the way of alerts: channels, routes and contacts beside what a daemon has configured.
begin;
select plan(15);
\ir plant.psql
\ir alert.psql
create function pg_temp.faults(variadic configured text[]) returns text language sql return (select coalesce(string_agg(regexp_replace(regexp_replace(f.words, ' \(hint: .*\)$', ''), '^(route|contact) [0-9]+', '\1 N'), E'\n' order by f.words), 'none') from abate.channel_faults(configured) f);

select is(pg_temp.faults('mail'), 'none', 'as shipped, with a mail server and somebody to hear of each thing');
select is((select count(*) from abate.channel_faults('{}') f where f.words !~ ' \(hint: .+\)$'), 0::bigint, 'each with a hint');
select is(pg_temp.faults('post'), E'channel "mail": it is on in abate.channel, and not configured here: what is to go by it waits for a daemon that has it\nchannel "post": it is configured here, and not in abate.channel: no alert goes by it', 'another name');
select is(pg_temp.faults('mail', 'sms'), 'channel "sms": it is configured here, and off: no alert goes by it', 'one that is off');
insert into abate.channel (channel_name, medium, source) values ('chat', 'robot', 'story');
select is(pg_temp.faults('mail', 'chat'), 'channel "chat": no route leads to it: nobody is told by it', 'one that nobody routes to');
select is(pg_temp.faults('mail'), 'none', 'which another daemon may have');
update abate.channel set fallback = 'chat' where channel_name = 'mail';
select is(pg_temp.faults('mail', 'chat'), 'none', 'one that another falls back to');
select is(pg_temp.faults('mail'), 'channel "chat": it is on in abate.channel, and not configured here: what is to go by it waits for a daemon that has it', 'but then it must be there');
update abate.channel set fallback = null where channel_name = 'mail';
insert into abate.channel (channel_name, medium, is_on, source) values ('old', 'hook', false, 'story');
insert into abate.route (ordinal, name, hears, channel_name, source) values (5, 'hook', 'channel', 'old', 'story');
select is(pg_temp.faults('mail'), 'route N ("hook"): its channel "old" is off, has no fallback that is on, and no other route tells the same people', 'a route that leads to no channel') ;
delete from abate.route where name = 'hook';
update abate.contact set is_active = false where name in ('duty', 'city');
select is(pg_temp.faults('mail'), E'routes lead to agencies that hear their city, and no contact is one\nroutes lead to the duty desk, contacts of no plant and no agency, and no contact is one', 'nobody is there');
update abate.contact set is_active = true;
update abate.contact set mail = null where name = 'county';
select is(pg_temp.faults('mail'), 'contact N ("county"): has no address for any channel that is on', 'a contact without an address');
update abate.channel set is_on = true where channel_name = 'sms';
select is(pg_temp.faults('mail', 'sms'), 'none', 'who has a number is reached by that');
insert into abate.route (ordinal, name, hears, contact_id, channel_name, source) select 5, 'one', 'contact', contact_id, 'mail', 'story' from abate.contact where name = 'county';
select is(pg_temp.faults('mail', 'sms'), 'route N ("one"): its contact "county" has no address for channel "mail", nor for its fallback', 'but not by the one that names him');
update abate.contact set is_active = false where name = 'county';
select ok(pg_temp.faults('mail', 'sms') ~ 'route N \("one"\): its contact "county" is not active', 'nor if he is there no more');
select results_eq('select waiting from (select count(*) as waiting from abate.alert where outcome is null) w', 'values (0::bigint)', 'nothing waits');
select * from finish();
rollback;
