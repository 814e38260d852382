-- Who changed what: every row of the register, the limits and the plan, as it was and as it became.

set local role abate_owner;

create or replace function abate.record_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    is_ constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
    if was = is_ then
        return null;
    end if;
    insert into abate.change (table_name, operation, row_key, old, new)
    values (tg_table_name, lower(tg_op),
            (select string_agg(coalesce(coalesce(is_, was) ->> k.name, ''), ',' order by k.place)
               from unnest(tg_argv) with ordinality k (name, place)),
            was, is_);
    return null;
end
$$;
comment on function abate.record_change is
    'Trigger: writes the row as it was and as it is to abate.change, with who did it. Its arguments are the columns of the key.';

-- Not: what comes in numbers (samples, means, exceedances, verdicts), and what says itself who and when.
do $$
declare
    watched record;
begin
    for watched in
        select t.name, t.key, t.event
          from (values
            ('region', 'region_code', 'insert or update or delete'),
            ('agency', 'agency_code', 'insert or update or delete'),
            ('sector', 'sector_code', 'insert or update or delete'),
            ('sector_group', 'group_code', 'insert or update or delete'),
            ('sector_group_member', 'group_code,sector_code', 'insert or update or delete'),
            ('park', 'park_code', 'insert or update or delete'),
            ('plant', 'plant_id', 'insert or update or delete'),
            ('line_kind', 'line_kind', 'insert or update or delete'),
            ('line', 'line_id', 'insert or update or delete'),
            ('monitor', 'monitor_id', 'insert or update or delete'),
            ('feed', 'feed_id', 'insert or update or delete'),
            ('series', 'series_id', 'insert or update or delete'),
            ('parameter', 'parameter_code', 'insert or update or delete'),
            ('parameter_alias', 'alias,parameter_code', 'insert or update or delete'),
            ('mark', 'mark', 'insert or update or delete'),
            ('meter', 'series_id', 'insert or update or delete'),
            ('stoppage', 'stoppage_id', 'insert or update or delete'),
            ('emission_limit', 'limit_id', 'insert or update or delete'),
            ('threshold', 'threshold_id', 'insert or update or delete'),
            ('substitution', 'substitution_id', 'insert or update or delete'),
            ('energy_factor', 'factor_id', 'insert or update or delete'),
            ('energy_basis', 'carrier_code,valid_from', 'insert or update or delete'),
            ('activity_sign', 'parameter_code,unit', 'insert or update or delete'),
            ('severity', 'severity', 'insert or update or delete'),
            ('closure', 'closure_id', 'insert or update or delete'),
            ('plan', 'plan_code', 'insert or update or delete'),
            ('plan_version', 'plan_version_id', 'insert or update or delete'),
            ('commitment_kind', 'kind', 'insert or update or delete'),
            ('commitment_version', 'commitment_id', 'insert or update or delete'),
            ('commitment_agency', 'commitment_id,agency_code,role', 'insert or update or delete'),
            ('commitment_subject', 'commitment_id,plant_id,agency_code', 'insert or update or delete'),
            ('indicator', 'indicator_code', 'insert or update or delete'),
            ('baseline', 'baseline_id', 'insert or update or delete'),
            ('contact', 'contact_id', 'insert or update or delete'),
            ('channel', 'channel_name', 'insert or update or delete'),
            ('route', 'route_id', 'insert or update or delete'),
            ('alert_policy', 'policy_id', 'insert or update or delete'),
            ('worse_step', 'multiple', 'insert or update or delete'),
            ('inhibition', 'inhibition_id', 'insert or update or delete'),
            ('silence', 'silence_id', 'insert or update or delete'),
            ('message_template', 'template_id', 'insert or update or delete'),
            ('alert_word', 'place,code', 'insert or update or delete'),
            ('reason_phrase', 'language,ordinal', 'insert or update or delete'),
            ('stoppage_silence', 'kind', 'insert or update or delete'),
            -- Added to, never changed: but if somebody does, it is seen.
            ('indicator_value', 'indicator_value_id', 'update or delete'),
            ('milestone', 'milestone_id', 'update or delete'),
            ('handling', 'handling_id', 'update or delete'),
            ('acknowledgement', 'acknowledgement_id', 'update or delete'),
            ('alert', 'alert_id', 'delete'),
            ('delivery', 'delivery_id', 'delete'),
            ('delivery_try', 'try_id', 'delete'),
            ('breach', 'breach_id', 'delete')
          ) t (name, key, event)
    loop
        execute format('create or replace trigger record_change after %s on abate.%I for each row '
                       'execute function abate.record_change(%s)', watched.event, watched.name,
                       (select string_agg(quote_literal(k), ', ') from string_to_table(watched.key, ',') k));
    end loop;
end
$$;

-- An open breach grows with each reading: that is no change of what was judged.
create or replace trigger record_change_of_judgement after update on abate.breach
    for each row
    when (old.severity <> new.severity
          or old.withdrawn is distinct from new.withdrawn
          or (old.closed is not null
              and row (old.opened, old.closed, old.bound, old.worst, old.count)
                  is distinct from row (new.opened, new.closed, new.bound, new.worst, new.count)))
    execute function abate.record_change('breach_id');

create or replace function abate.plant_at(at timestamptz) returns setof abate.plant
language sql stable
begin atomic
    with undone as ( -- the first change after it has the row as it was then
        select distinct on (c.row_key) c.row_key, c.operation, c.old
          from abate.change c
         where c.table_name = 'plant' and c.changed > plant_at.at
         order by c.row_key, c.changed, c.change_id
    )
    select p.*
      from abate.plant p
     where not exists (select from undone u where u.row_key = p.plant_id::text and u.operation <> 'insert')
     union all
    select was.*
      from undone u
     cross join lateral jsonb_populate_record(null::abate.plant, u.old) was
     where u.operation <> 'insert';
end;
comment on function abate.plant_at is
    'The plants as they were at an instant, by the record of changes. One entered later counts from the beginning, as it is now: a register is often entered after the fact.';
grant execute on function abate.plant_at to abate_reader, abate_writer;
