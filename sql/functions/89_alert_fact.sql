-- What an alert says: as columns, as values for templates, as JSON for programs.

set local role abate_owner;

create or replace view abate.alert_fact as
select a.alert_id, a.number, a.kind, a.severity, s.rank, a.rule, a.at, a.made, a.step, a.reason, a.breach_id, a.trouble_id,
       a.silence_id, a.value, a.bound, a.multiple, a.count_30_days, coalesce(l.unit, x.unit) as unit,
       coalesce(l.period, f.period) as period, l.standard, l.clause as limit_clause,
       b.opened, b.closed, b.withdrawn, b.last_at, coalesce(m.utc_offset, abate.alert_offset()) as utc_offset,
       p.plant_code, p.name_zh as plant_zh, p.name_en as plant_en, p.region_code, r.name_zh as region_zh, r.name_en as region_en,
       m.monitor_code, m.name_zh as monitor_zh, m.name_en as monitor_en, q.parameter_code, q.name_zh as parameter_zh,
       q.name_en as parameter_en, g.agency_code, g.name_zh as agency_zh, g.name_en as agency_en, v.plan_code,
       v.version as plan_version, c.commitment_code, c.clause as plan_clause, c.quotation, c.name_en as commitment_en,
       s.name_zh as severity_zh, s.name_en as severity_en, a.plant_id, a.monitor_id,
       a.kind in ('closed', 'withdrawn', 'trouble_over', 'silence_over', 'stoppage_over', 'test') as is_resolved,
       t.instance, t.trouble, t.reason as trouble_reason, t.begun as trouble_begun, t.ended as trouble_ended,
       k.kind as stoppage, k.source as stoppage_source, k.begins as stoppage_begins, k.ends as stoppage_ends,
       nullif(t.is_unwatched, false) as trouble_unwatched
  from abate.alert a
  join abate.severity s on s.severity = a.severity
  left join abate.breach b on b.breach_id = a.breach_id
  left join abate.emission_limit l on l.limit_id = b.limit_id
  left join abate.series x on x.series_id = b.series_id
  left join abate.feed f on f.feed_id = x.feed_id
  left join abate.parameter q on q.parameter_code = coalesce(x.parameter_code, l.parameter_code)
  left join abate.monitor m on m.monitor_id = a.monitor_id
  left join abate.plant p on p.plant_id = a.plant_id
  left join abate.region r on r.region_code = p.region_code
  left join abate.agency g on g.agency_code = a.agency_code
  left join abate.commitment_version c on c.commitment_id = b.commitment_id
  left join abate.plan_version v on v.plan_version_id = c.plan_version_id
  left join abate.trouble t on t.trouble_id = a.trouble_id
  left join abate.stoppage k on k.stoppage_id = a.stoppage_id;
comment on view abate.alert_fact is 'All that can be said of each alert: the breach, whose it is, the limit or commitment.';

