-- How many alerts nobody has taken up, since when (microseconds), and after how many hours what is over is not told any more.
select count(*) as waiting, abate.microseconds(min(a.made)) as since, abate.threshold('alert_expires', null, now()) as expires_h
  from abate.alert a
 where a.outcome is null;
