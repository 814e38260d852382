-- Alerts: what has to be told to people, whom, by which channel, and what keeps it from being too much.
--
-- Breaches that stand when this is applied are not told: only what happens to a breach from then on makes an alert.

set local role abate_owner;

create table abate.contact (
    contact_id    int generated always as identity primary key,
    name          text not null check (name ~ '[^[:space:]]'),
    language      text not null default 'zh' check (language in ('zh', 'en')),
    mail          text check (mail ~ '^[^@[:cntrl:][:space:]<>,;"]+@[^@[:cntrl:][:space:]<>,;"]+$'),
    phone         text check (phone ~ '^[+]?[0-9]{3,20}$'),
    plant_id      int references abate.plant,
    agency_code   text references abate.agency,
    hears_region  boolean,
    is_active     boolean not null default true,
    constraint one_side check (num_nonnulls(plant_id, agency_code) <= 1),
    constraint agency_hears_region check ((agency_code is not null) = (hears_region is not null))
);
comment on table abate.contact is
    'Persons and desks that alerts are sent to: of a plant, of an agency, or of neither: those are the duty desk that runs abate.';
comment on column abate.contact.language is 'In which it is told.';
comment on column abate.contact.phone is 'Digits, with + before a country code; spaces are not written.';
comment on column abate.contact.hears_region is
    'Of an agency: whether it is told what the plants of its agency''s region do (the ecology bureau of a county), or only what its agency itself answers for.';
comment on column abate.contact.is_active is 'False: nothing is sent any more; what was sent stays on record.';
create index on abate.contact (plant_id);
create index on abate.contact (agency_code);

create table abate.channel (
    channel_name   text primary key check (channel_name ~ '^[a-z0-9_-]+$'),
    medium         text not null check (medium in ('mail', 'sms', 'robot', 'hook')),
    is_on          boolean not null default true,
    language       text not null default 'zh' check (language in ('zh', 'en')),
    fallback       text references abate.channel check (fallback <> channel_name),
    group_wait     interval not null default '0' check (group_wait >= '0'),
    group_interval interval not null default '10 minutes' check (group_interval >= '0'),
    most_each      int check (most_each > 0),
    each_span      interval not null default '1 hour' check (each_span > '0'),
    most           int check (most > 0),
    span           interval not null default '1 minute' check (span > '0'),
    listed         int not null default 20 check (listed > 0),
    lease          interval not null default '2 minutes' check (lease > '0'),
    retry_first    interval not null default '10 seconds' check (retry_first > '0'),
    retry_growth   float8 not null default 2 check (retry_growth between 1 and 10),
    retry_most     interval not null default '5 minutes' check (retry_most > '0'),
    give_up_after  interval not null default '12 hours' check (give_up_after > '0'),
    source         text not null check (source <> ''),
    source_date    date,
    confirmed_by   text
);
comment on table abate.channel is
    'Ways to people and programs, with the policy of each. What a daemon needs to use one (server, secret) stands in its configuration, under the same name.';
comment on column abate.channel.medium is
    'mail and sms go to a contact''s address; robot (a chat) and hook (a program, a broker, an Alertmanager) to whoever is there.';
comment on column abate.channel.is_on is 'False: routes by it find nobody.';
comment on column abate.channel.language is 'Of what goes to no contact: robot, hook.';
comment on column abate.channel.fallback is 'The channel that takes over what this one could not deliver.';
comment on column abate.channel.group_wait is 'How long the first alert about a plant waits for others.';
comment on column abate.channel.group_interval is 'How long after a message the next one about the same plant comes at the earliest, with all there is by then.';
comment on column abate.channel.most_each is
    'Messages one recipient gets within each_span; what goes beyond is folded into one for all plants, with a count. Null: no such bound.';
