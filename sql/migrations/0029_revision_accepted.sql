-- A person's decision for a revision stands against what was sent before it, also if that is read only later.

set local role abate_owner;

alter table abate.revision
    add column accepted_journal_id smallint,
    add column accepted_position bigint,
    add constraint accepted_whole check ((accepted_journal_id is null) = (accepted_position is null));
comment on column abate.revision.accepted_journal_id is 'The journal of accepted_position.';
comment on column abate.revision.accepted_position is
    'How far the journal had been read when a person last had this reading take effect (abate.accept_revision): a reissue of the instant from before there does not. Null: nobody did.';

-- Those of before: as if they were of today.
update abate.revision r
   set accepted_journal_id = j.journal_id, accepted_position = j.position
  from abate.journal_position j
 where j.journal_id = r.journal_id
   and r.revision_id in (select (c.new ->> 'revision_id')::bigint from abate.change c where c.table_name = 'sample' and c.new ? 'revision_id');
