-- Days: made of hours, or as the plant reports them.

set local role abate_owner;

create or replace view abate.official_day as
select x.monitor_id, x.parameter_code, d.day, d.series_id, d.value, d.converted, d.is_valid, d.received, d.valid,
       x.period = 'day' as is_reported
  from abate.daily d
  join abate.mean_series x on x.series_id = d.series_id
 where d.is_official;
comment on view abate.official_day is
    'The day that counts for a monitor and parameter: the reported one if valid, else the one made of hours if valid, else the reported or only one.';
comment on column abate.official_day.is_reported is 'The plant reports it; else it is made of its hours.';
