-- $1 at in microseconds -> when it wants to be called again, in microseconds; null: at the next notification
select abate.microseconds(abate.prepare_alerts(timestamptz 'epoch' + $1::bigint * interval '1 microsecond')) as next_at;
