-- $1 silence, $2 at in microseconds
select abate.lift_silence($1::int, timestamptz 'epoch' + $2::bigint * interval '1 microsecond');
