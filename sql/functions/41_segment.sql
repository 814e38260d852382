-- The chain of evidence: closed segments of the journals, each bound to all before it.
--
--     segment 1          segment 2          segment 3
--     digest             digest             digest          SHA-256 of the file
--        |                  |                  |
--     chain  ----------> chain  ----------> chain           what a bureau keeps outside (evidence_head)

set local role abate_owner;

create or replace function abate.chain_segment(previous bytea, uuid uuid, first_position bigint, end_position bigint,
                                               digest bytea) returns bytea
language sql immutable parallel safe
return sha256(coalesce(previous, decode(repeat('00', 32), 'hex')) || uuid_send(uuid) || int8send(first_position)
              || int8send(end_position) || digest);
comment on function abate.chain_segment is
    'The chain value of a segment, from the one before it (null: it is the first); see journal_segment.chain.';

create or replace function abate.record_segment(journal_id smallint, first_position bigint, end_position bigint,
                                                bytes bigint, digest bytea, closed timestamptz,
                                                is_after_gap boolean default false) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    last  abate.journal_segment;
    known abate.journal_segment;
    its   constant uuid := (select p.uuid from abate.journal_position p
                             where p.journal_id = record_segment.journal_id and p.retired is null);
begin
    if its is null then
        raise exception 'there is no journal % in use', record_segment.journal_id using errcode = 'AB005';
    end if;
    select * into known from abate.journal_segment s
     where s.journal_id = record_segment.journal_id and s.first_position = record_segment.first_position;
    if found then
        if row (known.end_position, known.bytes, known.digest)
               is distinct from row (record_segment.end_position, record_segment.bytes, record_segment.digest) then
            raise exception 'segment at % of journal % is recorded otherwise: up to %, % bytes, SHA-256 %, not up to %, % bytes, %',
                record_segment.first_position, its, known.end_position, known.bytes, encode(known.digest, 'hex'),
                record_segment.end_position, record_segment.bytes, encode(record_segment.digest, 'hex')
                using errcode = 'AB005',
                      hint = 'The file or the row was changed since it was closed: abatectl journal verify says which.';
        end if;
        return known.end_position;
    end if;

    select * into last from abate.journal_segment s
     where s.journal_id = record_segment.journal_id order by s.first_position desc limit 1;
    if record_segment.first_position < last.end_position
       or (record_segment.first_position > last.end_position and not is_after_gap) then
        raise exception 'journal % is recorded up to %: the next segment begins there, not at %',
            its, last.end_position, record_segment.first_position
            using errcode = 'AB005', hint = 'A segment is missing, or a row was changed: abatectl journal verify says which.';
    end if;
    insert into abate.journal_segment (journal_id, first_position, end_position, bytes, digest, chain, closed)
    values (record_segment.journal_id, record_segment.first_position, record_segment.end_position, record_segment.bytes,
            record_segment.digest,
            abate.chain_segment(last.chain, its, record_segment.first_position, record_segment.end_position,
                                record_segment.digest),
            record_segment.closed);
    return record_segment.end_position;
end
$$;
comment on function abate.record_segment is
    'Adds a closed segment to the chain of its journal, which it computes itself; returns up to where that is recorded. Saying the same again changes nothing; another digest for a segment, or one that does not begin where the last ended, is refused. is_after_gap: what is between was deleted before it was recorded, and the gap stays to be seen.';
grant execute on function abate.record_segment to abate_writer;

create or replace function abate.keep_segment() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'abate.journal_segment is evidence: nothing in it is changed or deleted'
        using errcode = 'insufficient_privilege',
              hint = 'Rows of a retired journal whose files are gone may go with it: print abate.evidence_head first, then, as the owner, alter table abate.journal_segment disable trigger user, delete them, and enable it again.';
end
$$;
comment on function abate.keep_segment is 'Trigger: refuses to change or delete what is evidence, whoever asks.';

create or replace trigger journal_segment_stays before update or delete on abate.journal_segment
    for each row execute function abate.keep_segment();
create or replace trigger journal_segment_stays_whole before truncate on abate.journal_segment
    for each statement execute function abate.keep_segment();

create or replace view abate.evidence_head as
select j.instance, j.uuid as journal, n.segments, s.first_position, s.end_position, s.closed, s.recorded,
       encode(s.chain, 'hex') as chain, j.retired,
       format('abate evidence: instance %s journal %s segments %s up to position %s closed %s chain %s', j.instance, j.uuid,
              n.segments, s.end_position, to_char(s.closed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
              encode(s.chain, 'hex')) as line
  from abate.journal_position j
 cross join lateral (select count(*) as segments from abate.journal_segment c where c.journal_id = j.journal_id) n
 cross join lateral (select * from abate.journal_segment c where c.journal_id = j.journal_id
                      order by c.first_position desc limit 1) s;
comment on view abate.evidence_head is
    'The end of each journal''s chain. Kept outside, by mail or on paper, a line of it proves later that nothing before it was rewritten: abatectl journal verify --head CHAIN.';
comment on column abate.evidence_head.first_position is 'Of the last segment recorded; likewise end_position, closed, recorded.';
comment on column abate.evidence_head.line is 'All of it in one line, to be printed or mailed every day.';
