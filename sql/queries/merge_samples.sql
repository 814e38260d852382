-- What was copied to incoming_sample.
select stored, merged, duplicate, revised from abate.merge_samples();
