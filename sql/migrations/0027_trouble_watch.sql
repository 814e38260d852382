-- abate's own troubles that last are reminded of; and those of a daemon that is not heard of any more are over in time.

set local role abate_owner;

drop function if exists abate.begin_trouble(text, text, text, timestamptz, text[], boolean);
drop function if exists abate.end_trouble(text, text, timestamptz, text[]);
alter table abate.trouble
    add remind_at timestamptz,
    add reminded int not null default 0,
    add seen timestamptz,
    add is_unwatched boolean not null default false;
update abate.trouble set seen = coalesce(ended, now());
alter table abate.trouble alter seen set not null;
comment on column abate.trouble.remind_at is
    'While it is open: when it is reminded of; null: nobody has been told yet, somebody has acknowledged it, or it was often enough (alert_policy for rule "trouble").';
comment on column abate.trouble.seen is 'When its daemon has said last that it lasts; it does so every few minutes.';
comment on column abate.trouble.is_unwatched is
    'It was ended because its daemon was not heard of any more: whether it was over nobody knows.';
update abate.trouble t set remind_at = now() + interval '4 hours' where t.ended is null;

insert into abate.alert_policy (severity, rule, remind_every, escalate_most, source)
values (null, 'trouble', '4 hours', 0, 'chosen: as often as of an hourly exceedance');
comment on column abate.alert_policy.rule is 'As in breach.rule, or "trouble": abate''s own; null: any. Likewise severity.';
insert into abate.threshold (threshold_code, medium, value, unit, meaning, source) values
    ('trouble_unwatched', null, 15, 'min', 'a trouble whose daemon has not said for so long that it lasts is over, and explains nothing any more', 'chosen');

alter table abate.alert drop constraint alert_kind_check;
alter table abate.alert add constraint alert_kind_check
    check (kind in ('opened', 'worse', 'closed', 'withdrawn', 'reminder', 'escalation', 'trouble', 'trouble_lasts', 'trouble_over',
                    'silence_begun', 'silence_over', 'stoppage_over', 'test'));
comment on column abate.alert.kind is
    'opened, worse, closed, withdrawn: that happened to the breach; reminder, escalation: it lasts and nobody has acknowledged it; trouble, trouble_lasts, trouble_over: abate''s own; silence_begun, silence_over: alerts are silenced, are not any more; stoppage_over: likewise; test.';
comment on column abate.alert.step is 'Of an escalation: the how manieth; of a reminder, or a trouble that lasts, likewise.';
update abate.route r set kinds = r.kinds || '{trouble_lasts}' where 'trouble' = any (r.kinds);
insert into abate.alert_word (place, code, needs, zh, en) values
    ('kind', 'trouble_lasts',     null, '系统故障未恢复',   'system trouble lasts'),
    ('kind', 'trouble_unwatched', null, '系统故障不再监视', 'system trouble is not watched any more');
insert into abate.message_template (template_code, language, medium, kind, rule, form, subject, body)
select t.template_code, t.language, t.medium, 'trouble_lasts', t.rule, t.form, t.subject, t.body
  from abate.message_template t
 where t.kind = 'trouble'
on conflict do nothing;
