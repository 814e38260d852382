-- Rejected messages read anew.

set local role abate_owner;

create or replace function abate.lock_reject(reject_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from abate.rejected_message r where r.reject_id = lock_reject.reject_id for update;
    if not found then
        raise exception 'there is no rejected message % any more', lock_reject.reject_id using errcode = 'no_data_found';
    end if;
end
$$;
comment on function abate.lock_reject is 'Keeps a rejected message for the transaction that reads it anew: two do so one after the other.';
grant execute on function abate.lock_reject to abate_writer;

create or replace function abate.record_retry(reject_id bigint, outcome text, stored bigint, duplicate bigint, differs bigint, reason text)
    returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into abate.reject_retry (reject_id, journal_id, position, outcome, stored, duplicate, differs, reason)
    select r.reject_id, r.journal_id, r.position, record_retry.outcome, record_retry.stored, record_retry.duplicate,
           record_retry.differs, record_retry.reason
      from abate.rejected_message r
     where r.reject_id = record_retry.reject_id;
    if not found then
        raise exception 'there is no rejected message % any more', record_retry.reject_id using errcode = 'no_data_found';
    end if;
end
$$;
comment on function abate.record_retry is 'Says what came of a rejected message that was read anew, in the transaction that stores what it stores.';
grant execute on function abate.record_retry to abate_writer;

create or replace view abate.reject as
select r.reject_id, r.arrived, r.broker, r.topic, r.sender, r.kind, r.reason, r.faults, r.kept, r.times, r.last_arrived,
       j.instance, j.uuid as journal, r.journal_id, r.position, r.payload,
       t.outcome as retry_outcome, t.retried, t.retried_by, t.reason as retry_reason,
       coalesce(t.outcome in ('stored', 'duplicate', 'differs', 'outdone'), false) as is_settled
  from abate.rejected_message r
  left join abate.journal_position j on j.journal_id = r.journal_id
  left join lateral (select * from abate.reject_retry t
                      where t.reject_id = r.reject_id order by t.retry_id desc limit 1) t on true;
comment on view abate.reject is
    'Rejected messages with what came of each when it was last read anew (abatectl rejects retry).';
comment on column abate.reject.is_settled is 'All of it is stored by now, waits for a person, or is outdone by what came later.';
