-- $1 journal, $2 first, $3 end, $4 bytes, $5 SHA-256 in hexadecimal, $6 closed in microseconds, $7 whether after a gap
select abate.record_segment($1::smallint, $2::bigint, $3::bigint, $4::bigint, decode($5::text, 'hex'),
                            timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::boolean) as recorded;
