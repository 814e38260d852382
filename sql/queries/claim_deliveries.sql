-- $1 at in microseconds, $2 channels (an array), $3 how many each has room for (an array); alert is JSON, key the same at
-- every try; behind it
-- what a link in it may acknowledge, until when (microseconds), and its words
select c.delivery_id, c.try_id, c.channel_name, c.recipient, c.contact, c.language, c.subject, c.body, c.alert, c.key,
       c.status, c.tries, l.number, abate.microseconds(l.until) as until, l.words
  from abate.claim_deliveries(timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2::text[], $3::int[]) c
  left join lateral abate.link_of(c.delivery_id) l on true;
