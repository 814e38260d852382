-- All that is known, as of $1.
select is_busy, hours, days, exceeded, withdrawn, opened, closed, verdicts, more
  from abate.judge(timestamptz '1970-01-01 00:00+00' + $1::bigint * interval '1 microsecond');
