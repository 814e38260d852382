-- abate's own troubles in the record: which way each monitor is heard by, so that what explains its silence can be told
-- from what does not; stops that silence; reasons in Chinese; links to acknowledge by.

set local role abate_owner;

-- ---- troubles

drop function if exists abate.begin_trouble(text, text, text, timestamptz);
drop function if exists abate.end_trouble(text, text, timestamptz);
alter table abate.trouble
    drop constraint trouble_trouble_check,
    add constraint trouble_named check (trouble ~ '^[a-z]+( [^[:cntrl:]]+)?$'),
    add told text[] not null default '{}',
    add told_over text[] not null default '{}';
comment on column abate.trouble.trouble is
    'Which: "database" (nothing could be stored), "broker NAME", "backlog" (the journal fills), "full", "end" (the daemon could not go on), "channel NAME".';
comment on column abate.trouble.told is
    'Whom the daemon has told of it by itself, without the database: "CHANNEL RECIPIENT". They are not told again. Likewise told_over, that it is over.';

alter table abate.alert drop constraint alert_outcome_check;
alter table abate.alert add constraint alert_outcome_check
    check (outcome in ('delivered', 'silenced', 'inhibited', 'expired', 'no route', 'nobody', 'untold', 'direct'));
comment on column abate.alert.outcome is
    'delivered: see delivery_alert; silenced, inhibited; expired: over long before it could be told; no route: none fits; nobody: the routes that fit lead to no contact with an address, or to channels that are off; untold: the end of what nobody was told of; direct: of a trouble, all who hear it have it from the daemon itself. Null: not yet taken up.';

alter table abate.touched_hour add journal_id smallint, add broker text;
comment on column abate.touched_hour.broker is 'The broker by which it came, as the journal''s daemon calls it; null: nothing came, it was asked for.';
create table abate.monitor_way (
    monitor_id int not null references abate.monitor on delete cascade,
    journal_id smallint not null references abate.journal_position,
    broker     text not null,
    heard      timestamptz not null,
    primary key (monitor_id, journal_id, broker)
);
comment on table abate.monitor_way is
    'By which daemon and broker each monitor is heard: what explains its silence. Made of touched_hour when its hours are judged; of an hour that came by two, the first.';
comment on column abate.monitor_way.heard is 'The last hour in which it was.';

alter table abate.inhibition
    drop constraint inhibition_scope_check,
    add constraint inhibition_scope_check check (scope in ('monitor', 'plant', 'way', 'all')),
    add lingers interval not null default '0' check (lingers >= '0');
comment on column abate.inhibition.scope is
    'Of the same monitor, of the same plant, or of all; way: of the monitors that are heard in no other way than by the daemon, or the broker, whose trouble it is (monitor_way).';
comment on column abate.inhibition.by_trouble is 'As in trouble.trouble, or its first word.';
comment on column abate.inhibition.lingers is 'How long beyond its end a trouble still explains them: until monitors have spoken again. Then what lasts is told.';
update abate.inhibition set by_trouble = 'backlog' where by_trouble = 'journal';
insert into abate.inhibition (by_trouble, rules, scope, source)
select 'full', i.rules, i.scope, i.source from abate.inhibition i where i.by_trouble = 'backlog';
insert into abate.inhibition (by_trouble, rules, scope, source) values
    ('end', '{silence}', 'way', 'chosen: a daemon that has ended hears nobody');
update abate.inhibition set scope = 'way', lingers = '15 minutes' where by_trouble is not null and source like 'chosen%';

insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('way_heard', null, 24, 'h', 'a way by which a monitor was heard so long before it was heard last is none any more', 'chosen'),
    ('ack_link',  null, 72, 'h', 'how long the link in a message acknowledges', 'chosen');

-- ---- stops

alter table abate.stoppage add told_over timestamptz;
comment on column abate.stoppage.told_over is 'When its end was noticed, and told; null: not yet.';
update abate.stoppage set told_over = now() where ends <= now();
create index stoppage_running on abate.stoppage (ends) where told_over is null;

