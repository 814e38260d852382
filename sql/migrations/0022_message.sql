-- The words of messages: templates, and what codes are called in them.

set local role abate_owner;

create table abate.message_template (
    template_id   int generated always as identity primary key,
    template_code text not null default 'standard',
    language      text not null check (language in ('zh', 'en')),
    medium        text not null check (medium in ('mail', 'sms', 'robot')),
    kind          text not null,
    rule          text,
    form          int not null default 1 check (form > 0),
    subject       text,
    body          text not null,
    constraint template_said_once unique nulls not distinct (template_code, language, medium, kind, rule, form)
);
comment on table abate.message_template is
    'What messages say. {name} stands for a value, filled in once: what a value says is never read again. A line of a body whose values are all empty is left out. robot serves hooks, too.';
comment on column abate.message_template.template_code is 'As in route.template_code; what a set has not got is taken from "standard".';
comment on column abate.message_template.kind is
    'As in alert.kind, or "alert" for all of them; "many": several about one plant; "digest": of several plants; "line": one of those; "rest": how many are not listed.';
comment on column abate.message_template.rule is 'As in breach.rule; null: any.';
comment on column abate.message_template.form is 'Of sms: the first form that fits is taken; the last is cut to fit.';

create table abate.alert_word (
    place text not null check (place in ('kind', 'rule', 'period', 'phrase')),
    code  text not null,
    needs text,
    zh    text not null,
    en    text not null,
    primary key (place, code)
);
comment on table abate.alert_word is
    'What codes are called in messages; and phrases: parts of a sentence that are there if the value they need is.';
comment on column abate.alert_word.needs is 'Of a phrase: the value without which it is empty.';
insert into abate.alert_word (place, code, needs, zh, en) values
    ('kind', 'opened',        null, '新',       'new'),
    ('kind', 'worse',         null, '加重',     'worse'),
    ('kind', 'closed',        null, '结束',     'over'),
    ('kind', 'withdrawn',     null, '撤销',     'withdrawn'),
    ('kind', 'reminder',      null, '催办',     'reminder'),
    ('kind', 'escalation',    null, '升级督办', 'escalation'),
    ('kind', 'trouble',       null, '系统故障', 'system trouble'),
    ('kind', 'trouble_over',  null, '系统恢复', 'system recovered'),
    ('kind', 'silence_begun', null, '静默开始', 'silence begins'),
    ('kind', 'silence_over',  null, '静默结束', 'silence is over'),
    ('kind', 'test',          null, '测试',     'test'),
    ('rule', 'early',         null, '超限',       'limit'),
    ('rule', 'hour',          null, '小时值超标', 'hourly mean'),
    ('rule', 'day',           null, '日均值超标', 'daily mean'),
    ('rule', 'activity',      null, '关停后生产', 'activity after closing'),
    ('rule', 'difference',    null, '数据不一致', 'difference'),
    ('rule', 'silence',       null, '离线',       'no reports'),
    ('rule', 'commitment',    null, '任务未完成', 'commitment not kept'),
    ('period', 'realtime',    null, '实时值', 'real-time value'),
    ('period', 'minute',      null, '分钟值', 'minute value'),
    ('period', 'hour',        null, '小时值', 'hourly mean'),
    ('period', 'day',         null, '日均值', 'daily mean'),
    ('phrase', 'reading',   'value',     '{parameter}{value}{unit}',   '{parameter} {value} {unit}'),
    ('phrase', 'bounded',   'limit',     ',限值{limit}',             ', limit {limit}'),
    ('phrase', 'excess',    'multiple',  ',超标{multiple}倍',        ', {multiple} times over'),
    ('phrase', 'often',     'count_30d', ',近30日{count_30d}次',     ', {count_30d} in 30 days'),
    ('phrase', 'pointed',   'point',     ' {point}',                   ' {point}'),
    ('phrase', 'span',      'until',     '至{until}',                  ' to {until}'),
    ('phrase', 'why',       'reason',    ':{reason}',                 ': {reason}'),
    ('phrase', 'late_mark', 'late',      '[迟报]',                     '[late] '),
    ('phrase', 'fold_mark', 'folded',    ',其中{folded}件因发送限额合并', ', {folded} of them folded by the rate limit');

