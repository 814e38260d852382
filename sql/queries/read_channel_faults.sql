-- $1 the channels that are configured (an array) -> what stands in the way of alerts, in words
select words from abate.channel_faults($1::text[]);
