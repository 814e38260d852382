-- Messages whose time to gather is over get their words.

set local role abate_owner;

create or replace function abate.pick_templates(code text, language text, medium text, kind text, rule text,
                                                out subject text, out forms text[])
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
    with fitting as (
        select t.*, rank() over (order by t.template_code = pick_templates.code desc, t.kind = pick_templates.kind desc,
                                          t.rule is not null desc) as place
          from abate.message_template t
         where t.template_code in (pick_templates.code, 'standard') and t.language = pick_templates.language
           and t.medium = case pick_templates.medium when 'hook' then 'robot' else pick_templates.medium end
           and (t.kind = pick_templates.kind
                or t.kind = 'alert' and pick_templates.kind not in ('many', 'digest', 'line', 'rest', 'test'))
           and (t.rule is null or t.rule = pick_templates.rule)
    )
    select min(f.subject), array_agg(f.body order by f.form) into pick_templates.subject, pick_templates.forms
      from fitting f where f.place = 1;
end
$$;
comment on function abate.pick_templates is
    'The template that fits best, with its forms: of this set before "standard", for this kind before "alert", for this rule before any.';

create or replace function abate.lines_of(facts abate.alert_fact[], told abate.delivery, medium text, most int) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    lines text;
    form  text := (abate.pick_templates(told.template_code, told.language, medium, 'line', null)).forms[1];
begin
    for i in 1 .. least(cardinality(facts), most) loop
        lines := concat_ws(E'\n', lines, (abate.fill_line(form, abate.alert_values(facts[i], told.language))).filled);
    end loop;
    if cardinality(facts) > most then
        form := (abate.pick_templates(told.template_code, told.language, medium, 'rest', null)).forms[1];
        lines := concat_ws(E'\n', lines,
                           (abate.fill_line(form, jsonb_build_object('rest', cardinality(facts) - most))).filled);
    end if;
    return lines;
end
$$;
comment on function abate.lines_of is 'A line for each alert, and one for how many are not listed.';

create or replace function abate.earlier_severities(fact abate.alert_fact, told abate.delivery) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    return coalesce((select jsonb_build_object('earlier_severities', jsonb_agg(s.severity order by s.rank))
                       from (select distinct v.severity, v.rank
                               from abate.alert a
                               join abate.severity v on v.severity = a.severity
                               join abate.delivery_alert l on l.alert_id = a.alert_id
                               join abate.delivery d on d.delivery_id = l.delivery_id
                              where a.breach_id = fact.breach_id and a.severity <> fact.severity
                                and d.channel_name = told.channel_name and d.recipient = told.recipient
                                and d.delivery_id <> told.delivery_id and d.state in ('due', 'sending', 'sent')) s
                     having count(*) > 0), '{}');
end
$$;
comment on function abate.earlier_severities is
    'For programs that know an alert by its severity, too: as which else its breach was told to this recipient.';

-- Step by step, each by its key (offset 0): of a storm the planner knows nothing.
create or replace function abate.waits_for(told abate.delivery) returns bigint[]
language sql stable
return array(select d.delivery_id
               from (select distinct k.delivery_id
                       from abate.delivery_alert l
                      cross join lateral (select s.alert_id from abate.same_as(l.alert_id) s (alert_id) offset 0) o
                      cross join lateral (select m.delivery_id from abate.delivery_alert m where m.alert_id = o.alert_id offset 0) k
                      where l.delivery_id = told.delivery_id) n
               join abate.delivery d on d.delivery_id = n.delivery_id
              where d.state in ('due', 'sending') and d.channel_name = told.channel_name and d.recipient = told.recipient
              order by d.delivery_id);
comment on function abate.waits_for is
    'What has to be over before a message is sent: those to the same recipient by the same channel that tell of one of the same things, and got their words before.';

create or replace function abate.render(told abate.delivery, at timestamptz, out subject text, out body text, out alert jsonb,
                                        out status text, out alerts int, out folded int)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    way     constant abate.channel := (select c from abate.channel c where c.channel_name = told.channel_name);
    facts   abate.alert_fact[];
    plants  int;
    is_late boolean;
    kind    text;
    vals    jsonb;
    forms   text[];
