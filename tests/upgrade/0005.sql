set local role abate_owner;
create table abate.sample_2021_03 partition of abate.sample for values from ('2021-03-01 00:00Z') to ('2021-04-01 00:00Z');
insert into abate.sample (feed_id, journal_id, at, position, value, mark)
select 1, 1, '2021-03-02 00:00+08'::timestamptz + n * interval '1 minute', n, array[case when n < 50 then 40 else 30 end, null],
       case when n = 7 then 'DN' end
  from generate_series(0, 179) n
 union all
select 2, 1, '2021-03-02 00:00+08'::timestamptz + n * interval '1 hour', 1000 + n, array[case when n < 5 then 40 else 30 end], null
  from generate_series(0, 23) n;
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position)
values (1, '2021-03-02 00:03+08', 1, 41, 'N', 40, 'N', 1, 500), (1, '2021-03-02 00:04+08', 1, null, 'D', 40, 'N', 1, 501);
-- of then: another set of arguments
create function abate.fold_readings(float8[], text, float8[], text) returns int language sql return 0;
create function abate.reconsider_breaches(int, smallint, timestamptz) returns int language sql return 0;
create function abate.merge_samples(out stored int, out merged int, out duplicate int, out revised int) language sql return row (0, 0, 0, 0);
