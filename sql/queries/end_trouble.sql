-- $1 instance, $2 trouble, $3 at in microseconds -> the number of the alert; null: there was none
select abate.end_trouble($1::text, $2::text, timestamptz 'epoch' + $3::bigint * interval '1 microsecond') as number;
