set local role abate_owner;
insert into abate.sample_part values (1, 1, '2021-03-02 00:01+08', 5, '{2}');
insert into abate.rejected_message (journal_id, position, arrived, broker, topic, payload, reason, faults, kept, last_journal_id, last_position,
                                    last_arrived, fingerprint, sender, kind)
values (1, 2500, '2030-03-02 00:00Z', 'local', 't', '\x00ff', 'r', 1, 0, 1, 2500, '2021-03-02 01:00Z', sha256('9'), 'P1', 'r');
