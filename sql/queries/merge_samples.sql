-- What was copied to incoming_sample. The last two with a blank between numbers, and as many of them.
select stored, merged, duplicate, revised, coalesce(array_to_string(positions, ' '), '') as positions,
       coalesce(array_to_string(duplicates, ' '), '') as duplicates
  from abate.merge_samples();
