-- $1 instance, $2 uuid of its journal
select journal_id, position from abate.claim_journal($1::text, $2::uuid);
