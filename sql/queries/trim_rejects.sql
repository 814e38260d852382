-- $1 now, in microseconds since 1970
select abate.trim_rejects(timestamptz 'epoch' + $1::bigint * interval '1 microsecond') as trimmed;
