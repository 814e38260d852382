-- What the steps of alerting share: numbers, policy, addresses, and the view of what is in work.

set local role abate_owner;

create or replace function abate.multiple_of(value float8, bound float8) returns float8
language sql immutable parallel safe
return case when abs(bound) > 1e-30 and abs(bound) < 1e30 and abs(value) < 1e30 then abs(value - bound) / abs(bound) end;
comment on function abate.multiple_of is
    'By how many times its bound a value is past a bound (超标倍数): 0.63 is 63 % beyond it. Null where the bound is 0, or it is no number to speak of.';

create or replace function abate.knowable(rule text, at timestamptz) returns timestamptz
language sql immutable parallel safe
return at + case rule when 'hour' then interval '1 hour' when 'day' then interval '1 day' else interval '0' end;
comment on function abate.knowable is 'Since when what a breach of a rule says of an instant can be known: a mean when its hour or day is over.';

create or replace function abate.alert_offset() returns interval
language sql stable
return coalesce((select mode() within group (order by p.utc_offset) from abate.plan p), interval '8 hours');
comment on function abate.alert_offset is 'The clock of alerts that are of no monitor: that of the plans, or as for a monitor of which nothing is said.';

create or replace function abate.alert_year(at timestamptz) returns smallint
language sql stable
return extract(year from at at time zone 'UTC' + abate.alert_offset())::smallint;
comment on function abate.alert_year is 'The year in the number of an alert that is made then.';

create or replace function abate.policy_of(severity text, rule text) returns abate.alert_policy
language sql stable
begin atomic
    select p
      from abate.alert_policy p
     where (p.severity is null or p.severity = policy_of.severity) and (p.rule is null or p.rule = policy_of.rule)
     order by p.rule is null, p.severity is null
     limit 1;
end;
comment on function abate.policy_of is
    'What is done about a breach that lasts: the policy for its rule goes before that for its severity; null if there is none.';

create or replace function abate.address_of(reached abate.contact, way abate.channel) returns text
language sql immutable
return case way.medium when 'mail' then reached.mail when 'sms' then reached.phone else way.channel_name end;
comment on function abate.address_of is 'Where a contact is to be reached by a channel; null: not by this one.';

create or replace function abate.alert_about(kind text, plant_id int, agency_code text, breach_id bigint) returns text
language sql immutable
return case when breach_id is null then 'abate'
            when plant_id is not null then 'plant ' || plant_id
            when agency_code is not null then 'agency ' || agency_code
            else 'plan' end;
comment on function abate.alert_about is 'What alerts have in common that go into one message.';

create or replace function abate.same_as(alert_id bigint) returns setof bigint
language sql stable rows 5
begin atomic
    select o.alert_id
      from abate.alert a
     cross join lateral (select b.alert_id from abate.alert b where b.breach_id = a.breach_id
                          union all
                         select t.alert_id from abate.alert t where t.trouble_id = a.trouble_id
                          union all
                         select s.alert_id from abate.alert s where s.silence_id = a.silence_id
                          union all
                         select s.alert_id from abate.alert s where s.stoppage_id = a.stoppage_id
                          union all
                         select a.alert_id where num_nonnulls(a.breach_id, a.trouble_id, a.silence_id, a.stoppage_id) = 0) o
     where a.alert_id = same_as.alert_id;
end;
comment on function abate.same_as is
    'The alerts that tell of the same thing as one does: its breach, trouble, silence or stop; itself among them.';

create or replace view abate.region_within as
with recursive within as (
    select r.region_code, r.region_code as within from abate.region r
     union
    select w.region_code, r.parent_code
      from within w
      join abate.region r on r.region_code = w.within
     where r.parent_code is not null
)
select w.region_code, w.within, r.level
  from within w
  join abate.region r on r.region_code = w.within;
comment on view abate.region_within is 'Each region with all it is a part of, itself among them, and the level of those.';
