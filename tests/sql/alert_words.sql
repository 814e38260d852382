-- Reasons in Chinese: whatever is found, in words of the reader's language; codes, numbers and units stay.
begin;
select plan(42);
\ir plant.psql
\ir alert.psql
update abate.channel set group_interval = '0', most_each = null;

-- what the functions say, and what is made of it
create temporary table heard (n int generated always as identity, reason text);
select is(abate.say(t.reason, 'zh'), t.said, t.reason) from (values
    ('no message since 2020-11-02 08:00; after 02:00:00 one is due', '自2020-11-02 08:00起无数据,超过02:00:00即为离线'),
    ('found when the hour was judged: the reading came late, or before the closure was entered', '小时评判时发现:数据迟到,或早于关停登记'),
    ('the register began anew, and has counted since', '表计重新起算,此后仍有计量'),
    ('reported 12.5, but 11.25 by its minutes', '上报12.5,由分钟数据计算为11.25'),
    ('reported 12.5, but 1e-07 converted by its oxygen', '上报12.5,按含氧量折算为1e-07'),
    ('closed plant closed', '企业已关停'), ('zz C-3 line retired', 'zz C-3 生产线已淘汰'),
    ('P1: done on 2019-05-20, was due by 2019-03-31', 'P1: 2019-05-20完成,期限为2019-03-31'),
    ('11 of 12 have it; overdue: dengfeng; late: zhongmou', '12个中11个已具备;逾期:dengfeng;迟完成:zhongmou'),
    ('2 of 9 closed; overdue: P1, P2 kiln-2, P3, P4, P5 and 2 more; closed, and left out: P9', '9个中2个已关停;逾期:P1, P2 kiln-2, P3, P4, P5等另2个;已关停不计:P9'),
    ('P1: S1 a21026: 3 of 700 hours past the unconfirmed limit, S2 a21002: 1 of 30 days past the limit (nobody has confirmed 2 of the 4 limits)',
     'P1: S1 a21026: 700个小时中3个超过未确认的限值, S2 a21002: 30天中1天超标(4项限值中2项未经确认)'),
    ('3 of 4 send validly; overdue: P1', '4个中3个有效传输;逾期:P1'), ('P1: 2020-10: S1 71.2 %, S2 3 %', 'P1: 2020-10: S1 71.2 %, S2 3 %'),
    ('fell by 22.46 % from 2015 to 2020-12-31, 25 % wanted', '2015年至2020-12-31下降22.46 %,要求下降25 %'),
    ('rose by 2 % from 2015 to 2018-12-31, 25 % wanted in the end and 10 % by then', '2015年至2018-12-31上升2 %,要求下降25 %(期末),届时应为10 %'),
    ('80 by 2020-12-31, at least 120 wanted', '截至2020-12-31为80,要求不低于120'), ('62.5 % by 2019-12-31, at most 60 % wanted', '截至2019-12-31为62.5 %,要求不高于60 %'),
    ('no figure of energy_total for 2019 (meters of a part of it: 1200.5)', '缺少2019 energy_total数据(部分表计:1200.5)'), ('no baseline of energy_total for 2015', '缺少2015年energy_total基数'),
    ('gx: no report on 2020-01, 2020-02, 2020-03, 2020-04, 2020-05 and 3 more', 'gx: 未报送月份:2020-01, 2020-02, 2020-03, 2020-04, 2020-05等另3个'),
    ('not kept, says Li Lei on 2020-03-01: the kiln is hot', '未履行(Li Lei于2020-03-01认定):the kiln is hot'), ('P1 new on 2020-03-01, P2 kiln-2 not kept, says 李 on 2020-03-02: without evidence', 'P1 2020-03-01新增, P2 kiln-2 未履行(李于2020-03-02认定,无证据)'),
    ('judged again: P1: done on 2019-03-20, due by 2019-03-31', '重新评判:P1: 2019-03-20完成,期限2019-03-31'), ('the closure began after it: 2020-01-01 00:00Z', '关停在此之后才开始:2020-01-01 00:00Z'),
    ('我们自己的话', '我们自己的话'), ('', '')) t (reason, said);
select is(abate.say('no message', 'en'), 'no message', 'in English as it is found');
select is(abate.say(null, 'zh'), null, 'nothing');