comment on column abate.channel.most is 'Messages the channel is given within span; the others wait their turn. Null: no such bound.';
comment on column abate.channel.listed is 'Alerts that one message lists; of the others it says how many. A hook gets all.';
comment on column abate.channel.lease is 'How long a try may take before it counts as lost and is made again, with the same key.';
comment on column abate.channel.retry_first is 'Pause after the first try that failed; it grows by retry_growth up to retry_most.';
comment on column abate.channel.give_up_after is 'After so long a delivery is given up, and goes to the fallback.';
insert into abate.channel (channel_name, medium, is_on, group_wait, group_interval, most_each, most, give_up_after, source) values
    ('mail', 'mail', true,  '0',          '10 minutes', 20, 120, '12 hours', 'chosen'),
    ('sms',  'sms',  false, '10 seconds', '30 minutes', 6,  60,  '2 hours',  'chosen; merge window of 30 minutes as in public programs');
update abate.channel set fallback = 'mail' where channel_name = 'sms';

create table abate.alert_policy (
    policy_id      int generated always as identity primary key,
    severity       text references abate.severity,
    rule           text,
    remind_every   interval check (remind_every > '0'),
    remind_most    int check (remind_most > 0),
    escalate_after interval check (escalate_after > '0'),
    escalate_most  int not null default 0 check (escalate_most >= 0),
    tells_end      boolean not null default true,
    source         text not null check (source <> ''),
    source_date    date,
    confirmed_by   text,
    constraint policy_said_once unique nulls not distinct (severity, rule)
);
comment on table abate.alert_policy is
    'What is done about a breach that lasts and that nobody has acknowledged. The row for its rule and severity holds, else that for its rule, else that for its severity.';
comment on column abate.alert_policy.rule is 'As in breach.rule; null: any. Likewise severity.';
comment on column abate.alert_policy.remind_every is 'Null: never.';
comment on column abate.alert_policy.remind_most is 'So often; null: until it is acknowledged or over.';
comment on column abate.alert_policy.escalate_after is 'How long an acknowledgement is waited for, before each step up; null: for ever.';
comment on column abate.alert_policy.escalate_most is 'Steps up: routes say whom each reaches (route.step).';
comment on column abate.alert_policy.tells_end is 'Whether those who were told of it are told that it is over.';
insert into abate.alert_policy (severity, rule, remind_every, remind_most, escalate_after, escalate_most, source) values
    ('notice',   null, null,       null, null,       0, 'chosen: a soft target is shown, and raises no alarm'),
    ('warning',  null, '24 hours', 3,    null,       0, 'chosen'),
    ('hour',     null, '4 hours',  null, '24 hours', 1, 'chosen: an enterprise states the cause within about a day'),
    ('day',      null, '24 hours', null, '24 hours', 2, 'chosen'),
    ('repeated', null, '12 hours', null, '12 hours', 2, 'chosen'),
    (null, 'commitment', '7 days', null, '14 days',  1, 'chosen');

create table abate.worse_step (
    multiple float8 primary key check (multiple > 0 and multiple < 'Infinity'),
    source   text not null check (source <> '')
);
comment on table abate.worse_step is
    'A breach that passes such a multiple of its limit (value / limit - 1), or gets a higher severity, is told anew as worse.';
insert into abate.worse_step (multiple, source) values
    (0.2, 'levels at 1.2 and 1.5 times the limit in public programs'),
    (0.5, 'levels at 1.2 and 1.5 times the limit in public programs'),
    (2,   'chosen'),
    (10,  'chosen');

