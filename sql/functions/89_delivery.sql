-- The outbox as the notifier sees it: what is due, claimed by one at a time; what the gateway said; what is given up.
--
--     gathering --> due --> sending --> sent
--                    ^        |  \---> failed --> the same alerts by the fallback
--                    |        |
--                    '--------'  not taken, or the lease ran out: again, with the same key
--
-- Whoever dies between sending and recording leaves a row in sending: when its lease is over it is due again. What is told of
-- one thing goes in its order: a delivery is given when those it waits for are over, sent or given up.

set local role abate_owner;

create or replace function abate.claim_deliveries(at timestamptz, channels text[], room int[])
    returns table (delivery_id bigint, try_id bigint, channel_name text, recipient text, contact text, language text,
                   subject text, body text, alert jsonb, key uuid, status text, tries int)
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
    with picked as (
        select w.delivery_id, c.lease
          from unnest(claim_deliveries.channels, claim_deliveries.room) r (channel_name, room)
          join abate.channel c on c.channel_name = r.channel_name
         cross join lateral (select d.delivery_id
                               from abate.delivery d
                              where d.state in ('due', 'sending') and d.channel_name = r.channel_name
                                and d.next_try <= claim_deliveries.at and d.gives_up > claim_deliveries.at
                                and not exists (select from abate.delivery b
                                                 where b.delivery_id = any (d.waits_for) and b.state in ('due', 'sending'))
                              order by d.next_try, d.delivery_id
                              limit r.room
                                for no key update skip locked) w
    ),
    claimed as (
        update abate.delivery d
           set state = 'sending', tries = d.tries + 1, next_try = claim_deliveries.at + p.lease
          from picked p
         where d.delivery_id = p.delivery_id
        returning d.*
    ),
    begun as (
        insert into abate.delivery_try (delivery_id, begun)
        select c.delivery_id, claim_deliveries.at from claimed c order by c.due, c.delivery_id
        returning delivery_try.delivery_id, delivery_try.try_id
    )
    select c.delivery_id, b.try_id, c.channel_name, c.recipient, n.name, c.language, c.subject, c.body, c.alert, c.key, c.status,
           c.tries
      from begun b
      join claimed c on c.delivery_id = b.delivery_id
      left join abate.contact n on n.contact_id = c.contact_id
     order by b.try_id;
end;
comment on function abate.claim_deliveries is
    'Deliveries that are due on these channels, of each the longest due, and at most as many as it has room for: they are the caller''s for the channel''s lease, each with a new try. Never the same to two callers, and none before what it waits for is over.';
grant execute on function abate.claim_deliveries to abate_writer;

create or replace function abate.link_of(delivery_id bigint, out number text, out until timestamptz, out words text)
language sql stable
begin atomic
    select d.alert -> 'alerts' -> 0 ->> 'number', d.due + abate.threshold('ack_link', null, d.due) * interval '1 hour',
           abate.word('link', 'acknowledge', d.language)
      from abate.delivery d
     where d.delivery_id = link_of.delivery_id and d.status = 'firing' and d.about <> 'digest'
       and d.alert -> 'alerts' -> 0 ? 'breach_id';
end;
comment on function abate.link_of is
    'For a link in a message: which alert it acknowledges, until when, and what is written before it ({link} stands for it). No row where there is nothing to acknowledge: what is over, a digest, abate''s own troubles.';
grant execute on function abate.link_of to abate_writer, abate_reader;

create or replace function abate.next_delivery(channels text[]) returns timestamptz
language sql stable
begin atomic
    select min(n.next_try)
      from unnest(channels) c (channel_name)
     cross join lateral (select d.next_try
                           from abate.delivery d
                          where d.state in ('due', 'sending') and d.channel_name = c.channel_name and d.gives_up > d.next_try
                            and not exists (select from abate.delivery b
                                             where b.delivery_id = any (d.waits_for) and b.state in ('due', 'sending'))
                          order by d.next_try
                          limit 1) n;
end;
comment on function abate.next_delivery is
    'When abate.claim_deliveries() has something to give again on these channels, which may be now; null: nothing is waiting.';
grant execute on function abate.next_delivery to abate_writer, abate_reader;

create or replace function abate.channels_tried(delivery_id bigint) returns text[]
language sql stable
begin atomic
    with recursive chain as (
        select d.channel_name, d.fallback_of from abate.delivery d where d.delivery_id = channels_tried.delivery_id
         union all
        select d.channel_name, d.fallback_of from chain c join abate.delivery d on d.delivery_id = c.fallback_of
    )
    select array_agg(c.channel_name) from chain c;
end;
comment on function abate.channels_tried is 'The channel of a delivery, and those of the deliveries it stands in for.';

