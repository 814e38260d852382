-- A row: one of the newest rows stands at or past the committed position, so the two did not commit together.
select 'ahead' where exists (select from abate.newest_sample n
                              cross join lateral (select s.journal_id, s.position from abate.sample s
                                                   where s.feed_id = n.feed_id and s.at > n.at - interval '6 hours') s
                               join abate.journal_position p on p.journal_id = s.journal_id
                              where s.position >= p.position)
                  or exists (select from abate.rejected_message r join abate.journal_position p using (journal_id)
                              where r.position >= p.position)
