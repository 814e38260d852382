-- $1 instance, $2 what it watches (an array), $3 at in microseconds -> how many troubles of it are over
select abate.settle_troubles($1::text, $2::text[], timestamptz 'epoch' + $3::bigint * interval '1 microsecond') as over;
