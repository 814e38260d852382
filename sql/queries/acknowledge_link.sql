-- $1 number, $2 delivery, $3 at in microseconds: as a link says it (lib/ack_link.h) -> for how many breaches, and who did it
select breaches, who
  from abate.acknowledge_link($1::text, $2::bigint, timestamptz 'epoch' + $3::bigint * interval '1 microsecond');
