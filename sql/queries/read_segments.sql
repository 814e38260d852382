-- $1 uuid of a journal: how far it is stored, and each segment recorded, in order; one row without a segment if none is.
select p.instance,
       p.position as stored,
       p.retired is not null as is_retired,
       s.first_position,
       s.end_position,
       s.bytes,
       encode(s.digest, 'hex') as digest,
       encode(s.chain, 'hex') as chain,
       abate.microseconds(s.closed) as closed_us
  from abate.journal_position p
  left join abate.journal_segment s on s.journal_id = p.journal_id
 where p.uuid = $1::uuid
 order by s.first_position;
