-- The outbox: messages to recipients, and each try to deliver one.

set local role abate_owner;

create table abate.delivery (
    delivery_id   bigint generated always as identity primary key,
    key           uuid not null unique default gen_random_uuid(),
    channel_name  text not null references abate.channel,
    contact_id    int references abate.contact,
    recipient     text not null check (recipient !~ '[[:cntrl:]]'),
    language      text not null check (language in ('zh', 'en')),
    template_code text not null default 'standard',
    about         text not null,
    plant_id      int references abate.plant,
    state         text not null check (state in ('gathering', 'due', 'sending', 'sent', 'failed', 'expired')),
    begun         timestamptz not null,
    due           timestamptz not null,
    next_try      timestamptz,
    gives_up      timestamptz,
    tries         int not null default 0,
    status        text check (status in ('firing', 'resolved')),
    alerts        int,
    folded        int not null default 0,
    subject       text check (subject !~ '[[:cntrl:]]'),
    body          text,
    alert         jsonb,
    ended         timestamptz,
    last_answer   text,
    fallback_of   bigint references abate.delivery,
    constraint rendered check (state = 'gathering' or num_nulls(next_try, gives_up, status, alerts, subject, body, alert) = 0),
    constraint ended_when_over check ((ended is not null) = (state in ('sent', 'failed', 'expired')))
);
comment on table abate.delivery is
    'One message to one recipient by one channel, of one alert or of several (delivery_alert). People ask the view delivery_list.';
comment on column abate.delivery.key is 'The same at every try: whoever gets it twice can see that it is one.';
comment on column abate.delivery.recipient is 'Address or number; of a robot or hook the name of the channel.';
comment on column abate.delivery.about is 'What it gathers: "plant 12", "agency gx", "abate", "digest" (all plants; what was folded, or is late).';
comment on column abate.delivery.state is
    'gathering: until `due` further alerts join it; due: to be sent at next_try; sending: somebody is at it, until next_try at the latest; sent: the gateway took it; failed: given up; expired: nobody took it up in time.';
comment on column abate.delivery.next_try is 'Of one that is being sent: when its lease runs out.';
comment on column abate.delivery.gives_up is 'When it is given up, and goes to the channel''s fallback.';
comment on column abate.delivery.status is 'resolved: all it tells of is over.';
comment on column abate.delivery.alerts is 'How many alerts it tells of.';
comment on column abate.delivery.folded is 'How many of them are in it because the recipient has had enough messages (channel.most_each), or because they are late.';
comment on column abate.delivery.alert is 'All that it says, for programs.';
comment on column abate.delivery.last_answer is 'What the gateway said last.';
comment on column abate.delivery.fallback_of is 'The delivery by another channel that it stands in for.';
create index delivery_waiting on abate.delivery (channel_name, next_try) where state in ('due', 'sending');
create index delivery_giving_up on abate.delivery (gives_up) where state in ('due', 'sending');
create index delivery_gathering on abate.delivery (channel_name, recipient) where state = 'gathering';
create index on abate.delivery (channel_name, recipient, begun);
create index on abate.delivery (fallback_of) where fallback_of is not null;

create table abate.delivery_alert (
    delivery_id bigint not null references abate.delivery,
    alert_id    bigint not null references abate.alert,
    route_id    int references abate.route on delete set null,
    is_folded   boolean not null default false,
    primary key (delivery_id, alert_id)
);
comment on table abate.delivery_alert is 'Which alerts each delivery tells of.';
comment on column abate.delivery_alert.route_id is 'By which route; null: told as those are who were told of the breach before, or the route is no more.';
create index on abate.delivery_alert (alert_id);
create index on abate.delivery_alert (route_id);

create table abate.delivery_try (
    try_id      bigint generated always as identity primary key,
    delivery_id bigint not null references abate.delivery,
    begun       timestamptz not null,
    ended       timestamptz,
    is_ok       boolean,
    answer      text
);
comment on table abate.delivery_try is 'Each try to deliver a message, and what the gateway answered.';
comment on column abate.delivery_try.ended is 'Null: under way, or never heard of again: whoever was at it has died.';
create index on abate.delivery_try (delivery_id);
