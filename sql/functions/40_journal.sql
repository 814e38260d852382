-- Which journal a daemon reads, and how far this database has it.
--
-- While a daemon runs, its session holds the advisory lock ('abat', journal_id). The number 0 is for partitions.

set local role abate_owner;

create or replace function abate.claim_journal(instance text, uuid uuid, out journal_id smallint, out "position" bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    known  abate.journal_position;
    in_use uuid := (select p.uuid from abate.journal_position p
                     where p.instance = claim_journal.instance and p.retired is null);
begin
    select * into known from abate.journal_position p where p.uuid = claim_journal.uuid;
    if in_use <> claim_journal.uuid then
        raise exception 'instance "%" has journal % in this database, not %', claim_journal.instance, in_use,
            claim_journal.uuid
            using errcode = 'AB001',
                  hint = format('If that journal is lost for good, call abate.retire_journal(%L); what it held beyond this database is lost with it.',
                                claim_journal.instance);
    elsif known.retired is null and known.instance <> claim_journal.instance then
        raise exception 'journal % belongs to instance "%", not "%"', known.uuid, known.instance, claim_journal.instance
            using errcode = 'AB001',
                  hint = format('If the instance was renamed, call abate.retire_journal(%L).', known.instance);
    elsif known.retired is not null then -- it is back, and goes on where it was
        update abate.journal_position p set instance = claim_journal.instance, retired = null
         where p.journal_id = known.journal_id;
    elsif known.journal_id is null then
        insert into abate.journal_position (instance, uuid) values (claim_journal.instance, claim_journal.uuid)
        returning * into known;
    end if;

    if not pg_try_advisory_lock(x'61626174'::int, known.journal_id) then
        raise exception 'another daemon of instance "%" is at work', claim_journal.instance
            using errcode = 'AB002', hint = 'Stop it, or give this one another instance name and a journal of its own.';
    end if;
    select known.journal_id, p.position into claim_journal.journal_id, claim_journal.position
      from abate.journal_position p where p.journal_id = known.journal_id;
end
$$;
comment on function abate.claim_journal is
    'A daemon says which journal it is about to read, and learns its number and the position it was stored up to. Holds for the session: a second daemon of the instance is refused.';
grant execute on function abate.claim_journal to abate_writer;

create or replace function abate.retire_journal(instance text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    known abate.journal_position;
begin
    select * into known from abate.journal_position p
     where p.instance = retire_journal.instance and p.retired is null for update;
    if not found then
        raise exception 'instance "%" has no journal in use', retire_journal.instance using errcode = 'AB001';
    elsif not pg_try_advisory_xact_lock(x'61626174'::int, known.journal_id) then
        raise exception 'the daemon of instance "%" is at work', retire_journal.instance
            using errcode = 'AB002', hint = 'Stop it first.';
    end if;
    update abate.journal_position p set retired = now() where p.journal_id = known.journal_id;
end
$$;
comment on function abate.retire_journal is
    'Gives up the journal of an instance, so that the instance may begin a new one. For persons, when a journal is lost for good.';

create or replace function abate.advance_position(journal_id smallint, from_position bigint, to_position bigint)
    returns setof bigint
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
    update abate.journal_position p
       set position = to_position, updated = clock_timestamp()
     where p.journal_id = advance_position.journal_id
       and p.position = from_position
       and to_position >= from_position
       and p.retired is null
 returning p.position;
end;
comment on function abate.advance_position is
    'Moves the position of a journal on; no row if it is not where the caller believes it to be (somebody else has moved it).';
grant execute on function abate.advance_position to abate_writer;
