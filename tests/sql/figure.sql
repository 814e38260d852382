-- Figures: as reported, corrected, folded from their parts, or from meters.
begin;
select plan(30);
\ir plan_stage.psql

select pg_temp.indicator('energy_total', unit => 'tce'), pg_temp.indicator('green_plants', 'last', '1'), pg_temp.indicator('load', 'mean', 'MW'),
       pg_temp.indicator('kiln_coal', unit => 'tce', origin => 'energy'), pg_temp.indicator('all_coal', unit => 'tce', origin => 'energy', is_metered_whole => true) \g /dev/null
create function pg_temp.figure(indicator text, from_day date, to_day date, known date default '2026-01-01', region text default '410100') returns text
language sql return (select f.value || ' ' || f.origin from abate.figure(indicator, region, from_day, to_day, pg_temp.noon(known)) f);
create function pg_temp.ids(indicator text, from_day date, to_day date) returns int language sql
return (select jsonb_array_length(f.evidence -> 'figures') from abate.figure(indicator, '410100', from_day, to_day, '2026-01-01') f);

-- as reported
select is(pg_temp.figure('energy_total', '2019-01-01', '2020-01-01'), null, 'nothing reported: no figure');
select pg_temp.year('energy_total', 2019, 100) \g /dev/null
select is(pg_temp.figure('energy_total', '2019-01-01', '2020-01-01'), '100 reported', 'as reported');
select is(pg_temp.figure('energy_total', '2019-01-01', '2020-01-01', '2020-01-01'), '100 reported', 'from the day after the period on,');
select is(pg_temp.figure('energy_total', '2019-01-01', '2020-01-01', '2019-12-31'), null, 'not while the period runs');
select results_eq($$select e ->> 'source', e ->> 'author', (e ->> 'id')::bigint from abate.figure('energy_total', '410100', '2019-01-01', '2020-01-01', '2026-01-01') f,
                           jsonb_array_elements(f.evidence -> 'figures') e$$,
    $$select 'yearbook', 'a clerk', max(indicator_value_id) from abate.indicator_value$$, 'the evidence says which row, from where, by whom');
select pg_temp.year('energy_total', 2019, 110) \g /dev/null
select is(pg_temp.figure('energy_total', '2019-01-01', '2020-01-01', '2020-01-01'), '110 reported', 'a correction counts, also for a day before it came');
select results_eq($$select value, corrections, unit from abate.indicator_now where indicator_code = 'energy_total'$$, $$values (110::float8, 1, 'tce')$$, 'indicator_now has the last one and counts those before');
select is((select count(*) from abate.indicator_value where indicator_code = 'energy_total'), 2::bigint, 'both rows are there');

-- sum: 1 + 2 + ... + 12 = 78
select count(pg_temp.month('energy_total', make_date(2018, m, 1), m)) from generate_series(1, 11) m \g /dev/null
select is(pg_temp.figure('energy_total', '2018-01-01', '2019-01-01'), null, 'eleven months make no year');
select is(pg_temp.figure('energy_total', '2018-01-01', '2018-12-01'), '66 folded', 'but eleven months');
select pg_temp.month('energy_total', '2018-12-01', 12) \g /dev/null
select is(pg_temp.figure('energy_total', '2018-01-01', '2019-01-01'), '78 folded', 'twelve make it');
select is(pg_temp.ids('energy_total', '2018-01-01', '2019-01-01'), 12, 'and are the evidence');
select pg_temp.reported('energy_total', '2018-01-01', '2018-04-01', 7), pg_temp.reported('energy_total', '2018-03-01', '2018-05-15', 1000) \g /dev/null
select is(pg_temp.figure('energy_total', '2018-01-01', '2019-01-01'), '79 folded', 'a quarter goes before its months (7 instead of 1 + 2 + 3); what fits in nowhere is passed by');
select is(pg_temp.ids('energy_total', '2018-01-01', '2019-01-01'), 10, 'a quarter and nine months');
select pg_temp.year('energy_total', 2018, 80) \g /dev/null
select is(pg_temp.figure('energy_total', '2018-01-01', '2019-01-01'), '80 reported', 'the year''s own goes before its parts');
select is(pg_temp.figure('energy_total', '2018-01-01', '2020-01-01'), '190 folded', 'years make years');

