set local role abate_owner;
insert into abate.rejected_message (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, times, last_journal_id,
                                    last_position, last_arrived, fingerprint)
select 1, 2000 + n, '2021-03-02 00:00Z', 'local', 'plants/410100/P1/S1', '\x7b', 'not JSON', 1, 0, n, 1, 2000 + n, '2021-03-02 01:00Z',
       sha256(n::text::bytea)
  from generate_series(1, 3) n;