begin
    -- Of each thing the last word that the recipient is told, also if another message has it; the gravest first.
    with ways as (
        select told.channel_name, told.recipient
         union
        select d.channel_name, d.recipient from abate.delivery d where d.delivery_id = told.fallback_of
    )
    select array_agg(f.fact order by (f.fact).is_resolved, (f.fact).rank desc, (f.fact).alert_id), sum(f.all_of),
           sum(f.folded_of), count(distinct (f.fact).plant_id), bool_or(f.is_late)
      into facts, alerts, folded, plants, is_late
      from (select distinct on (k.subject) n.fact, count(*) over same as all_of,
                   count(*) filter (where l.is_folded) over same as folded_of,
                   bool_or(l.is_folded and ((n.fact).closed is not null and render.at - (n.fact).at > w.late
                                            or render.at - (n.fact).made > w.late)) over same as is_late
              from abate.delivery_alert l
             cross join lateral (
                   select coalesce(max(o.alert_id), l.alert_id) as alert_id
                     from (select s.alert_id from abate.same_as(l.alert_id) s (alert_id) where s.alert_id > l.alert_id offset 0) o
                    where exists (select from abate.delivery_alert m
                                    join abate.delivery d on d.delivery_id = m.delivery_id
                                    join ways w on w.channel_name = d.channel_name and w.recipient = d.recipient
                                   where m.alert_id = o.alert_id and (d.state <> 'gathering' or d.due <= render.at) offset 0)) h
             cross join lateral (select v as fact from abate.alert_fact v where v.alert_id = h.alert_id offset 0) n
             cross join lateral (select coalesce('breach ' || (n.fact).breach_id, 'trouble ' || (n.fact).trouble_id,
                                                 'alert ' || l.alert_id) as subject) k
             cross join (select abate.threshold('alert_late', null, render.at) * interval '1 hour' as late) w
             where l.delivery_id = told.delivery_id
            window same as (partition by k.subject)
             order by k.subject, h.alert_id desc) f;

    status := case when (facts[1]).is_resolved then 'resolved' else 'firing' end;
    kind := case when cardinality(facts) = 1 then (facts[1]).kind when plants > 1 then 'digest' else 'many' end;
    vals := abate.alert_values(facts[1], told.language)
        || jsonb_build_object('count', cardinality(facts), 'plants', plants,
                              'worst', coalesce(abate.word('rule', (facts[1]).rule, told.language),
                                                abate.word('kind', (facts[1]).kind, told.language)));
    if folded > 0 and told.about = 'digest' and not is_late then
        vals := vals || jsonb_build_object('folded', folded);
    end if;
    if is_late then
        vals := vals || jsonb_build_object('late', true);
    end if;
    vals := abate.with_phrases(vals, told.language);
    if cardinality(facts) > 1 and way.medium <> 'sms' then
        vals := vals || jsonb_build_object('lines', abate.lines_of(facts, told, way.medium, way.listed));
    end if;

    select t.subject, t.forms into subject, forms
      from abate.pick_templates(told.template_code, told.language, way.medium, kind, (facts[1]).rule) t;
    subject := nullif(abate.plain_text(left((abate.fill_line(subject, vals)).filled, 200)), '');
    body := case way.medium when 'sms' then abate.fit_sms(forms, vals) else abate.fill_template(forms[1], vals) end;
    subject := coalesce(subject, (facts[1]).number);
    body := coalesce(body, (facts[1]).number);
    alert := jsonb_build_object(
        'key', told.key, 'status', status, 'about', told.about, 'count', alerts, 'folded', folded, 'late', is_late,
        'subject', subject, 'text', body,
        'alerts', (select jsonb_agg(abate.alert_json(facts[g.n]) || case way.medium when 'hook' then abate.earlier_severities(facts[g.n], told)
                                                                     else '{}' end
                                     order by g.n)
                     from generate_series(1, case way.medium when 'hook' then cardinality(facts)
                                                             else least(cardinality(facts), way.listed) end) g (n)));
end
$$;
comment on function abate.render is
    'The words of a message: subject, body, and all it says as JSON. Of several alerts about one breach or trouble it has the last.';

create or replace function abate.render_deliveries(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    rendered int;
begin
    with channel as materialized (
        select c.channel_name, c.most, c.span, c.give_up_after,
               (select count(*) from abate.delivery o
                 where o.channel_name = c.channel_name and o.state <> 'gathering' and o.due > render_deliveries.at - c.span) as used
          from abate.channel c
    ),
    ready as materialized (
        select d.delivery_id, r.*, c.most, c.span, c.give_up_after, c.used,
               row_number() over (partition by d.channel_name order by d.due, d.delivery_id) as n
          from abate.delivery d
          join channel c on c.channel_name = d.channel_name
         cross join lateral abate.render(d, render_deliveries.at) r
         where d.state = 'gathering' and d.due <= render_deliveries.at
    ),
    timed as (
        select y.*, render_deliveries.at
                    + case when y.most is null then interval '0' else floor((y.used + y.n - 1) / y.most) * y.span end as turn
          from ready y
    )
    update abate.delivery d
       set state = 'due', waits_for = abate.waits_for(d), due = t.turn, next_try = t.turn, gives_up = t.turn + t.give_up_after, subject = t.subject,
           body = t.body, alert = t.alert, status = t.status, alerts = t.alerts, folded = t.folded
      from timed t
     where d.delivery_id = t.delivery_id;
    get diagnostics rendered = row_count;
    return rendered;
end
$$;
comment on function abate.render_deliveries is
    'Step of abate.prepare_alerts(): messages that have gathered for long enough get their words and are due; what is more than a channel is given at once (channel.most) has its turn later.';
