set local role abate_owner;
insert into abate.revision (feed_id, at, slot, value, mark, kept_value, kept_mark, journal_id, position, reissue_journal_id, reissue_position)
values (1, '2021-03-02 00:05+08', 1, 33, 'N', 40, 'N', 1, 700, 1, 701);
