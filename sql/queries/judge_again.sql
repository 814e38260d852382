-- From $1 to $2, as of $3 at the latest; of monitor $4, or all; the plan, too, if $5.
select is_busy, hours, days, exceeded, withdrawn, opened, closed, verdicts
  from abate.judge_again(timestamptz '1970-01-01 00:00+00' + $1::bigint * interval '1 microsecond',
                         timestamptz '1970-01-01 00:00+00' + $2::bigint * interval '1 microsecond',
                         timestamptz '1970-01-01 00:00+00' + $3::bigint * interval '1 microsecond', $4::text, $5::boolean);
