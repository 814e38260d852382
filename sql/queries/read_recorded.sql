-- $1 journal: up to where its segments are recorded; null: none is.
select max(s.end_position) as recorded from abate.journal_segment s where s.journal_id = $1::smallint;
