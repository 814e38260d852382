-- $1 instance, $2 trouble, $3 reason, $4 at in microseconds, $5 whom the daemon tells itself (an array), $6 whether it may be over,
-- $7 when it was seen last (microseconds)
-- -> the number of the alert; null: it is known already
select abate.begin_trouble($1::text, $2::text, $3::text, timestamptz 'epoch' + $4::bigint * interval '1 microsecond',
                           $5::text[], $6::boolean, timestamptz 'epoch' + $7::bigint * interval '1 microsecond') as number;
