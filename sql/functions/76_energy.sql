-- Energy as coal equivalent, and the figures that meters can tell of a region: energy, water, mass.

set local role abate_owner;

create or replace function abate.carrier_basis(carrier_code text, at timestamptz) returns text
language sql stable parallel safe
begin atomic
    select coalesce((select b.basis
                       from abate.energy_basis b
                      where b.carrier_code = carrier_basis.carrier_code and at >= b.valid_from and at < b.valid_to
                      order by b.valid_from desc
                      limit 1), 'calorific');
end;
comment on function abate.carrier_basis is
    'On which basis an energy carrier counts at an instant: as table energy_basis says, else calorific.';
grant execute on function abate.carrier_basis to abate_writer, abate_reader;

create or replace function abate.coal_equivalent(carrier_code text, unit text, amount float8, at timestamptz) returns float8
language sql stable parallel safe
begin atomic
    select case when f.unit = coal_equivalent.unit then amount else amount * u.factor / t.factor end * f.kgce
      from abate.energy_factor f
      left join abate.unit_conversion u on u.unit = coal_equivalent.unit
      left join abate.unit_conversion t on t.unit = f.unit and t.base_unit = u.base_unit
     where f.carrier_code = coal_equivalent.carrier_code
       and f.basis = abate.carrier_basis(coal_equivalent.carrier_code, at)
       and at >= f.valid_from and at < f.valid_to
       and (f.unit = coal_equivalent.unit or t.unit is not null)
     order by f.unit = coal_equivalent.unit desc, f.valid_from desc
     limit 1;
end;
comment on function abate.coal_equivalent is
    'An amount of an energy carrier in kilograms of coal equivalent: GB/T 2589, by the factor of table energy_factor that holds at an instant for the basis that counts, one for the same unit first. Null: there is none.';
grant execute on function abate.coal_equivalent to abate_writer, abate_reader;

create or replace view abate.energy_month as
select e.plant_code, e.month, sum(e.kgce) / 1000 as tce,
       string_agg(distinct e.basis, ', ' order by e.basis) filter (where e.kgce is not null) as basis,
       coalesce(array_agg(distinct e.carrier_code order by e.carrier_code) filter (where e.kgce is null), '{}')
           as unknown_carriers
  from (select c.plant_code, c.month, c.carrier_code, abate.carrier_basis(c.carrier_code, c.begins) as basis,
               abate.coal_equivalent(c.carrier_code, c.unit, c.amount, c.begins) as kgce
          from (select m.plant_code, m.carrier_code, m.unit, g.month::date as month,
                       abate.day_begins(g.month::date, m.utc_offset) as begins, sum(k.amount) as amount
                  from abate.metering m
                 cross join lateral generate_series(
                           date_trunc('month', abate.day_of((select min(c.at) from abate.consumption c
                                                              where c.series_id = m.series_id), m.utc_offset)::timestamp),
                           abate.day_of((select max(c.at) from abate.consumption c
                                          where c.series_id = m.series_id), m.utc_offset)::timestamp,
                           interval '1 month') as g (month)
                 cross join lateral (
                       select sum(c.amount) as amount, count(*) as hours
                         from abate.consumption c
                        where c.series_id = m.series_id and c.at >= abate.day_begins(g.month::date, m.utc_offset)
                          and c.at < abate.day_begins((g.month + interval '1 month')::date, m.utc_offset)) k
                 where m.measures = 'energy' and k.hours > 0
                 group by m.plant_code, m.carrier_code, m.unit, g.month::date, m.utc_offset) c) e
 group by e.plant_code, e.month;
comment on view abate.energy_month is 'The energy a plant''s meters counted in a month, in tonnes of coal equivalent.';
comment on column abate.energy_month.month is 'Its first day, by the clock of the monitors; the factors of that day count.';
comment on column abate.energy_month.tce is 'Without the unknown carriers; null: none is known.';
comment on column abate.energy_month.unknown_carriers is 'Carriers that were counted, but have no factor for their unit and basis.';

create or replace function abate.region_parts(region_code text) returns table (region_code text)
language sql stable parallel safe
begin atomic
    with recursive part (code) as (
        select r.region_code from abate.region r where r.region_code = region_parts.region_code
         union
        select r.region_code from abate.region r join part p on r.parent_code = p.code
    )
    select p.code from part p;
end;
comment on function abate.region_parts is 'A region and all its parts, and theirs.';
grant execute on function abate.region_parts to abate_writer, abate_reader;

-- An unknown carrier or unit makes the whole sum unknown: what is left out would make a city better than it is.
create or replace function abate.metered_use(measures text, region_code text, from_day date, to_day date,
                                             out value float8, out evidence jsonb)
