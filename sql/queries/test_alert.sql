-- $1 channel, $2 recipient, $3 language, $4 what it is for (may be null), $5 at in microseconds
select number, delivery_id
  from abate.alert_test($1::text, $2::text, $3::text, $4::text, timestamptz 'epoch' + $5::bigint * interval '1 microsecond');