create table abate.stoppage_silence (
    kind         text primary key check (kind in ('stopped', 'fault', 'maintenance')),
    rules        text[] not null,
    source       text not null check (source <> ''),
    source_date  date,
    confirmed_by text
);
comment on table abate.stoppage_silence is
    'Of which rules alerts are not told while a stop, a fault or maintenance that was reported (table stoppage) lasts at the plant or monitor. They are made and recorded; what lasts beyond its end is told then.';
insert into abate.stoppage_silence (kind, rules, source) values
    ('stopped',     '{silence,early,hour,day,difference}', 'chosen: stops and maintenance that were reported are exempt, as in public programs; work after a closing date is not'),
    ('maintenance', '{silence,early,hour,day,difference}', 'chosen: likewise'),
    ('fault',       '{silence,difference}',                'chosen: a fault of the analyser explains that it does not report; what it reports as valid counts');

alter table abate.alert add stoppage_id int references abate.stoppage on delete set null;
alter table abate.alert drop constraint alert_kind_check;
alter table abate.alert add constraint alert_kind_check
    check (kind in ('opened', 'worse', 'closed', 'withdrawn', 'reminder', 'escalation', 'trouble', 'trouble_over',
                    'silence_begun', 'silence_over', 'stoppage_over', 'test'));
create index on abate.alert (stoppage_id) where stoppage_id is not null;
insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
select v.ordinal, v.name, '{stoppage_over}', v.hears, c.channel_name, 'chosen: who has reported a stop hears that it counts no more'
  from (values (15, 'the enterprise hears that a stop is over', 'plant'),
               (85, 'the duty desk hears that a stop is over', 'duty')) v (ordinal, name, hears)
 cross join (values ('mail'), ('sms')) c (channel_name)
 where exists (select from abate.channel w where w.channel_name = c.channel_name);

-- ---- words

alter table abate.alert_word drop constraint alert_word_place_check;
alter table abate.alert_word add constraint alert_word_place_check
    check (place in ('kind', 'rule', 'period', 'phrase', 'trouble', 'stoppage', 'link'));
insert into abate.alert_word (place, code, needs, zh, en) values
    ('kind',     'stoppage_over', null, '停运结束',               'stop is over'),
    ('trouble',  'database',      null, '数据库无法写入',         'nothing could be stored in the database'),
    ('trouble',  'broker',        null, '与消息服务器的连接中断', 'a broker is not connected'),
    ('trouble',  'backlog',       null, '日志积压过多',           'the journal fills: much waits for the database'),
    ('trouble',  'full',          null, '日志或磁盘已满,停止接收', 'the journal or its disk is full, nothing is taken'),
    ('trouble',  'end',           null, '采集服务异常终止',       'the daemon could not go on'),
    ('trouble',  'channel',       null, '告警通道无法送达',       'a channel does not deliver'),
    ('stoppage', 'stopped',       null, '停产',                   'stopped'),
    ('stoppage', 'fault',         null, '设备故障',               'fault'),
    ('stoppage', 'maintenance',   null, '检修',                   'maintenance'),
    ('link',     'acknowledge',   null, '点此确认:{link}',        'acknowledge: {link}');

