set local role abate_owner;
insert into abate.journal_segment (journal_id, first_position, end_position, bytes, digest, chain, closed)
values (1, 0, 5000, 5000, sha256('a'), sha256('b'), '2021-03-02 00:00Z');
