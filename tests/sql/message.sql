-- The words of messages.
begin;
select plan(58);
\ir plant.psql
\ir alert.psql

-- numbers
select is(abate.number_text(v::float8), t, t) from (values ('0', '0'), ('55', '55'), ('119.91', '119.91'), ('0.1', '0.1'), ('0.6300000001', '0.63'), ('12.345678', '12.35'), ('-3.5', '-3.5'), ('1234567.89', '1234567.9'),
    ('0.00012345', '0.00012345'), ('1e300', '1.00e+300'), ('1e-300', '1.00e-300'), ('1e15', '1.00e+15'), ('NaN', 'NaN')) v (v, t);
select is(abate.number_text(null), null, 'no number');

-- holes
create function pg_temp.fill(template text, vals text) returns text language sql return abate.fill_template(template, vals::jsonb);
select is(pg_temp.fill('a {x} b', '{"x": "1"}'), 'a 1 b', 'filled');
select is(pg_temp.fill('{x}{y}', '{"x": "{y}", "y": "{x}"}'), '{y}{x}', 'what a value says is never read again');
select is(pg_temp.fill('{x}', '{"x": "\\1 \\& $1 %s {number}"}'), '\1 \& $1 %s {number}', 'whatever it is');
select is(pg_temp.fill('{ {} {X} } {x', '{"x": "1"}'), '{ {} {X} } {x', 'braces that are no holes stay');
select is(pg_temp.fill(E'a\n\nb {x}\n{x}{y}\nc', '{"y": "1"}'), E'a\n\n1\nc', 'a line of which nothing is known is left out; others stay, empty ones too');
select is(pg_temp.fill('{lines}', '{"lines": "a\nb"}'), E'a\nb', 'lines');

-- words from outside
select is(abate.plain_text(E'a\r\nBcc: x@y\tb\u0085c\u2028d\u202ee\u200bf\u0007'), 'a Bcc: x@y b c d e f', 'one line, and nothing invisible');
select is(abate.plain_text('一厂 "a" <b> ''c'' 😀'), '一厂 "a" <b> ''c'' 😀', 'signs that are seen stay');

-- lengths of short messages
select is(abate.sms_excess(t), n, left(t, 20)) from (values (repeat('a', 160), 0), (repeat('a', 161), 1), (repeat('a', 159) || '[', 1), (repeat('€', 80), 0), (repeat('厂', 70), 0), (repeat('厂', 71), 1), (repeat('a', 69) || '厂', 0),
    (repeat('厂', 68) || '😀', 0), (repeat('厂', 69) || '😀', 1), ('²' || repeat('a', 70), 1), ('', -160)) v (t, n);
select is(abate.fit_sms(array['{long} {short}', '{short}'], jsonb_build_object('long', repeat('x', 160), 'short', 's')), 's', 'the first form that fits');
select is(abate.fit_sms(array['{subject_of}{reading}'], jsonb_build_object('subject_of', repeat('厂', 60), 'reading', repeat('值', 60))), repeat('厂', 8) || '..' || repeat('值', 60), 'else parts are cut, the least important first');
select is(abate.fit_sms(array['{subject_of}'], jsonb_build_object('subject_of', repeat('厂', 200))), repeat('厂', 68) || '..', 'then the next');
select is(length(abate.fit_sms(array[repeat('厂', 100)], '{}')), 70, 'and whatever else there is');
select is(abate.fit_sms(null, '{}'), null, 'no form, no message');

-- whole messages, with names that are long and names that mean harm
update abate.channel set is_on = true, group_wait = '0' where channel_name = 'sms';
delete from abate.route where channel_name = 'mail' and hears <> 'plant';
update abate.contact set mail = 'en@example.org', language = 'en' where name = 'county';
insert into abate.route (ordinal, name, hears, channel_name, source) values (1, 'all in English', 'county', 'mail', 'story'), (1, 'all in English', 'county', 'sms', 'story');
create function pg_temp.said(rule text, severity text default null, worst float8 default 81.5) returns void language plpgsql as $$
begin
    update abate.breach set closed = last_at where closed is null;
    perform pg_temp.prepare(0);
    delete from abate.delivery_alert; delete from abate.delivery;
    perform pg_temp.breach(rule, 'S1', (select count(*) from abate.breach), severity, worst); perform pg_temp.prepare(1);
