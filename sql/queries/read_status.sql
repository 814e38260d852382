-- $1 instance
select j.journal_id,
       j.uuid,
       j.position,
       to_char(j.updated at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as updated,
       (select coalesce(sum(times), 0) from abate.rejected_message)
       + (select coalesce(sum(messages), 0) from abate.reject_count) as rejects,
       (select count(*) from abate.breach where closed is null) as open_breaches,
       (select to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') from abate.newest_sample) as newest_sample,
       (select count(*) from abate.sample_partition) as partitions
  from (values ($1::text)) as asked (instance)
  left join abate.journal_position j on j.instance = asked.instance and j.retired is null;