-- all that the verdicts can say of dates, closures and figures, by the functions that say it
insert into heard (reason)
select abate.milestone_reason(v, d, '2019-03-31', b, s) from unnest(array['met', 'met_late', 'overdue', 'behind', 'on_track', 'unknown']) v, unnest(array['2019-03-20', null]::date[]) d, unnest(array['2019-01-01', null]::date[]) b, unnest(array['2019-02-01', null]::date[]) s
union select abate.milestone_reason(v, '2019-03-20', null, b, null) from unnest(array['met', 'on_track', 'unknown']) v, unnest(array['2019-01-01', null]::date[]) b
union select abate.closing_subject('{}', '2019-01-01', u, '2020-01-01', null, c, a, w, s) ->> 'reason'
  from unnest(array['2019-12-31', '2020-12-31', null]::date[]) u, unnest(array['2019-06-01', null]::date[]) c, unnest(array['2019-07-01', null]::date[]) a, unnest(array['2019-07-01', null]::date[]) w, unnest(array['2019-08-01', null]::date[]) s where c is not null or coalesce(a, w, s) is null
union select abate.figure_in_words(r, s, 2015, 0.25, a, '2019-12-31', p) from unnest(array['falls_by', 'at_most', 'at_least']) r, unnest(array[true, false]) s, unnest(array[-0.1, 0, 0.3]::float8[]) a, unnest(array[0.2, null]::float8[]) p
union select (abate.finding_of_subjects(jsonb_build_array('{"plant": "P1", "verdict": "met"}', '{"plant": "P2", "line": "kiln-2", "verdict": "overdue"}', '{"agency": "gx", "verdict": "missed"}', '{"plant": "P3", "verdict": "behind"}',
    '{"plant": "P4", "verdict": "unknown"}', '{"plant": "P5", "verdict": "met_late"}', '{"plant": "P6", "verdict": "closed"}')::jsonb, a)).reason from unnest(array['done', 'have it', 'closed', 'out of use', 'comply', 'send validly', 'keep it', 'have reported on every month']) a
union select (abate.finding_of_subjects('[{"plant": "P6", "verdict": "closed"}]', 'done')).reason;
-- and what others say in the same words always
insert into heard (reason) values ('not closed, and no date is named'), ('in use, and its size is not known'), ('none of the 3 lines of the kind in the register is meant'), ('the register has no line of the kind'), ('the register has none of those that have to be closed'),
    ('the register has none of those it has to cover'), ('the register has none of the plants it is about'), ('new on 2020-01-01, its size is not known'), ('entered in the register on 2020-01-01: whether it is new, nobody has said'), ('first heard of on 2020-01-01'),
    ('nothing new is known, and a person has judged it on 2020-01-01'), ('nothing new is known, but nobody has judged it in 2020'), ('a duty in words: nobody has judged it with evidence'), ('a duty in words: judged for 3 alone, not as a whole'),
    ('no report is due yet'), ('the last report came late, on 2020-01-01'), ('reported on all 12 months, the last one in time'), ('nobody is named who has to report'), ('no monitor of it has a limit'), ('no monitor of the subjects has a limit'),
    ('P1: no valid means of S1 a21026'), ('P1: within its limits'), ('P1: sends no valid data: it has no monitor'), ('no monitor of it has to report'), ('nothing was due in 2020-10'), ('2020-10: all 3 monitors pass'), ('the plan names no number'), ('no indicator is named for it'),
    ('the baseline of energy_total for 2015 is 0'), ('the figure of energy_total for 2015 is 0'), ('no figure of energy_total since 2019-01-01; 3 by 2019-12-31, at least 4 wanted'), ('no figure of energy_total'),
    ('the hour as made or reported later shows no difference'), ('the closure ended before it: 2020-01-01 00:00Z'), ('a corrected reading says otherwise'), ('late or corrected means: nothing exceeds the limit any more'), ('late or corrected means: it is one with the breach before it'),
    ('late samples: it was not silent for so long'), ('that day is judged by another version of the plan');
select cmp_ok((select count(*) from heard where reason is not null), '>', 80::bigint, 'many reasons');
select is_empty($$select reason, abate.say(reason, 'zh') from heard where regexp_replace(abate.say(reason, 'zh'), '(energy_total|kiln-2|a21026|gx|[SP][0-9]|Z$)', '', 'g') ~ '[A-Za-z]'$$, 'no English is left in any');

