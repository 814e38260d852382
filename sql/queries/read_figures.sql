-- $1 now, in microseconds since 1970. What abated tells of the whole database when it is asked for its metrics: name, label, value.
select 'breaches_open' as name, b.rule as label, count(*) as value
  from abate.breach b
 where b.closed is null and b.withdrawn is null
 group by b.rule
union all
select 'deliveries', s.state, coalesce(sum(d.count), 0)::bigint
  from (values ('gathering'), ('due'), ('sending'), ('sent'), ('failed'), ('expired')) as s (state)
  left join lateral (
        select count(*)
          from abate.delivery w
         where s.state in ('gathering', 'due', 'sending') and w.state = s.state and w.state in ('gathering', 'due', 'sending')
        union all
        select count(*)
          from abate.channel c
          join abate.delivery w on w.channel_name = c.channel_name
           and w.due > timestamptz 'epoch' + $1::bigint * interval '1 microsecond' - interval '1 day'
         where s.state in ('sent', 'failed', 'expired') and w.state = s.state) d on true
 group by s.state;
