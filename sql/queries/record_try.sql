-- $1 try_id, $2 whether the gateway took it, $3 whether it never will, $4 its answer, $5 at in microseconds,
-- $6 how long it does not want to be asked again (microseconds; 0: it did not say)
-- -> the state of the delivery, and when it is due again (microseconds)
select state, abate.microseconds(next_try) as next_try
  from abate.record_try($1::bigint, $2::boolean, $3::boolean, $4::text,
                        timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::bigint * interval '1 microsecond');
