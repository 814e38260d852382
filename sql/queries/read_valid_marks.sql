-- The marks whose readings count as measurements, one letter each.
select coalesce(string_agg(mark, '' order by mark), '') as marks from abate.mark where is_valid;
