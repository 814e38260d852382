-- Whether what is to be told finds a way out: channels, routes and contacts beside what a daemon has configured.

set local role abate_owner;

create or replace function abate.channel_faults(configured text[]) returns table (words text)
language sql stable
begin atomic
    with routed as ( -- channels by which something may go
        select r.channel_name from abate.route r
         union
        select c.fallback from abate.route r join abate.channel c on c.channel_name = r.channel_name where c.fallback is not null
    )
    select format('channel "%s": it is on in abate.channel, and not configured here: what is to go by it waits for a daemon that has it (hint: a section channel "%s", or set its is_on to false)',
                  c.channel_name, c.channel_name)
      from abate.channel c
     where c.is_on and c.channel_name <> all (configured) and c.channel_name in (select d.channel_name from routed d)
     union all
    select format('channel "%s": it is configured here, and not in abate.channel: no alert goes by it (hint: insert it there, with medium and source)', n.name)
      from unnest(configured) n (name)
     where not exists (select from abate.channel c where c.channel_name = n.name)
     union all
    select case when not c.is_on
                then format('channel "%s": it is configured here, and off: no alert goes by it (hint: set is_on to true in abate.channel)', c.channel_name)
                else format('channel "%s": no route leads to it: nobody is told by it (hint: insert into abate.route)', c.channel_name) end
      from abate.channel c
     where c.channel_name = any (configured) and (not c.is_on or c.channel_name not in (select d.channel_name from routed d))
     union all
    select format('route %s ("%s"): its channel "%s" is off, has no fallback that is on, and no other route tells the same people (hint: set is_on to true, or another channel_name)',
                  r.route_id, r.name, r.channel_name)
      from abate.route r
      join abate.channel c on c.channel_name = r.channel_name and not c.is_on
     where not exists (select from abate.route o
                         join abate.channel w on w.channel_name = o.channel_name and w.is_on
                        where o.hears = r.hears and o.contact_id is not distinct from r.contact_id
                          and (o.kinds is null or o.kinds @> r.kinds) and (o.rules is null or o.rules @> r.rules)
                          and (o.severities is null or o.severities @> r.severities))
     union all
    select format('routes lead to %s, and no contact is one (hint: insert into abate.contact)', w.whom)
      from (values ('plant', 'contacts of plants'), ('county', 'agencies that hear their county'), ('city', 'agencies that hear their city'),
                   ('agency', 'contacts of agencies'), ('duty', 'the duty desk, contacts of no plant and no agency')) w (hears, whom)
     where exists (select from abate.route r join abate.channel c on c.channel_name = r.channel_name and c.is_on
                    where r.hears = w.hears)
       and not exists (
           select from abate.contact n
             left join abate.agency g on g.agency_code = n.agency_code
             left join abate.region a on a.region_code = g.region_code
            where n.is_active
              and case w.hears when 'plant' then n.plant_id is not null
                               when 'agency' then n.agency_code is not null
                               when 'duty' then n.plant_id is null and n.agency_code is null
                               when 'city' then n.hears_region and a.level = 'city'
                               else n.hears_region and a.level in ('district', 'county', 'zone') end)
     union all
    select format('contact %s ("%s"): has no address for any channel that is on (hint: its mail or phone, or set is_active to false)', n.contact_id, n.name)
      from abate.contact n
     where n.is_active
       and not exists (select from abate.channel c where c.is_on and c.medium in ('mail', 'sms') and abate.address_of(n, c) is not null)
     union all
    select format('route %s ("%s"): its contact "%s" %s (hint: abate.contact)', r.route_id, r.name, n.name,
                  case when not n.is_active then 'is not active'
                       else format('has no address for channel "%s", nor for its fallback', r.channel_name) end)
      from abate.route r
      join abate.contact n on n.contact_id = r.contact_id
      join abate.channel c on c.channel_name = r.channel_name and c.is_on
     where not n.is_active
        or not exists (select from abate.channel w
                        where w.is_on and w.channel_name in (c.channel_name, c.fallback) and abate.address_of(n, w) is not null);
end;
comment on function abate.channel_faults is
    'What stands in the way of alerts: channels that are on and not configured, or configured and of no use; routes that lead nowhere; contacts without an address. With hints; no row: nothing.';