create table abate.route (
    route_id      int generated always as identity primary key,
    ordinal       int not null,
    name          text not null check (name <> ''),
    kinds         text[],
    rules         text[],
    severities    text[],
    step          int check (step > 0),
    region_code   text references abate.region,
    sector_code   text references abate.sector,
    plant_id      int references abate.plant,
    agency_code   text references abate.agency,
    weekdays      int[] check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
    from_time     time,
    to_time       time,
    utc_offset    interval not null default '8 hours',
    valid_from    timestamptz not null default '-infinity',
    valid_to      timestamptz not null default 'infinity',
    hears         text not null check (hears in ('plant', 'county', 'city', 'agency', 'duty', 'contact', 'channel')),
    contact_id    int references abate.contact,
    channel_name  text not null references abate.channel,
    template_code text not null default 'standard',
    stops         boolean not null default false,
    is_last       boolean not null default false,
    source        text not null check (source <> ''),
    source_date   date,
    confirmed_by  text,
    constraint contact_where_named check ((hears = 'contact') = (contact_id is not null)),
    constraint times_together check ((from_time is null) = (to_time is null)),
    constraint valid_some_time check (valid_from < valid_to)
);
comment on table abate.route is
    'Who hears what, by which channel: every row that an alert fits sends it on, in the order of ordinal. A matcher that is null fits all. A duty rota is rows with weekdays, times of day or dates.';
comment on column abate.route.kinds is 'As in alert.kind; of closed and withdrawn those are told who were told of the breach, whatever stands here.';
comment on column abate.route.rules is 'As in breach.rule.';
comment on column abate.route.step is 'Of an escalation: which step.';
comment on column abate.route.region_code is 'Plants in it, or in a part of it.';
comment on column abate.route.agency_code is 'What this agency itself answers for.';
comment on column abate.route.weekdays is '1 Monday to 7 Sunday, by a clock utc_offset ahead of UTC, when the message is made.';
comment on column abate.route.from_time is 'From then until before to_time; past midnight, if that is earlier.';
comment on column abate.route.hears is
    'plant: contacts of the plant; county, city: contacts with hears_region of agencies of the county (district, zone) or city it is in; agency: contacts of the agency the breach is of, or of those that lead or answer for the commitment; duty: contacts of neither; contact: this one; channel: whoever is at the other end of a robot or hook.';
comment on column abate.route.stops is 'Routes behind it are not asked.';
comment on column abate.route.is_last is 'Only for what no other route found a recipient for.';
insert into abate.route (ordinal, name, kinds, rules, severities, step, hears, channel_name, is_last, source)
select v.ordinal, v.name, v.kinds, v.rules, v.severities, v.step, v.hears, c.channel_name, v.is_last, v.source
  from (values
    (10, 'the enterprise hears of all that is found at it', '{opened,worse,reminder}'::text[],
         '{early,hour,day,activity,silence}'::text[], '{warning,hour,day,repeated}'::text[], null::int, 'plant', false,
         'practice of bureaus: a warning to the enterprise alone'),
    (20, 'the county hears of hourly exceedances', '{opened,worse,reminder}', '{hour,activity,silence}', '{hour}', null, 'county', false,
         'practice of bureaus: hourly, enterprise and county'),
    (30, 'the county hears of daily ones', '{opened,worse,reminder}', '{hour,day,activity,silence}', '{day,repeated}', null, 'county', false,
         'practice of bureaus: daily, county and city'),
    (40, 'the city hears of daily and repeated ones', '{opened,worse,reminder}', '{hour,day,activity,silence}', '{day,repeated}', null, 'city', false,
         'practice of bureaus: daily, county and city; repeated, escalated'),
    (50, 'the agency hears of commitments not kept', '{opened,worse,reminder}', '{commitment}', '{warning,hour,day,repeated}', null, 'agency', false,
         'chosen: who leads or answers for it by the plan'),
    (60, 'nobody answers: the county', '{escalation}', null, null, 1, 'county', false, 'chosen'),
    (70, 'nobody answers: the city', '{escalation}', null, null, null, 'city', false, 'chosen'),
    (80, 'the duty desk hears that nobody answers, and of abate itself',
         '{escalation,trouble,trouble_over,silence_begun,silence_over}', null, null, null, 'duty', false, 'chosen'),
    (90, 'the duty desk hears what nobody else could be told', null, null, '{warning,hour,day,repeated}', null, 'duty', true, 'chosen')
    ) v (ordinal, name, kinds, rules, severities, step, hears, is_last, source)
 cross join (values ('mail'), ('sms')) c (channel_name)
 order by v.ordinal, c.channel_name;

