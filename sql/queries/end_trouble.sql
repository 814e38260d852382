-- $1 instance, $2 trouble, $3 at in microseconds, $4 whom the daemon tells itself (an array)
-- -> the number of the alert; null: there was none
select abate.end_trouble($1::text, $2::text, timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4::text[]) as number;
