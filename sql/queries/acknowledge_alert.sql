-- $1 number, $2 who, $3 note (may be null), $4 at in microseconds -> for how many breaches
select abate.acknowledge($1::text, $2::text, $3::text, timestamptz 'epoch' + $4::bigint * interval '1 microsecond') as breaches;
