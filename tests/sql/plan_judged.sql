-- The plan as a whole: which version judges a day, what stands and what is replaced, breaches of commitments.
begin;
select plan(6);

insert into abate.region (region_code, name_en) values ('410100', 'Zhengzhou');
insert into abate.plan (plan_code, region_code, utc_offset) values ('p', '410100', '8 hours'), ('q', '410100', '-4 hours');
insert into abate.plan_version (plan_code, version, issued, source, digest) values
    ('p', 1, '2019-06-17', 's', 'a'), ('p', 2, '2020-06-01', 's', 'b'), ('p', 3, '2019-06-17', 's', 'c'), ('q', 1, '2020-06-01', 's', 'd');
insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
select plan_version_id, 1, 'X-1', 'c', 'q', plan_code || version, 'duty', 'reported', false from abate.plan_version;
insert into abate.agency (agency_code, name_zh) values ('gx', '市工信局'), ('fg', '市发展改革委');
insert into abate.commitment_agency select commitment_id, a, r from abate.commitment_version c, (values ('gx', 'lead'), ('fg', 'lead'), ('fg', 'responsible')) v (a, r) where name_en = 'p2';

select results_eq('select name_en, version, lead, responsible, cooperating from abate.commitment order by plan_code',
    $$values ('p2', 2, 'fg, gx', 'fg', null::text), ('q1', 1, null, null, null)$$, 'the view commitment has the newest text of each plan, with its agencies');
create function pg_temp.in_force(at timestamptz) returns text language sql
return (select string_agg(name_en || ' ' || on_day, ', ' order by name_en) from abate.commitments_in_force(at) f join abate.commitment_version using (commitment_id));
select is(pg_temp.in_force('2018-01-01 00:00+08'), 'p3 2018-01-01, q1 2017-12-31', 'before the first text the first one is in force, in our last reading of it');
select is(pg_temp.in_force('2020-05-31 23:59+08'), 'p3 2020-05-31, q1 2020-05-31', 'until the day of the next one');
select is(pg_temp.in_force('2020-06-01 00:00+08'), 'p2 2020-06-01, q1 2020-05-31', 'from that day the next one, each by its plan''s clock');

insert into abate.verdict (commitment_id, on_day, verdict, reason, at, replaced)
select commitment_id, v.d::date, v.w, v.w, now(), v.r::timestamptz from abate.commitment_version c, (values ('2020-07-01', 'met', null), ('2020-07-03', 'overdue', now()), ('2020-07-03', 'unknown', null)) v (d, w, r) where name_en = 'p2';
create function pg_temp.status(day date) returns text language sql
return (select string_agg(name_en || ' ' || verdict || coalesce(' ' || on_day, ''), ', ' order by name_en) from abate.plan_status(day));
select results_eq($$select d, pg_temp.status(d) from unnest('{2020-05-31,2020-06-30,2020-07-01,2020-07-02,2020-07-03,2021-01-01}'::date[]) d$$,
    $$values ('2020-05-31'::date, 'p3 unknown, q1 unknown'), ('2020-06-30', 'p2 unknown, q1 unknown'), ('2020-07-01', 'p2 met 2020-07-01, q1 unknown'),
             ('2020-07-02', 'p2 met 2020-07-01, q1 unknown'), ('2020-07-03', 'p2 unknown 2020-07-03, q1 unknown'), ('2021-01-01', 'p2 unknown 2020-07-03, q1 unknown')$$,
    'the state of a day: the newest verdict that counts until then; what was never judged is unknown');
select results_eq('select plan_code, commitment_code, verdict, on_day, lead, responsible from abate.plan_status',
    $$values ('p', 'X-1', 'unknown', '2020-07-03'::date, 'fg, gx', 'fg'), ('q', 'X-1', 'unknown', null, null, null)$$, 'and of today');

select * from finish();
rollback;
