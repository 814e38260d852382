-- A reading that its plant sends again as a correction (a reissue) takes effect; any other that differs waits for a person.

set local role abate_owner;

alter table abate.revision
    add column reissue_journal_id smallint,
    add column reissue_position bigint,
    add constraint reissue_whole check ((reissue_journal_id is null) = (reissue_position is null));
comment on table abate.revision is
    'Readings that came again with another value or mark, once for each distinct reading. One that came as a reissue took effect: what it took the place of stands here beside it. Any other waits for a person (abate.accept_revision).';
comment on column abate.revision.kept_value is 'What sample had when it came.';
comment on column abate.revision.reissue_journal_id is 'The journal of reissue_position.';
comment on column abate.revision.reissue_position is
    'Where the message stands by which the plant had this reading take effect: the last, if several did. Null: none did.';

-- They take other arguments now, and are made anew with the functions.
drop function if exists abate.fold_readings(float8[], text, float8[], text);
drop function if exists abate.reconsider_breaches(int, smallint, timestamptz);
