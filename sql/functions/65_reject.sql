-- What could not be stored.

set local role abate_owner;

create or replace function abate.take_rejects() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform abate.check_session();

    with marked as (
        select i.*, i.ctid as came,
               sha256(convert_to(broker, 'UTF8') || '\x00' || convert_to(topic, 'UTF8') || '\x00'
                      || convert_to(reason, 'UTF8') || '\x00' || payload) as fingerprint
          from pg_temp.incoming_reject i
    ),
    counted as (
        select fingerprint, count(*) as times, min(came) as first_came, max(position) as last_position,
               max(arrived) as last_arrived
          from marked
         group by fingerprint
    )
    insert into abate.rejected_message as r
           (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, times,
            last_journal_id, last_position, last_arrived, fingerprint)
    select m.journal_id, m.position, m.arrived, m.broker, m.topic, m.payload, m.reason, m.faults, m.kept, c.times,
           m.journal_id, c.last_position, c.last_arrived, m.fingerprint
      from counted c
      join marked m on m.came = c.first_came
     order by m.came
    on conflict (fingerprint) do update
       set times = r.times + excluded.times,
           last_journal_id = excluded.last_journal_id,
           last_position = excluded.last_position,
           last_arrived = excluded.last_arrived
     where excluded.last_journal_id <> r.last_journal_id
        or excluded.position > r.last_position; -- else we have it: the journal is being read again

    return (select count(*) from pg_temp.incoming_reject);
end
$$;
comment on function abate.take_rejects is
    'Takes pg_temp.incoming_reject into rejected_message, equal ones into one row with a count. Returns how many messages there were.';
grant execute on function abate.take_rejects to abate_writer;