-- mails of every rule
create function pg_temp.english(mail text) returns text language sql return (
    select string_agg(w[1], ' ') from regexp_matches(regexp_replace(mail, '(?n)^(证据|查询|确认):.*$', '', 'g'), '[A-Za-z]{2,}[A-Za-z0-9_-]*', 'g') w where w[1] not in ('mg', 'stack', 'DB41', 'table', 'kgce', 'north', 'local', 'sms'));
create function pg_temp.mail(rule text, reason text, minute float8) returns text language plpgsql as $$
declare b bigint;
begin
    b := pg_temp.breach(rule, 'S1', minute, 'hour');
    update abate.breach n set reason = mail.reason where n.breach_id = b;
    update abate.alert a set reason = mail.reason where a.breach_id = b;
    perform pg_temp.prepare(minute + 1); perform pg_temp.send(minute + 1);
    perform pg_temp.over(b, minute + 2); perform pg_temp.prepare(minute + 3); perform pg_temp.send(minute + 3);
    return (select string_agg(d.subject || E'\n' || d.body, E'\n' order by d.delivery_id) from abate.delivery d where d.recipient ~ 'works1|duty' and d.begun >= pg_temp.at(minute));
end $$;
create temporary table mail as
select t.rule, pg_temp.mail(t.rule, t.reason, 1000 + 100 * t.n) as text from (values (1, 'early', null), (2, 'hour', null), (3, 'day', null), (4, 'activity', 'the register began anew, and has counted since'), (5, 'difference', 'reported 12.5, but 11 by its minutes'),
    (6, 'silence', 'no message since 2020-11-02 08:00; after 02:00:00 one is due'), (7, 'commitment', '11 of 12 have it; overdue: P1')) t (n, rule, reason);
select is(pg_temp.english(text), null, rule || ': a mail in Chinese') from mail;
select ok(text ~ '说明:自2020-11-02 08:00起无数据', 'with the reason') from mail where rule = 'silence';
select abate.begin_trouble('north', t || case t when 'broker' then ' local' when 'channel' then ' sms' else '' end, 'Connection refused', pg_temp.at(3000)) from unnest(array['database', 'broker', 'backlog', 'full', 'end', 'channel']) t \g /dev/null
select pg_temp.prepare(3001), pg_temp.send(3001) \g /dev/null
select abate.end_trouble('north', t || case t when 'broker' then ' local' when 'channel' then ' sms' else '' end, pg_temp.at(3100)) from unnest(array['database', 'broker', 'backlog', 'full', 'end', 'channel']) t \g /dev/null
select pg_temp.prepare(3101), pg_temp.send(3101) \g /dev/null
select is((select string_agg(pg_temp.english(replace(replace(subject || body, 'abate', ''), 'alert_list', '')), ' ') from abate.delivery where recipient ~ 'duty' and begun >= pg_temp.at(3000)), null, 'troubles of every kind, and that they are over');
select is((select count(*) from abate.delivery where recipient ~ 'duty' and begun >= pg_temp.at(3000)), 2::bigint, 'each in one message');
select abate.begin_trouble('north', 'broker local', 'Connection refused', pg_temp.at(4000)), pg_temp.prepare(4001) \g /dev/null
select is((select subject || E'\n' || body from abate.delivery where state = 'due'), format(E'[%1$s] 系统故障:与消息服务器的连接中断 local (north)\n系统故障:与消息服务器的连接中断 local (north)\n编号:%1$s\n时间:2020-11-05 02:40\n\n查询:select * from abate.trouble\n确认:abatectl alert ack %1$s', max(number)), 'one alone') from abate.alert where at = pg_temp.at(4000);
update abate.contact set language = 'en';
select pg_temp.send(4001), abate.end_trouble('north', 'broker local', pg_temp.at(4010)), abate.begin_trouble('north', 'full', 'no room', pg_temp.at(4011)), pg_temp.prepare(4012) \g /dev/null
select ok((select bool_or(body ~ 'system trouble: abate, .*the journal or its disk is full, nothing is taken \(north\): no room') from abate.delivery where state = 'due'), 'in English with what the system said');
select * from finish();
rollback;
