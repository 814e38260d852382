set local role abate_owner;
insert into abate.breach (limit_id, series_id, opened, closed, bound, worst, worst_at, last_at, count, journal_id, first_position,
                          worst_position, last_position) values
    (1, 1, '2021-03-02 00:00+08', '2021-03-02 00:50+08', 35, 40, '2021-03-02 00:00+08', '2021-03-02 00:49+08', 50, 1, 0, 0, 49),
    (1, 1, '2021-03-03 00:00+08', null, 35, 40, '2021-03-03 00:00+08', '2021-03-03 00:00+08', 1, 1, 90, 90, 90);
insert into abate.watch_state values
    (1, 1, 'open', '2021-03-03 00:00+08', '2021-03-03 00:00+08', 40, '2021-03-03 00:00+08', 1, 90, 90, 90);
-- as the functions of then made them; later ones have other columns
create view abate.limit_series as select limit_id, series_id from abate.emission_limit cross join abate.series;
create view abate.idle_limit as select * from abate.emission_limit where limit_id not in (select limit_id from abate.limit_series);
create view abate.breach_report as select b.*, l.standard from abate.breach b join abate.emission_limit l using (limit_id);