end $$;
create view pg_temp.message as select split_part(recipient, '@', 1) as who, subject, body from abate.delivery;
select pg_temp.said('hour') \g /dev/null
select is((select body from pg_temp.message where who = '13800000001'), '新小时值超标:一厂 stack 1 11-02 08:00二氧化硫81.5mg/m3,超标0.63倍。' || number, 'a short one, in Chinese') from abate.alert where kind = 'opened';
select is((select body from pg_temp.message where who = '13800000003'), 'new hourly mean: First stack 1 11-02 08:00 sulphur dioxide 81.5 mg/m3, limit 50, 0.63 times over, 3 in 30 days. ' || number, 'in English') from abate.alert where kind = 'opened';
select is((select subject from pg_temp.message where who = 'works1'), '[' || number || '] 新 一厂小时值超标 二氧化硫81.5mg/m3,超标0.63倍', 'a subject') from abate.alert where kind = 'opened';
select is((select body from pg_temp.message where who = 'works1'), format('新:小时值超标(小时超标)
编号:%1$s
企业:一厂(P1,巩义市)
点位:stack 1(S1)
因子:二氧化硫(小时值)
时间:2020-11-02 08:00
数值:81.5 mg/m3
限值:50 mg/m3
超标倍数:0.63
近30日累计:3次
依据:DB41/1 table 1

证据:abatectl evidence %2$s
查询:select * from abate.breach_report where breach_id = %2$s
确认:abatectl alert ack %1$s', number, breach_id), 'a mail') from abate.alert where kind = 'opened';

update abate.plant set name_zh = repeat('郑', 60) || '集团有限公司', name_en = repeat('Very Long Works ', 20) where plant_code = 'P1';
update abate.monitor set name_zh = repeat('口', 60), name_en = repeat('stack ', 30) where monitor_code = 'S1';
select pg_temp.said('day') \g /dev/null
select ok((select bool_and(abate.sms_excess(body) <= 0 and body ~ '20[0-9]{2}-[0-9]{6}$') from pg_temp.message where who ~ '^138'), 'long names: short messages are short, with their number');
select ok((select body ~ '^新日均值超标:郑+\.\.二氧化硫81.5mg/m3,超标0.63倍。' and abate.sms_excess(body) = 0 from pg_temp.message where who = '13800000001'), 'the plant is cut, what was found is not');
select ok((select bool_and(octet_length(subject) < 700) from pg_temp.message), 'subjects are not endless');

update abate.plant set name_zh = E'{number}{lines}\r\nBcc: all@example.org\r\n\r\n{reason}' where plant_code = 'P1';
update abate.monitor set name_zh = E'<b>\u202e"{x}"</b>' where monitor_code = 'S1';
select pg_temp.said('early') \g /dev/null
select ok((select bool_and(subject !~ '[[:cntrl:]]' and subject ~ '\{number\}\{lines\} Bcc: all@example.org \{reason\}') from pg_temp.message where who = 'works1'), 'a name with line breaks and holes is a name');
select ok((select bool_and(body ~ '企业:\{number\}\{lines\} Bcc: all@example.org \{reason\}' and body ~ '点位:<b> "\{x\}"</b>') from pg_temp.message where who = 'works1'), 'in the body, too');
select ok((select bool_and(body !~ E'\r' and body !~ E'\nBcc') from pg_temp.message), 'no header is to be had by it');

-- several at once, other sets, and templates that are wrong
insert into abate.message_template (template_code, language, medium, kind, subject, body) values ('short', 'zh', 'mail', 'alert', '{plant_code}', 'only {plant_code} {step}{kind}');
select throws_ok($$insert into abate.message_template (language, medium, kind, rule, body) values ('zh', 'mail', 'alert', 'day', 'of {plnat}')$$, '23514', 'template: nothing fills "{plnat}"', 'a hole that nothing fills is refused');
select is_empty($$select h[1] from abate.message_template t, regexp_matches(t.body, '\{([a-z0-9_]+)\}', 'g') h where h[1] <> all (abate.template_values())$$, 'nor has what is shipped any');
update abate.route set template_code = 'short' where hears = 'plant' and channel_name = 'mail';
select pg_temp.said('early') \g /dev/null
select results_eq($$select subject, body from pg_temp.message where who = 'works1'$$, $$values ('P1', 'only P1 新')$$, 'a route with words of its own');
delete from abate.delivery_alert; delete from abate.delivery;
select pg_temp.breach('hour', 'S2', m, null, 60, m + 1) from generate_series(1, 25) m \g /dev/null
select pg_temp.prepare(3) \g /dev/null
select ok((select body ~ '另有[0-9]+件未列出' and regexp_count(body, 'stack 2') = 20 from pg_temp.message where who = 'works1'), 'of many alerts, twenty, and how many more');
select ok((select bool_and(jsonb_array_length(alert -> 'alerts') = 20 and (alert ->> 'count')::int >= 50) from abate.delivery where recipient ~ 'works1'), 'for programs, too');
delete from abate.message_template where medium = 'mail' and language = 'zh';
select pg_temp.said('early') \g /dev/null
select ok((select body ~ '^20[0-9]{2}-[0-9]+$' from pg_temp.message where who = 'works1'), 'no words at all: the number at least');

-- for programs: as what else a breach was told to the same one before
insert into abate.channel (channel_name, medium, group_interval, source) values ('one', 'hook', '0', 'story'), ('other', 'hook', '0', 'story');
insert into abate.route (ordinal, name, kinds, severities, hears, channel_name, source)
values (1, 'all', null, null, 'channel', 'one', 'story'), (1, 'what is grave', null, '{day,repeated}', 'channel', 'other', 'story');
create view pg_temp.program as select d.channel_name, a ->> 'severity' as severity, a -> 'earlier_severities' as earlier, a ->> 'kind' as kind
  from abate.delivery d cross join jsonb_array_elements(d.alert -> 'alerts') a where d.channel_name in ('one', 'other') and d.state = 'due' and a ->> 'rule' = 'hour' and a ->> 'breach_id' = current_setting('story.breach');
select set_config('story.breach', pg_temp.breach('hour', 'S1', 100)::text, false) \g /dev/null
select pg_temp.prepare(100) \g /dev/null
select results_eq('table pg_temp.program', $$values ('one', 'hour', null::jsonb, 'opened')$$, 'as none, at first');
create function pg_temp.grave(becomes text, minute float8) returns void language sql as $$
    update abate.delivery set state = 'sent', ended = now() where state = 'due';
    update abate.breach set severity = becomes where breach_id = current_setting('story.breach')::bigint;
    select pg_temp.prepare(minute) $$;
select pg_temp.grave('day', 101) \g /dev/null
select results_eq('select * from pg_temp.program order by 1', $$values ('one', 'day', '["hour"]'::jsonb, 'worse'), ('other', 'day', null, 'worse')$$, 'who heard of it before,');
select pg_temp.grave('repeated', 102) \g /dev/null
select results_eq('select * from pg_temp.program order by 1', $$values ('one', 'repeated', '["hour", "day"]'::jsonb, 'worse'), ('other', 'repeated', '["day"]', 'worse')$$, 'as each heard it,');
select pg_temp.over(current_setting('story.breach')::bigint, 103), pg_temp.grave('repeated', 103) \g /dev/null
select results_eq('select * from pg_temp.program order by 1', $$values ('one', 'repeated', '["hour", "day"]'::jsonb, 'closed'), ('other', 'repeated', '["day"]', 'closed')$$, 'to the end');
select * from finish();
rollback;
