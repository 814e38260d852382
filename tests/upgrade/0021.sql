set local role abate_owner;
insert into abate.delivery (channel_name, contact_id, recipient, language, about, plant_id, state, begun, due, next_try, gives_up, tries, status,
                            alerts, subject, body, alert, ended, last_answer)
select 'mail', 1, 'wang@example.org', 'zh', 'plant 1', 1, s, '2021-03-02', '2021-03-02', '2021-03-02', '2021-03-03', 1, 'firing', 1, 's', 'b', '{"a": [1]}',
       case when s = 'sent' then '2021-03-02 00:01Z'::timestamptz end, '250 ok'
  from unnest(array['sent', 'due']) s;
insert into abate.delivery_alert (delivery_id, alert_id, route_id) values (1, 1, 1), (2, 2, null);
insert into abate.delivery_try (delivery_id, begun, ended, is_ok, answer) values (1, '2021-03-02', '2021-03-02', true, '250 ok'), (2, '2021-03-02', null, null, null);
-- of then: another set of arguments
create function abate.claim_deliveries(timestamptz, text[], int) returns int language sql return 0;
create function abate.record_try(bigint, boolean, boolean, text, timestamptz) returns int language sql return 0;
create function abate.begin_trouble(text, text, text, timestamptz) returns int language sql return 0;
create function abate.end_trouble(text, text, timestamptz) returns int language sql return 0;