insert into abate.message_template (language, medium, kind, rule, form, subject, body) values
    ('zh', 'mail', 'alert', null, 1, '[{number}] {late_mark}{kind} {subject_of}{rule} {reading}{excess}',
'{kind}:{rule}({severity})
编号:{number}
企业:{plant}({plant_code},{region})
点位:{point}({point_code})
单位:{agency}
任务:{commitment}
因子:{parameter}({period})
时间:{since}{span}
数值:{value} {unit}
限值:{limit} {unit}
超标倍数:{multiple}
近30日累计:{count_30d}次
依据:{clause}
说明:{reason}

证据:{evidence}
查询:{query}
确认:abatectl alert ack {number}'),
    ('zh', 'mail', 'many', null, 1, '[{number}] {late_mark}{subject_of}{count}件:{worst}',
'{subject_of}({region}):{count}件{fold_mark}

{lines}

确认:abatectl alert ack {number}'),
    ('zh', 'mail', 'digest', null, 1, '[{number}] {late_mark}{plants}家企业{count}件:{worst}',
'{plants}家企业共{count}件{fold_mark}

{lines}'),
    ('zh', 'mail', 'line', null, 1, null, '{number} {kind} {subject_of}{pointed} {since}{span} {rule} {reading}{bounded}{excess}{often}{why}'),
    ('zh', 'mail', 'rest', null, 1, null, '另有{rest}件未列出,见 abate.alert_list'),
    ('zh', 'mail', 'test', null, 1, '[{number}] 测试', '这是一条测试消息。
编号:{number}
{reason}'),

    ('en', 'mail', 'alert', null, 1, '[{number}] {late_mark}{kind}: {subject_of} {rule} {reading}{excess}',
'{kind}: {rule} ({severity})
number: {number}
plant: {plant} ({plant_code}, {region})
point: {point} ({point_code})
agency: {agency}
commitment: {commitment}
parameter: {parameter} ({period})
time: {since}{span}
value: {value} {unit}
limit: {limit} {unit}
times over the limit: {multiple}
in the last 30 days: {count_30d}
by: {clause}
finding: {reason}

evidence: {evidence}
query: {query}
acknowledge: abatectl alert ack {number}'),
    ('en', 'mail', 'many', null, 1, '[{number}] {late_mark}{subject_of}: {count} alerts, {worst}',
'{subject_of} ({region}): {count} alerts{fold_mark}

{lines}

acknowledge: abatectl alert ack {number}'),
    ('en', 'mail', 'digest', null, 1, '[{number}] {late_mark}{plants} plants, {count} alerts: {worst}',
'{plants} plants, {count} alerts{fold_mark}

{lines}'),
    ('en', 'mail', 'line', null, 1, null, '{number} {kind}: {subject_of}{pointed}, {since}{span}: {rule} {reading}{bounded}{excess}{often}{why}'),
    ('en', 'mail', 'rest', null, 1, null, '{rest} more are not listed: see abate.alert_list'),
    ('en', 'mail', 'test', null, 1, '[{number}] test', 'This is a test.
number: {number}
{reason}'),

    ('zh', 'sms', 'alert', null, 1, null, '{kind}{rule}:{subject_of}{pointed} {since_short}{reading}{bounded}{excess}{often}。{number}'),
    ('zh', 'sms', 'alert', null, 2, null, '{kind}{rule}:{subject_of}{pointed} {since_short}{reading}{excess}。{number}'),
    ('zh', 'sms', 'alert', null, 3, null, '{kind}{rule}:{subject_of} {since_short}{reading}{excess}。{number}'),
    ('zh', 'sms', 'alert', null, 4, null, '{kind}{rule}:{subject_of}{reading}{excess}。{number}'),
    ('zh', 'sms', 'alert', 'commitment', 1, null, '{kind}{rule}:{subject_of} {commitment}。{number}'),
    ('zh', 'sms', 'trouble', null, 1, null, '{kind}:{reason}。{number}'),
    ('zh', 'sms', 'trouble_over', null, 1, null, '{kind}:{reason}。{number}'),
    ('zh', 'sms', 'silence_begun', null, 1, null, '{kind}:{plant} {reason}。{number}'),
    ('zh', 'sms', 'silence_over', null, 1, null, '{kind}:{plant} {reason}。{number}'),
    ('zh', 'sms', 'many', null, 1, null, '{late_mark}{subject_of}{count}件:{worst}{reading}{excess}{fold_mark}。{number}'),
    ('zh', 'sms', 'many', null, 2, null, '{late_mark}{subject_of}{count}件:{worst}{fold_mark}。{number}'),
    ('zh', 'sms', 'many', null, 3, null, '{late_mark}{subject_of}{count}件:{worst}。{number}'),
    ('zh', 'sms', 'digest', null, 1, null, '{late_mark}{plants}家企业{count}件:{worst},{subject_of}等{fold_mark}。{number}'),
    ('zh', 'sms', 'digest', null, 2, null, '{late_mark}{plants}家企业{count}件:{worst}。{number}'),
    ('zh', 'sms', 'test', null, 1, null, '测试消息。{number}'),

    ('en', 'sms', 'alert', null, 1, null, '{kind} {rule}: {subject_of}{pointed} {since_short} {reading}{bounded}{excess}{often}. {number}'),
    ('en', 'sms', 'alert', null, 2, null, '{kind} {rule}: {subject_of}{pointed} {since_short} {reading}{excess}. {number}'),
    ('en', 'sms', 'alert', null, 3, null, '{kind} {rule}: {subject_of} {since_short} {reading}{excess}. {number}'),
    ('en', 'sms', 'alert', null, 4, null, '{kind} {rule}: {subject_of} {reading}{excess}. {number}'),
    ('en', 'sms', 'alert', 'commitment', 1, null, '{kind} {rule}: {subject_of} {commitment}. {number}'),
    ('en', 'sms', 'trouble', null, 1, null, '{kind}: {reason}. {number}'),
    ('en', 'sms', 'trouble_over', null, 1, null, '{kind}: {reason}. {number}'),
    ('en', 'sms', 'silence_begun', null, 1, null, '{kind}: {plant} {reason}. {number}'),
    ('en', 'sms', 'silence_over', null, 1, null, '{kind}: {plant} {reason}. {number}'),
    ('en', 'sms', 'many', null, 1, null, '{late_mark}{subject_of}: {count} alerts, {worst} {reading}{excess}{fold_mark}. {number}'),
    ('en', 'sms', 'many', null, 2, null, '{late_mark}{subject_of}: {count} alerts, {worst}{fold_mark}. {number}'),
    ('en', 'sms', 'many', null, 3, null, '{late_mark}{subject_of}: {count} alerts, {worst}. {number}'),
    ('en', 'sms', 'digest', null, 1, null, '{late_mark}{plants} plants, {count} alerts: {worst}, {subject_of} ...{fold_mark}. {number}'),
    ('en', 'sms', 'digest', null, 2, null, '{late_mark}{plants} plants, {count} alerts: {worst}. {number}'),
    ('en', 'sms', 'test', null, 1, null, 'test. {number}');

-- A chat shows what a mail says.
insert into abate.message_template (template_code, language, medium, kind, rule, form, subject, body)
select t.template_code, t.language, 'robot', t.kind, t.rule, t.form, t.subject, t.body
  from abate.message_template t
 where t.medium = 'mail';

create index on abate.delivery (channel_name, due);
create index breach_rule_open on abate.breach (rule) where closed is null and withdrawn is null;
