-- Templates are looked through when they are entered: a hole that nothing fills would be noticed by nobody.

set local role abate_owner;

create or replace function abate.template_values() returns text[]
language sql stable
return array['number', 'kind', 'severity', 'rule', 'period', 'plant', 'plant_code', 'point', 'point_code', 'region', 'agency',
             'commitment', 'subject_of', 'parameter', 'value', 'limit', 'unit', 'multiple', 'count_30d', 'step', 'since',
             'since_short', 'until', 'at', 'clause', 'reason', 'evidence', 'query', 'count', 'plants', 'worst', 'folded',
             'late', 'lines', 'rest']
       || array(select w.code from abate.alert_word w where w.place = 'phrase' order by w.code);
comment on function abate.template_values is 'The names that a template may have between braces: values of abate.alert_values() and abate.render(), and phrases.';

create or replace function abate.check_template() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    unknown text;
begin
    select h.hole[1] into unknown
      from regexp_matches(concat_ws(' ', new.subject, new.body), '\{([a-z0-9_]+)\}', 'g') h (hole)
     where h.hole[1] <> all (abate.template_values())
     limit 1;
    if unknown is not null then
        raise exception 'template: nothing fills "{%}"', unknown
            using errcode = 'check_violation',
                  hint = 'These are known: ' || array_to_string(abate.template_values(), ', ') || '.';
    end if;
    return new;
end
$$;
comment on function abate.check_template is 'Trigger: refuses a template with a hole that nothing fills.';

create or replace trigger check_template before insert or update on abate.message_template
    for each row execute function abate.check_template();