create or replace function abate.give_up(deliveries bigint[], state text, answer text, at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    handed_over int;
begin
    update abate.delivery d
       set state = give_up.state, ended = give_up.at, last_answer = coalesce(give_up.answer, d.last_answer)
     where d.delivery_id = any (deliveries);

    with handed as (
        insert into abate.delivery (channel_name, contact_id, recipient, language, template_code, about, plant_id, state, begun,
                                    due, folded, fallback_of)
        select f.channel_name, d.contact_id, a.address, d.language, d.template_code, d.about, d.plant_id, 'gathering',
               give_up.at, give_up.at, d.folded, d.delivery_id
          from abate.delivery d
          join abate.channel c on c.channel_name = d.channel_name
          join abate.channel f on f.channel_name = c.fallback and f.is_on
          left join abate.contact n on n.contact_id = d.contact_id
         cross join lateral (select case when f.medium in ('mail', 'sms') and n.contact_id is null then null
                                         else abate.address_of(n, f) end as address) a
         where d.delivery_id = any (deliveries) and a.address is not null
           and f.channel_name <> all (abate.channels_tried(d.delivery_id))
        returning delivery.delivery_id, delivery.fallback_of
    ),
    linked as (
        insert into abate.delivery_alert (delivery_id, alert_id, route_id, is_folded)
        select h.delivery_id, l.alert_id, l.route_id, l.is_folded
          from handed h
          join abate.delivery_alert l on l.delivery_id = h.fallback_of
    )
    select count(*) into handed_over from handed;
    if handed_over > 0 then
        perform pg_notify('abate_alert', '');
    end if;
    return handed_over;
end
$$;
comment on function abate.give_up is
    'Ends deliveries that cannot be made (failed, or expired), and hands their alerts to the fallback of their channel, unless that was tried before or has no address of the recipient. Returns how many were handed over.';

create or replace function abate.expire_deliveries(at timestamptz) returns int
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    late constant bigint[] := array(select d.delivery_id from abate.delivery d
                                     where d.gives_up <= expire_deliveries.at
                                       and (d.state = 'due' or d.state = 'sending' and d.next_try <= expire_deliveries.at)
                                       for no key update skip locked);
begin
    if cardinality(late) > 0 then
        perform abate.give_up(late, 'expired', null, at);
        perform abate.begin_trouble('', 'channel ' || c.channel_name, 'no daemon takes up what is to be sent', at)
           from (select distinct d.channel_name from abate.delivery d where d.delivery_id = any (late)) c;
    end if;
    return cardinality(late);
end
$$;
comment on function abate.expire_deliveries is
    'Step of abate.prepare_alerts(): what nobody has sent in time is given up, and handed to the fallback; that nobody did is a trouble of abate''s own. Returns how many.';

create or replace function abate.retry_pause(way abate.channel, tries int) returns interval
language sql immutable
return least(way.retry_most,
             way.retry_first * least(power(way.retry_growth, least(greatest(tries, 1) - 1, 100)), 1e6));
comment on function abate.retry_pause is 'How long to wait after so many tries that have failed.';

create or replace function abate.hold_deliveries(way abate.channel, retry_after interval, at timestamptz) returns void
language sql set search_path = pg_catalog, pg_temp
begin atomic
    with held as (
        select d.delivery_id,
               hold_deliveries.at
                   + least(hold_deliveries.retry_after, d.gives_up - (hold_deliveries.way).lease - hold_deliveries.at) as until
          from abate.delivery d
         where d.state = 'due' and d.channel_name = (hold_deliveries.way).channel_name and hold_deliveries.retry_after > '0'
           for no key update skip locked
    )
    update abate.delivery d
       set next_try = h.until
      from held h
     where d.delivery_id = h.delivery_id and d.next_try < h.until;
end;
comment on function abate.hold_deliveries is
    'What a channel''s gateway asks for: nothing that is due there is tried before retry_after is over, but for a last time a lease before it is given up.';

create or replace function abate.record_try(try_id bigint, ok boolean, permanent boolean, answer text, at timestamptz,
                                            retry_after interval default '0', out state text, out next_try timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    sent     abate.delivery;
    way      abate.channel;
    said     constant text := left(abate.plain_text(record_try.answer), 1000);
    is_last  boolean;
    pause    interval;
begin
    if record_try.ok is null or record_try.at is null then
        raise exception 'abate.record_try() has to be told what became of it, and when'
            using errcode = 'invalid_parameter_value';
    end if;
    select d.* into sent
      from abate.delivery_try t
      join abate.delivery d on d.delivery_id = t.delivery_id
     where t.try_id = record_try.try_id
       for no key update of d;
    if sent.delivery_id is null then
        raise exception 'there is no try %', record_try.try_id using errcode = 'no_data_found';
    end if;
    update abate.delivery_try t
       set ended = record_try.at, is_ok = record_try.ok, answer = said
     where t.try_id = record_try.try_id and t.ended is null;
    is_last := not found or not exists (select from abate.delivery_try t
                                         where t.delivery_id = sent.delivery_id and t.try_id > record_try.try_id);

    if sent.state in ('sent', 'failed', 'expired') and not (record_try.ok and sent.state <> 'sent') then
        null; -- it is over; the try stands as it was told
    elsif record_try.ok then
        update abate.delivery d
           set state = 'sent', ended = record_try.at, last_answer = said
         where d.delivery_id = sent.delivery_id;
        perform abate.end_trouble('', 'channel ' || sent.channel_name, record_try.at);
    elsif sent.state = 'sending' and is_last then
        select c.* into way from abate.channel c where c.channel_name = sent.channel_name;
        pause := abate.retry_pause(way, sent.tries);
        if coalesce(record_try.permanent, false) or record_try.at + pause >= sent.gives_up then
            perform abate.give_up(array[sent.delivery_id], 'failed', said, record_try.at);
            perform abate.begin_trouble('', 'channel ' || sent.channel_name, coalesce(said, 'no answer'), record_try.at);
        else
            update abate.delivery d
               set state = 'due', next_try = record_try.at + pause, last_answer = said
             where d.delivery_id = sent.delivery_id;
            perform abate.hold_deliveries(way, record_try.retry_after, record_try.at);
        end if;
    end if;
    select d.state, d.next_try into record_try.state, record_try.next_try
      from abate.delivery d where d.delivery_id = sent.delivery_id;
end
$$;
comment on function abate.record_try is
    'What became of a try: the gateway took it (ok); or not, and it is tried again after a growing pause, and not before the gateway wants it (retry_after), or given up at once (permanent) or in time, and handed to the fallback. Told twice changes nothing; a try whose lease ran out counts if it was taken. Returns the state, and when it is due again.';
grant execute on function abate.record_try to abate_writer;
