-- $1 journal_id, $2 from, $3 to; no row if the position is not `from` (any more)
select position from abate.advance_position($1::smallint, $2::bigint, $3::bigint) as position;