create table abate.silence (
    silence_id     int generated always as identity primary key,
    kind           text not null default 'silence' check (kind in ('silence', 'maintenance')),
    begins         timestamptz not null,
    ends           timestamptz not null check (isfinite(ends)),
    region_code    text references abate.region,
    plant_id       int references abate.plant,
    monitor_id     int references abate.monitor,
    parameter_code text references abate.parameter,
    rule           text,
    author         text not null check (author ~ '[^[:space:]]'),
    reason         text not null check (reason ~ '[^[:space:]]'),
    recorded_by    text not null default session_user,
    recorded       timestamptz not null default clock_timestamp(),
    told_over      timestamptz,
    constraint ends_after check (begins <= ends),
    constraint some_matcher check (num_nonnulls(region_code, plant_id, monitor_id, parameter_code, rule) > 0)
);
comment on table abate.silence is
    'Alerts that are not told for a time: of a plant, a monitor, a parameter, a rule, or what fits several of these. They are made and recorded all the same; what lasts beyond the end is told then.';
comment on column abate.silence.kind is 'maintenance: planned work.';
comment on column abate.silence.region_code is 'Plants in it, or in a part of it.';
comment on column abate.silence.rule is 'As in breach.rule: silence, for a monitor that does not report.';
comment on column abate.silence.told_over is 'When its end was noticed, and told; null: not yet.';
create index on abate.silence (ends);
create index silence_running on abate.silence (ends) where told_over is null;

create table abate.trouble (
    trouble_id int generated always as identity primary key,
    instance   text not null,
    trouble    text not null check (trouble ~ '^[a-z0-9_:. -]+$'),
    reason     text not null,
    begun      timestamptz not null,
    ended      timestamptz,
    constraint ended_after check (ended >= begun)
);
comment on table abate.trouble is
    'abate''s own troubles: a broker away, a journal that fills, a channel that does not deliver. One row from beginning to end, and one alert for each.';
comment on column abate.trouble.instance is 'Whose: the name of the daemon''s instance; "" for all.';
comment on column abate.trouble.trouble is 'Which: "broker", "journal", "database", "channel sms" ...';
create unique index trouble_open on abate.trouble (instance, trouble) where ended is null;

create table abate.inhibition (
    inhibition_id int generated always as identity primary key,
    by_rule       text,
    by_trouble    text,
    rules         text[] not null,
    scope         text not null check (scope in ('monitor', 'plant', 'all')),
    source        text not null check (source <> ''),
    source_date   date,
    confirmed_by  text,
    constraint one_cause check (num_nonnulls(by_rule, by_trouble) = 1)
);
comment on table abate.inhibition is
    'While there is an open breach of one rule, or a trouble of abate itself, breaches of these rules are not told: the one explains the others.';
comment on column abate.inhibition.scope is 'Of the same monitor, of the same plant, or of all.';
insert into abate.inhibition (by_rule, by_trouble, rules, scope, source) values
    ('silence', null,       '{early,hour,day,difference}', 'monitor', 'chosen: a monitor that does not report says nothing of its limits'),
    (null,      'broker',   '{silence}',                   'all',     'chosen: where no message comes in, all monitors seem silent'),
    (null,      'database', '{silence}',                   'all',     'chosen'),
    (null,      'journal',  '{silence}',                   'all',     'chosen');

insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('alert_late',    null, 2,  'h', 'after so long news of what is over, or that could not be told, goes into one message for all plants, marked as late', 'chosen'),
    ('alert_expires', null, 72, 'h', 'after so long news of what is over is not told any more, and marked as expired', 'chosen');