-- mean, by days: January 31 d, February 28 d of 59; (31 * 10 + 28 * 15.9) / 59 = 755.2 / 59 = 12.8
select pg_temp.month('load', '2019-01-01', 10), pg_temp.month('load', '2019-02-01', 15.9) \g /dev/null
select is(pg_temp.figure('load', '2019-01-01', '2019-03-01'), '12.8 folded', 'a mean is weighted by days');

-- last
select pg_temp.month('green_plants', '2019-06-01', 3), pg_temp.month('green_plants', '2019-12-01', 7) \g /dev/null
select is(pg_temp.figure('green_plants', '2019-01-01', '2020-01-01'), '7 reported', 'of a stock the end of the period counts');
select is(pg_temp.figure('green_plants', '2019-01-01', '2019-12-01'), null, 'and nothing but that');
select pg_temp.year('green_plants', 2019, 8) \g /dev/null
select is(pg_temp.figure('green_plants', '2019-01-01', '2020-01-01'), '8 reported', 'the period''s own goes first');

-- regions
select pg_temp.year('energy_total', 2017, 30, '410102') \g /dev/null
select is(pg_temp.figure('energy_total', '2017-01-01', '2018-01-01'), null, 'one part of the region makes no whole');
select count(pg_temp.month('energy_total', make_date(2017, m, 1), 1, '410122')) from generate_series(1, 12) m \g /dev/null
select is(pg_temp.figure('energy_total', '2017-01-01', '2018-01-01'), '42 regions', 'all parts do, also of months: 30 + 12 times 1');
select is(pg_temp.ids('energy_total', '2017-01-01', '2018-01-01'), 13, 'with all their rows as evidence');
select is(pg_temp.figure('energy_total', '2017-01-01', '2018-01-01', region => '410122'), '12 folded', 'a part has a figure of its own');
select pg_temp.year('load', 2017, 10, '410102'), pg_temp.year('load', 2017, 20, '410122') \g /dev/null
select is(pg_temp.figure('load', '2017-01-01', '2018-01-01'), null, 'means of parts of a region are not folded');

-- meters
create or replace function abate.metered_figure(indicator_code text, region_code text, from_day date, to_day date, out value float8, out evidence jsonb)
language sql stable return row(case when from_day < '2020-01-01' then 55 end::float8, '{"meters": 2}'::jsonb);
select is(pg_temp.figure('all_coal', '2019-01-01', '2020-01-01'), '55 metered', 'meters that cover all of it make the figure');
select is(pg_temp.figure('kiln_coal', '2019-01-01', '2020-01-01'), null, 'those of a part do not,');
select is((select evidence #>> '{metered_part,value}' from abate.figure('kiln_coal', '410100', '2019-01-01', '2020-01-01', '2026-01-01')), '55', 'but the part is in the evidence');
select pg_temp.year('all_coal', 2019, 60) \g /dev/null
select is(pg_temp.figure('all_coal', '2019-01-01', '2020-01-01'), '60 reported', 'what is reported goes before the meters');

-- baseline
create function pg_temp.base(year int) returns text language sql return (select value || ' ' || origin from abate.baseline_figure('energy_total', '410100', year));
select pg_temp.baseline('energy_total', 2015, 200), pg_temp.baseline('energy_total', 2015, 210) \g /dev/null
select results_eq('select pg_temp.base(y) from unnest(array[2014, 2015, 2018]) y', $$values (null), ('210 baseline'), ('80 reported')$$,
    'the baseline recorded last; else the year''s figure; else none');
select * from finish();
rollback;