create or replace function abate.word(place text, code text, language text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return coalesce((select case word.language when 'zh' then w.zh else w.en end
                       from abate.alert_word w where w.place = word.place and w.code = word.code), code);
end
$$;
comment on function abate.word is 'What a code is called in messages (table alert_word); the code itself, if nothing is said.';

create or replace function abate.say(reason text, language text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    phrase record;
    said   text := reason;
begin
    for phrase in
        select p.pattern, p.said from abate.reason_phrase p where p.language = say.language order by p.ordinal
    loop
        exit when said !~ '[a-z]{2}';
        said := regexp_replace(said, phrase.pattern, phrase.said, 'g');
    end loop;
    return said;
end
$$;
comment on function abate.say is 'A reason in a language (table reason_phrase); what no phrase says stays as it is.';

create or replace function abate.with_phrases(vals jsonb, language text) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    return vals || coalesce(
        (select jsonb_object_agg(w.code, f.filled)
           from abate.alert_word w
          cross join lateral abate.fill_line(case with_phrases.language when 'zh' then w.zh else w.en end, vals) f
          where w.place = 'phrase' and nullif(vals ->> w.needs, '') is not null), '{}');
end
$$;
comment on function abate.with_phrases is 'Values, and the phrases (table alert_word) whose value is among them.';

create or replace function abate.alert_values(fact abate.alert_fact, language text) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    return (with named as (
        select case language when 'zh' then coalesce(fact.plant_zh, fact.plant_en, fact.plant_code)
                             else coalesce(fact.plant_en, fact.plant_zh, fact.plant_code) end as plant,
               case language when 'zh' then coalesce(fact.monitor_zh, fact.monitor_en, fact.monitor_code)
                             else coalesce(fact.monitor_en, fact.monitor_zh, fact.monitor_code) end as point,
               case language when 'zh' then coalesce(fact.region_zh, fact.region_en, fact.region_code)
                             else coalesce(fact.region_en, fact.region_zh, fact.region_code) end as region,
               case language when 'zh' then coalesce(fact.parameter_zh, fact.parameter_en, fact.parameter_code)
                             else coalesce(fact.parameter_en, fact.parameter_zh, fact.parameter_code) end as parameter,
               case language when 'zh' then coalesce(fact.agency_zh, fact.agency_en, fact.agency_code)
                             else coalesce(fact.agency_en, fact.agency_zh, fact.agency_code) end as agency,
               case language when 'zh' then coalesce(fact.quotation, fact.commitment_en)
                             else coalesce(fact.commitment_en, fact.quotation) end as commitment,
               fact.rule in ('early', 'hour', 'day', 'activity', 'difference') as is_measured,
               coalesce(fact.opened, fact.trouble_begun, fact.stoppage_begins, fact.at) as since,
               coalesce(fact.closed, case when fact.is_resolved then coalesce(fact.trouble_ended, fact.stoppage_ends) end) as until,
               case when fact.trouble is not null
                    then abate.trouble_text(fact.instance, fact.trouble, case when not fact.is_resolved then fact.trouble_reason end,
                                            language)
                    when fact.stoppage is not null
                    then abate.word('stoppage', fact.stoppage, language) || ': ' || fact.stoppage_source
                    when fact.breach_id is not null then abate.say(fact.reason, language)
                    else fact.reason end as reason,
               case fact.rule when 'day' then 'YYYY-MM-DD' when 'commitment' then 'YYYY-MM-DD' else 'YYYY-MM-DD HH24:MI' end
                   as pattern
    )
    select abate.with_phrases(jsonb_strip_nulls(jsonb_build_object(
        'number', fact.number, 'kind', abate.word('kind', case when fact.kind = 'trouble_over' and fact.trouble_unwatched then 'trouble_unwatched'
                                                           else fact.kind end, language),
        'severity', case language when 'zh' then fact.severity_zh else fact.severity_en end,
        'rule', abate.word('rule', fact.rule, language),
        'period', abate.word('period', fact.period, language),
        'plant', abate.plain_text(n.plant), 'plant_code', fact.plant_code, 'point', abate.plain_text(n.point),
        'point_code', fact.monitor_code, 'region', abate.plain_text(n.region), 'agency', abate.plain_text(n.agency),
        'commitment', abate.plain_text(fact.commitment_code || ' ' || n.commitment),
        'subject_of', coalesce(abate.plain_text(coalesce(n.plant, n.agency)),
                               case when fact.breach_id is null then 'abate' else abate.plain_text(fact.plan_code) end),
        'parameter', abate.plain_text(n.parameter),
        'value', case when n.is_measured then abate.number_text(fact.value) end,
        'limit', case when n.is_measured then abate.number_text(fact.bound) end,
        'unit', case when n.is_measured and fact.value is not null and fact.unit <> '1' then abate.plain_text(fact.unit) end,
        'multiple', case when fact.rule in ('early', 'hour', 'day') then abate.number_text(round(fact.multiple::numeric, 2)::float8) end,
        'count_30d', fact.count_30_days, 'step', fact.step,
        'since', abate.time_text(n.since, fact.utc_offset, n.pattern),
        'since_short', abate.time_text(n.since, fact.utc_offset, case when n.pattern ~ 'HH' then 'MM-DD HH24:MI' else 'MM-DD' end),
        'until', abate.time_text(n.until, fact.utc_offset, n.pattern),
        'at', abate.time_text(fact.at, fact.utc_offset, 'YYYY-MM-DD HH24:MI'),
        'clause', abate.plain_text(coalesce(abate.say(nullif(concat_ws(' ', fact.standard, fact.limit_clause), ''), language),
                                            concat_ws(' ', fact.plan_code, fact.commitment_code, fact.plan_clause))),
        'reason', abate.plain_text(n.reason),
        'evidence', case when fact.breach_id is not null then 'abatectl evidence ' || fact.breach_id end,
        'query', case when fact.breach_id is not null then 'select * from abate.breach_report where breach_id = ' || fact.breach_id end
        )), language)
      from named n);
end
$$;
comment on function abate.alert_values is
    'What an alert says, as the values of templates, in a language: each one line, without control characters.';

create or replace function abate.alert_json(fact abate.alert_fact) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
begin
    return jsonb_strip_nulls(to_jsonb(fact) - array['rank', 'plant_id', 'monitor_id', 'utc_offset', 'is_resolved', 'alert_id', 'trouble_reason'])
           || jsonb_build_object('status', case when fact.is_resolved then 'resolved' else 'firing' end);
end
$$;
comment on function abate.alert_json is 'What an alert says, for programs: the columns of alert_fact that say something, and whether it is over.';