insert into abate.message_template (language, medium, kind, rule, form, subject, body)
select v.language, m.medium, v.kind, null, 1, case when m.medium <> 'sms' then v.subject end,
       case when m.medium = 'sms' then v.short else v.body end
  from (values
    ('zh', 'trouble', '[{number}] {kind}:{reason}', '{kind}:{reason}
编号:{number}
时间:{since}

查询:select * from abate.trouble
确认:abatectl alert ack {number}', '{kind}:{reason} {since_short}。{number}'),
    ('zh', 'trouble_over', '[{number}] {kind}:{reason}', '{kind}:{reason}
编号:{number}
时间:{since}{span}', '{kind}:{reason} {since_short}{span}。{number}'),
    ('en', 'trouble', '[{number}] {kind}: {reason}', '{kind}: {reason}
number: {number}
time: {since}

query: select * from abate.trouble
acknowledge: abatectl alert ack {number}', '{kind}: {reason} {since_short}. {number}'),
    ('en', 'trouble_over', '[{number}] {kind}: {reason}', '{kind}: {reason}
number: {number}
time: {since}{span}', '{kind}: {reason} {since_short}{span}. {number}'),
    ('zh', 'stoppage_over', '[{number}] {kind}:{plant}{pointed} {reason}', '{kind}:{reason}
编号:{number}
企业:{plant}({plant_code},{region})
点位:{point}({point_code})
时间:{since}{span}
此前的告警已记录,自此恢复发送', '{kind}:{plant}{pointed} {reason},恢复告警。{number}'),
    ('en', 'stoppage_over', '[{number}] {kind}: {plant}{pointed} {reason}', '{kind}: {reason}
number: {number}
plant: {plant} ({plant_code}, {region})
point: {point} ({point_code})
time: {since}{span}
alerts until then are on record, from now on they are told again', '{kind}: {plant}{pointed} {reason}, alerts are told again. {number}')
    ) v (language, kind, subject, body, short)
 cross join (values ('mail'), ('robot'), ('sms')) m (medium)
on conflict (template_code, language, medium, kind, rule, form)
do update set subject = excluded.subject, body = excluded.body;

-- Reasons are on record as they are found, in English; what they are in another language is said here, piece by piece.
create table abate.reason_phrase (
    language text not null default 'zh' check (language in ('zh')),
    ordinal  int not null,
    pattern  text not null check (pattern <> ''),
    said     text not null,
    primary key (language, ordinal)
);
comment on table abate.reason_phrase is
    'What the words of reasons are in another language: regular expressions, one after the other, and what is put for each (\1 is what its first brackets found). Words of persons within a reason stay as they are.';
insert into abate.reason_phrase (ordinal, pattern, said) values
    -- withdrawn
    (1010, '^judged again: ', '重新评判:'),
    (1020, 'the hour as made or reported later shows no difference', '后来计算或上报的小时值已无差异'),
    (1030, 'the closure ended before it: ', '关停在此之前已解除:'),
    (1040, 'the closure began after it: ', '关停在此之后才开始:'),
    (1050, 'a corrected reading says otherwise', '更正后的数据不再超限'),
    (1060, 'late or corrected means: nothing exceeds the limit any more', '迟到或更正的数据:已不超标'),
    (1070, 'late or corrected means: it is one with the breach before it', '迟到或更正的数据:与前一次超标合并'),
    (1080, 'late samples: it was not silent for so long', '迟到的数据:未离线这么久'),
    (1090, 'that day is judged by another version of the plan', '该日按方案的另一版本评判'),
    -- silence, activity, difference, limits of closures
    (2010, 'no message since ([0-9: -]+); after ([0-9.:]+) one is due', '自\1起无数据,超过\2即为离线'),
    (2020, 'found when the hour was judged: the reading came late, or before the closure was entered', '小时评判时发现:数据迟到,或早于关停登记'),
    (2030, 'the register began anew, and has counted since', '表计重新起算,此后仍有计量'),
    (2040, 'reported (\S+), but (\S+) by its minutes', '上报\1,由分钟数据计算为\2'),
    (2050, 'reported (\S+), but (\S+) converted by its oxygen', '上报\1,按含氧量折算为\2'),
    (2060, '(closed )?plant closed', '企业已关停'),
    (2070, '(closed )?line retired', '生产线已淘汰'),
    -- figures
    (3010, 'no baseline of (\S+) for ([0-9]+)', '缺少\2年\1基数'),
    (3020, 'the baseline of (\S+) for ([0-9]+) is 0', '\2年\1基数为0'),
    (3030, 'no figure of (\S+) for ([0-9-]+)', '缺少\2 \1数据'),
    (3040, 'no figure of (\S+) since ([0-9-]+)', '自\2起缺少\1数据'),
    (3050, 'no figure of (\S+)', '缺少\1数据'),
    (3060, 'the figure of (\S+) for ([0-9]+) is 0', '\2年\1数据为0'),
    (3070, ' \(meters of a part of it: ([^)]+)\)', '(部分表计:\1)'),
    (3080, 'fell by ([0-9.]+ %) from ([0-9]+) to ([0-9-]+), (-?[0-9.]+ %) wanted', '\2年至\3下降\1,要求下降\4'),
    (3090, 'rose by ([0-9.]+ %) from ([0-9]+) to ([0-9-]+), (-?[0-9.]+ %) wanted', '\2年至\3上升\1,要求下降\4'),
    (3100, '(-?[0-9.]+(?: %)?) by ([0-9-]+), at most (-?[0-9.]+(?: %)?) wanted', '截至\2为\1,要求不高于\3'),
    (3110, '(-?[0-9.]+(?: %)?) by ([0-9-]+), at least (-?[0-9.]+(?: %)?) wanted', '截至\2为\1,要求不低于\3'),
    (3120, ' in the end and (-?[0-9.]+(?: %)?) by then', '(期末),届时应为\1'),
    (3130, 'the plan names no number', '方案未列数值'),
    (3140, 'no indicator is named for it', '未指定指标'),
    -- what has to be closed, is new, or forbidden
    (4010, 'closed on ([0-9-]+), and at work since ([0-9-]+)', '\1已关停,\2起又在生产'),
    (4020, 'closed on ([0-9-]+), at work until ([0-9-]+)', '\1已关停,生产至\2'),
    (4030, 'closed on ([0-9-]+)', '\1已关停'),
    (4040, 'not closed, and no date is named', '未关停,未定期限'),
    (4050, 'no record that it was closed by ([0-9-]+)', '无\1前关停的记录'),
    (4060, 'not closed, due by ([0-9-]+)', '未关停,期限\1'),
    (4070, 'in use, and its size is not known', '在用,规模不详'),
    (4080, 'none of the ([0-9]+) lines of the kind in the register is meant', '登记的\1条同类生产线均不在范围内'),
    (4090, 'the register has no line of the kind', '登记中无此类生产线'),
    (4100, 'the register has none of those that have to be closed', '登记中无应关停对象'),
    (4110, 'the register has none of those it has to cover', '登记中无应覆盖对象'),
    (4120, 'the register has none of the plants it is about', '登记中无所涉企业'),
    (4130, 'new on ([0-9-]+), its size is not known', '\1新增,规模不详'),
    (4140, 'new on ([0-9-]+)', '\1新增'),
    (4150, 'entered in the register on ([0-9-]+): whether it is new, nobody has said', '\1登记,是否新增未经认定'),
    (4160, 'first heard of on ([0-9-]+)', '\1首次有数据'),
    (4170, 'nothing new is known, and a person has judged it on ([0-9-]+)', '未发现新增,\1已经人工认定'),
    (4180, 'nothing new is known, but nobody has judged it in ([0-9]+)', '未发现新增,\1年尚无人工认定'),
    -- what persons judge: their words stay
    (5010, 'not kept, says (.+?) on ([0-9-]+): without evidence', '未履行(\1于\2认定,无证据)'),
    (5020, 'not kept, says (.+?) on ([0-9-]+): ', '未履行(\1于\2认定):'),
    (5030, '\mkept, says (.+?) on ([0-9-]+): ', '已履行(\1于\2认定):'),
    (5040, 'a duty in words: nobody has judged it with evidence', '文字任务:尚无人凭证据认定'),
    (5050, 'a duty in words: judged for ([0-9]+) alone, not as a whole', '文字任务:仅对\1个对象作出认定'),
    -- what is done by a date
    (6010, 'begun on ([0-9-]+), but no record that it was done by ([0-9-]+)', '\1已启动,无\2前完成的记录'),
    (6020, 'no record that it was done by ([0-9-]+)', '无\1前完成的记录'),
    (6030, 'had to begin by ([0-9-]+), and nothing says that it has', '应于\1前启动,无启动记录'),
    (6040, 'nothing is on record, and no date is named', '无记录,未定期限'),
    (6050, 'done on ([0-9-]+), was due by ([0-9-]+)', '\1完成,期限为\2'),
    (6060, 'done on ([0-9-]+), due by ([0-9-]+)', '\1完成,期限\2'),
    (6070, 'done on ([0-9-]+)', '\1完成'),
    (6080, 'begun on ([0-9-]+), due by ([0-9-]+)', '\1已启动,期限\2'),
    (6090, 'begun on ([0-9-]+), no date is named', '\1已启动,未定期限'),
    (6100, 'not done yet, due by ([0-9-]+)', '尚未完成,期限\1'),
    (6110, 'not done yet, no date is named', '尚未完成,未定期限'),
    (6120, 'no report is due yet', '尚无到期的报告'),
    (6130, 'no report on ', '未报送月份:'),
    (6140, 'the last report came late, on ([0-9-]+)', '最近一次报送逾期,于\1'),
    (6150, 'reported on all ([0-9]+) months, the last one in time', '\1个月均已报送,最近一次按时'),
    (6160, 'nobody is named who has to report', '未指定报送单位'),
    -- means within limits, and data that are valid
    (7010, '([0-9]+) of ([0-9]+) hours past the unconfirmed limit', '\2个小时中\1个超过未确认的限值'),
    (7020, '([0-9]+) of ([0-9]+) hours past the limit', '\2个小时中\1个超标'),
    (7030, '([0-9]+) of ([0-9]+) days past the unconfirmed limit', '\2天中\1天超过未确认的限值'),
    (7040, '([0-9]+) of ([0-9]+) days past the limit', '\2天中\1天超标'),
    (7050, 'no monitor of it has a limit', '其监测点无限值'),
    (7060, 'no monitor of the subjects has a limit', '所涉监测点均无限值'),
    (7070, 'no valid means of ', '无有效均值:'),
    (7080, 'within its limits', '未超标'),
    (7090, ' \(nobody has confirmed ([0-9]+) of the ([0-9]+) limits\)', '(\2项限值中\1项未经确认)'),
    (7100, 'sends no valid data: it has no monitor', '无有效数据:未安装监测设备'),
    (7110, 'no monitor of it has to report', '其监测点无报送义务'),
    (7120, 'nothing was due in ([0-9-]+)', '\1无应报数据'),
    (7130, '([0-9-]+): all ([0-9]+) monitors pass', '\1:\2个监测点均合格'),
    -- how many of them, and which not
    (8010, '([0-9]+) of ([0-9]+) send validly', '\2个中\1个有效传输'),
    (8020, '([0-9]+) of ([0-9]+) comply', '\2个中\1个达标'),
    (8030, '([0-9]+) of ([0-9]+) closed', '\2个中\1个已关停'),
    (8040, '([0-9]+) of ([0-9]+) out of use', '\2个中\1个已停用'),
    (8050, '([0-9]+) of ([0-9]+) have it', '\2个中\1个已具备'),
    (8060, '([0-9]+) of ([0-9]+) have reported on every month', '\2个中\1个逐月报送'),
    (8070, '([0-9]+) of ([0-9]+) keep it', '\2个中\1个履行'),
    (8080, '([0-9]+) of ([0-9]+) done', '\2个中\1个完成'),
    (8090, 'nothing is left to ask for', '已无应履行对象'),
    (8100, '; missed: ', ';未完成:'),
    (8110, '; overdue: ', ';逾期:'),
    (8120, '; behind: ', ';滞后:'),
    (8130, '; unknown: ', ';不详:'),
    (8140, '; late: ', ';迟完成:'),
    (8150, '; closed, and left out: ', ';已关停不计:'),
    (8160, ' and ([0-9]+) more', '等另\1个');
