-- What every object of the schema must have.
begin;
select plan(13);

select is_empty($$
    select c.oid::regclass from pg_class c
     where relnamespace = 'abate'::regnamespace and relkind in ('r', 'p', 'v') and obj_description(oid, 'pg_class') is null
$$, 'every table and view has a comment');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
     where pronamespace = 'abate'::regnamespace and obj_description(oid, 'pg_proc') is null
$$, 'every function has a comment');

select is_empty($$
    select relname from pg_class where relnamespace = 'abate'::regnamespace and relowner <> 'abate_owner'::regrole
     union all
    select proname from pg_proc where pronamespace = 'abate'::regnamespace and proowner <> 'abate_owner'::regrole
$$, 'everything belongs to abate_owner');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
     where pronamespace = 'abate'::regnamespace and prosecdef
       and not exists (select from unnest(proconfig) c where c like 'search_path=pg_catalog, pg_temp')
$$, 'every function with the owner''s rights has its search_path set');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
     where pronamespace = 'abate'::regnamespace
       and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0)
$$, 'no function may be called by everybody');

select set_eq('select rolname::text, rolcanlogin, rolsuper from pg_roles where rolname ~ ''^abate_(owner|writer|reader)$''',
    $$values ('abate_owner', false, false), ('abate_reader', true, false), ('abate_writer', true, false)$$,
    'the three roles');

select is_empty('select * from abate.emission_limit', 'emission_limit is shipped empty');
select set_eq('select mark from abate.mark', string_to_array('N F M S D C T B', ' '), 'the marks of HJ 212-2017');
select results_eq('select mark from abate.mark where is_valid', $$values ('N')$$, 'only N counts as a measurement');
select results_eq($$select parameter_code, name_zh, unit from abate.parameter
                     where parameter_code in ('a21026', 'w01018', 'x_energy', 'a05002') order by 1$$,
    $$values ('a05002', '甲烷', null), ('a21026', '二氧化硫', 'mg/m3'), ('w01018', '化学需氧量', 'mg/L'), ('x_energy', '用电量', 'kWh')$$,
    'parameters with their names and units; no unit where it is not certain');
select is_empty($$select parameter_code from abate.parameter where name_zh is null or name_en is null or quantity is null$$,
    'every parameter shipped has both names and a quantity');

select is(abate.microseconds('1970-01-01 00:00:01.5+00'), 1500000::bigint, 'microseconds since 1970');
select is(abate.microseconds('-infinity'), null, 'an infinity has no microseconds');

select * from finish();
rollback;