create table abate.alert (
    alert_id      bigint generated always as identity primary key,
    year          smallint not null,
    number        text not null generated always as
        (year::text || '-' || lpad(alert_id::text, greatest(6, length(alert_id::text)), '0')) stored unique,
    kind          text not null check (kind in ('opened', 'worse', 'closed', 'withdrawn', 'reminder', 'escalation', 'trouble',
                                                'trouble_over', 'silence_begun', 'silence_over', 'test')),
    severity      text not null references abate.severity,
    rule          text,
    breach_id     bigint,
    trouble_id    int references abate.trouble,
    silence_id    int references abate.silence,
    plant_id      int,
    monitor_id    int,
    agency_code   text,
    at            timestamptz not null,
    value         float8,
    bound         float8,
    multiple      float8,
    count_30_days int,
    step          int,
    reason        text,
    made          timestamptz not null default clock_timestamp(),
    prepared      timestamptz,
    outcome       text check (outcome in ('delivered', 'silenced', 'inhibited', 'expired', 'no route', 'nobody', 'untold')),
    outcome_why   text,
    constraint outcome_of_prepared check (outcome is null or prepared is not null)
);
comment on table abate.alert is
    'One row for each thing that has to be told: what happened to a breach, made in the transaction in which it happened; and what abate has to say of itself. People ask the view alert_list.';
comment on column abate.alert.number is 'What people call it by, as in 2026-000123. The part behind the year does not begin anew: it is enough on the telephone.';
comment on column abate.alert.kind is
    'opened, worse, closed, withdrawn: that happened to the breach; reminder, escalation: it lasts and nobody has acknowledged it; trouble, trouble_over: abate''s own; silence_begun, silence_over: alerts are silenced, are not any more; test.';
comment on column abate.alert.rule is 'Of the breach.';
comment on column abate.alert.breach_id is 'Not a foreign key: the alerts of a breach that somebody deletes stay; abate.change has its row.';
comment on column abate.alert.at is 'Since when it could be known: a mean when its hour or day was over.';
comment on column abate.alert.value is 'The worst value, as it was when this was made; likewise the bound, the multiple (value / bound - 1) and how often in 30 days.';
comment on column abate.alert.step is 'Of an escalation: the how manieth; of a reminder likewise.';
comment on column abate.alert.prepared is 'When abate.prepare_alerts() took it up.';
comment on column abate.alert.outcome is
    'delivered: see delivery_alert; silenced, inhibited; expired: over long before it could be told; no route: none fits; nobody: the routes that fit lead to no contact with an address, or to channels that are off; untold: the end of what nobody was told of. Null: not yet taken up.';
create index on abate.alert (breach_id);
create index on abate.alert (plant_id, alert_id);
create index on abate.alert (trouble_id) where trouble_id is not null;
create index on abate.alert (silence_id) where silence_id is not null;
create index alert_waiting on abate.alert (alert_id) where outcome is null;

create table abate.acknowledgement (
    acknowledgement_id bigint generated always as identity primary key,
    alert_id           bigint not null references abate.alert,
    breach_id          bigint,
    who                text not null check (who ~ '[^[:space:]]'),
    note               text,
    at                 timestamptz not null,
    recorded_by        text not null default session_user
);
comment on table abate.acknowledgement is
    'Somebody has said that he sees to it: no reminder and no escalation any more, unless it gets worse. Made by abate.acknowledge() alone.';
create index on abate.acknowledgement (alert_id);
create index on abate.acknowledgement (breach_id);

create table abate.pursuit (
    breach_id   bigint primary key references abate.breach on delete cascade,
    remind_at   timestamptz,
    reminded    int not null default 0,
    escalate_at timestamptz,
    step        int not null default 0,
    due         timestamptz not null generated always as (least(remind_at, escalate_at)) stored
);
comment on table abate.pursuit is
    'Breaches that last and that nobody has acknowledged: when to remind of each, and when to go a step up. A state only; what was done is in alert.';
create index on abate.pursuit (due);
