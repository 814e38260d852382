set local role abate_owner;
create table abate.hourly_2021_03 partition of abate.hourly for values from ('2021-03-01 00:00Z') to ('2021-04-01 00:00Z');
insert into abate.hourly (series_id, received, valid, at, value, is_valid) values (1, 60, 59, '2021-03-02 00:00+08', 20, true);
insert into abate.daily (series_id, day, received, valid, value, is_valid) values (1, '2021-02-28', 24, 24, 20, true);
insert into abate.hourly_revision values (1, '2021-03-01 00:00+08', 59, 58, 21, null, true, '2021-03-01 01:10+08', '2021-03-01 02:00+08');
insert into abate.daily_revision values (1, '2021-02-28', 23, 23, 21, null, true, false, '2021-03-01 01:10+08', '2021-03-01 02:00+08');
insert into abate.consumption values (5, '2021-03-01 00:00+08', 150, 'measured');
-- to be judged: those of before the daemon touched hours are by abatectl judge --from
insert into abate.touched_hour (feed_id, hour, is_asked)
select f, '2021-03-02 00:00+08'::timestamptz + h * interval '1 hour', false from unnest(array[1, 2, 4]) f, generate_series(0, 2) h;
insert into abate.touched_day values (1, '2021-03-02', true);
insert into abate.touched_plan default values;
