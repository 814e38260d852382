-- $1 at in microseconds, $2 channels (an array), $3 how many each has room for (an array); alert is JSON, key the same at every try
select delivery_id, try_id, channel_name, recipient, contact, language, subject, body, alert, key, status, tries
  from abate.claim_deliveries(timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2::text[], $3::int[]);