language sql stable set jit = off
begin atomic
    with counted as (
        select m.series_id, m.plant_id, m.reads, m.reads_every, m.carrier_code, m.unit,
               24 * greatest(least(to_day, m.must_report_to) - greatest(from_day, m.must_report_from), 0) as due,
               c.hours, c.first_at, c.last_at, c.amount,
               case m.measures
                   when 'energy' then abate.coal_equivalent(m.carrier_code, m.unit, c.amount,
                                                            abate.day_begins(c.month, m.utc_offset))
                   else abate.convert_unit(c.amount, m.unit, 'm3')
               end as counts_for
          from abate.metering m
          left join abate.consumed(from_day, to_day) c on c.series_id = m.series_id
         where m.measures = metered_use.measures
           and m.region_code in (select p.region_code from abate.region_parts(metered_use.region_code) p)
    ),
    by_meter as (
        select c.series_id, c.plant_id, c.due, sum(c.counts_for) as counts_for,
               least(c.due, extract(epoch from c.reads_every) / 3600
                            * case c.reads when 'interval' then coalesce(sum(c.hours), 0)
                                   else coalesce(extract(epoch from max(c.last_at) - min(c.first_at))
                                                 / extract(epoch from c.reads_every) + 1, 0) end)::int as covered
          from counted c
         group by c.series_id, c.plant_id, c.due, c.reads, c.reads_every
    ),
    unknown as (
        select array_agg(distinct concat_ws(' in ', c.carrier_code, c.unit)) as names
          from counted c
         where c.amount is not null and c.counts_for is null
    )
    select case when u.names is null then m.counts_for end,
           jsonb_build_object('meters', m.meters, 'plants', m.plants, 'hours_due', m.due, 'hours_covered', m.covered,
                              'unknown', coalesce(to_jsonb(u.names), '[]'))
      from (select sum(b.counts_for) as counts_for, count(*) as meters, count(distinct b.plant_id) as plants,
                   coalesce(sum(b.due), 0) as due, coalesce(sum(b.covered), 0) as covered
              from by_meter b) m
     cross join unknown u;
end;
comment on function abate.metered_use is
    'What the meters of a region and its parts counted from a day up to but without another: energy in kgce, water in m3. Null if none counted, or if a carrier or unit cannot be converted; the evidence names it. A register covers the hours from its first growth to its last.';

create or replace function abate.metered_mass(parameter_code text, region_code text, from_day date, to_day date,
                                              out value float8, out evidence jsonb)
language sql stable
begin atomic
    select case when sum(e.measured_hours) > 0 then sum(e.kg) end,
           jsonb_build_object('monitors', count(*) filter (where m.has_flow),
                              'monitors_without_flow', count(*) filter (where not m.has_flow),
                              'plants', count(distinct m.plant_id) filter (where m.has_flow),
                              'hours_due', coalesce(sum(e.hours), 0), 'hours_covered', coalesce(sum(e.measured_hours), 0),
                              'substituted_hours', coalesce(sum(e.substituted_hours), 0),
                              'uncovered_hours', coalesce(sum(e.uncovered_hours), 0),
                              'substituted_share', round((sum(e.substituted_kg) / nullif(sum(e.kg), 0))::numeric, 6))
      from abate.emitter m
      left join lateral abate.emitted(m.monitor_id, m.parameter_code, abate.day_begins(from_day, m.utc_offset),
                                      abate.day_begins(to_day, m.utc_offset)) e on m.has_flow
     where m.parameter_code = metered_mass.parameter_code
       and m.region_code in (select p.region_code from abate.region_parts(metered_mass.region_code) p);
end;
comment on function abate.metered_mass is
    'What the monitors of a region and its parts let out of a parameter from a day up to but without another, in kg, with substituted hours; null if no hour was measured.';

create or replace function abate.metered_figure(indicator_code text, region_code text, from_day date, to_day date,
                                                out value float8, out evidence jsonb)
language plpgsql stable as $$
#variable_conflict use_column
declare
    i    abate.indicator;
    unit text;
begin
    select * into i from abate.indicator where indicator_code = metered_figure.indicator_code;
    case i.origin
        when 'mass' then
            unit := 'kg';
            select m.value, m.evidence into metered_figure.value, metered_figure.evidence
              from abate.metered_mass(i.parameter_code, metered_figure.region_code, from_day, to_day) m;
        when 'energy', 'water' then
            unit := case i.origin when 'energy' then 'kgce' else 'm3' end;
            select m.value, m.evidence into metered_figure.value, metered_figure.evidence
              from abate.metered_use(i.origin, metered_figure.region_code, from_day, to_day) m;
        else
            return;
    end case;
    if metered_figure.value is not null and abate.convert_unit(metered_figure.value, unit, i.unit) is null then
        metered_figure.evidence := metered_figure.evidence
            || jsonb_build_object('unknown', jsonb_build_array(unit || ' in ' || i.unit));
    end if;
    metered_figure.value := abate.convert_unit(metered_figure.value, unit, i.unit);
end
$$;
comment on function abate.metered_figure is
    'What meters tell of an indicator for a region and its parts, from a day up to but without another, in the indicator''s unit; with meters, plants, and hours due and covered as evidence. Null if there is no meter, nothing was counted, or something cannot be converted.';
grant execute on function abate.metered_use, abate.metered_mass, abate.metered_figure to abate_writer, abate_reader;
