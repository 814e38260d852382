#!/usr/bin/env bash
# The whole line: a value over its limit is published, and people hear of it, by mail, by a gateway, a program, a broker and
# the real Alertmanager; and that it is over. A gateway that is away, or hangs, delays itself alone. What becomes of alerts
# when abated or what is around it dies: tests/faults/alert.sh.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/alert/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../alert/servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

# Minutes of now, each later than the last.
minute=$(($(date +%s) / 60 - 60))
say() { # MONITOR VALUE
    minute=$((minute + 1))
    message "plants/sim/SIM/$1" "$(printf '{"time":"%s","period":"minute","readings":{"a21002":%s}}' \
        "$(date -u -d "@$((minute * 60))" +%Y-%m-%dT%H:%M:%SZ)" "$2")" >"$servers/values"
    publish "$servers/values"
    process_wait publish 30
}

mails() { # what each says: subjects of all mails, oldest first
    /usr/bin/python3 - "$servers/post" <<'END'
import email, email.policy, os, sys
for number in range(1, 1 + sum(name.endswith(".eml") for name in os.listdir(sys.argv[1]))):
    m = email.message_from_bytes(open(f"{sys.argv[1]}/{number}.eml", "rb").read(), policy=email.policy.default)
    print(m["To"].addresses[0].addr_spec, m["Subject"])
END
}

count() { # FILE-PATTERN: how many
    find "$servers" -path "$servers/$1" | wc -l
}

counts() { # FILE-PATTERN COUNT
    [[ $(count "$1") -eq $2 ]]
}

psql_true() { # QUERY
    [[ $(psql_value "$1") == t ]]
}

all_sent() {
    [[ $(psql_value "select count(*) from abate.alert where outcome is null") -eq 0 &&
        $(psql_value "select count(*) from abate.delivery where state not in ('sent', 'failed', 'expired')") -eq 0 ]]
}

deliveries() { # what became of those by a channel
    psql_value "select string_agg(state || ' ' || tries || ' ' || last_answer, ', ' order by delivery_id)
                  from abate.delivery where channel_name = '$1'"
}

alertmanager_says() { # what is active, by the labels that it is routed by
    curl -s "http://127.0.0.1:$am_port/api/v2/alerts?active=true" | /usr/bin/python3 -c 'import json, sys
for a in json.load(sys.stdin):
    print(*[a["labels"][name] for name in ("alertname", "severity", "region", "plant", "monitor", "parameter")], a["annotations"]["value"])'
}

alertmanager_has() { # TEXT
    [[ $(alertmanager_says) == "$1" ]]
}

alertmanager_ready() {
    curl -sf "http://127.0.0.1:$am_port/-/ready" >/dev/null
}

servers_begin_all
gateway_start post mail_server.py
gateway_start web web_server.py
am_port=$(free_port)
printf 'route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n' >"$servers/am.yml"
process_start am "" prometheus-alertmanager --config.file="$servers/am.yml" --storage.path="$servers/am" \
    --web.listen-address="127.0.0.1:$am_port" --cluster.listen-address=
printf '#!/bin/sh\ncat >>"$0.heard"\necho >>"$0.heard"\necho heard\n' >"$servers/hook"
chmod 755 "$servers/hook"
mail="host=127.0.0.1 encryption=none port=$(port_of post) from=abate@example.org"
# shellcheck disable=SC2086 # words
{
    channel_conf mail mail $mail
    channel_conf gate http "url=http://127.0.0.1:$(port_of web)/slow"
    channel_conf hook exec "program=$servers/hook"
    channel_conf bus mqtt topic=abate/alerts
    channel_conf manager alertmanager "url=http://127.0.0.1:$am_port"
    channel_conf stuck http "url=http://127.0.0.1:$(port_of web)/hang" timeout=1s in_flight=1
    channel_conf asks http "url=http://127.0.0.1:$(port_of web)/429?retry_after=3600"
    channel_conf away mail host=127.0.0.1 encryption=none "port=$(free_port)" from=a@example.org
}
simulate_register 24 3
limit_set 50
psql_value "insert into abate.contact (name, mail, language, plant_id)
            select 'desk', 'desk@example.org', 'en', plant_id from abate.plant where plant_code = 'SIM';
            update abate.channel set group_interval = '0', most = null, most_each = null, lease = '2 seconds', retry_first = '1 second',
                                     retry_most = '2 seconds';
            insert into abate.channel (channel_name, medium, group_interval, lease, retry_first, retry_most, source)
            select n, 'hook', '0', '3 seconds', '1 second', '2 seconds', 'test' from unnest('{gate,hook,bus,manager,stuck,asks}'::text[]) n;
            insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
            select 1, n, '{opened,worse}', 'channel', n, 'test' from unnest('{gate,hook,bus,manager}'::text[]) n"
wait_until 30 alertmanager_ready || { show_log am; servers_fail "Alertmanager does not start"; }
process_start sub "" mosquitto_sub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t 'abate/#'
abated_start
expect_true "a session at the broker" wait_until 20 log_has abated "connected, session"

story "a breach opens"
say SIM000001 60
expect_true "mail" wait_until 20 counts 'post/*.eml' 1
expect_true "the gateway" wait_until 20 counts 'web/*.json' 1
expect_true "the program" wait_until 20 grep -q '"kind": "opened"' "$servers/hook.heard"
expect_true "the broker" wait_until 20 grep -q '"kind": "opened"' "$servers/sub.log"
expect_true "Alertmanager has it" wait_until 20 alertmanager_has "abate_early warning sim SIM SIM000001 a21002 60"
expect_true "all is recorded" wait_until 20 all_sent
expect "the mail" "$(mails)" "$(psql_value "select recipient || ' ' || subject from abate.delivery where channel_name = 'mail'")"
expect_true "its Message-ID is the key" grep -q "<$(psql_value "select key from abate.delivery where channel_name = 'mail'")@example.org>" "$servers/post/list"
expect "what the mail server said" "$(deliveries mail)" "sent 1 250 2.0.0 queued as 1"
expect "what the program said" "$(deliveries hook)" "sent 1 exit status 0: heard"
expect "tries" "$(psql_value "select count(*) || ' ' || bool_and(is_ok) from abate.delivery_try")" "5 true"

story "it becomes graver"
psql_value "update abate.breach set severity = 'hour' where closed is null"
expect_true "mail" wait_until 20 counts 'post/*.eml' 2
expect_true "Alertmanager has it as graver, and no more as it was" wait_until 20 alertmanager_has "abate_early hour sim SIM SIM000001 a21002 60"

story "it is over"
say SIM000001 10
expect_true "mail" wait_until 20 counts 'post/*.eml' 3
expect_true "Alertmanager has it no more" wait_until 20 alertmanager_has ""
expect_true "all is recorded" wait_until 20 all_sent

before=$(psql_value "select max(alert_id) from abate.alert")
story "a gateway that hangs, one that is away: the others do not wait"
psql_value "insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
            select 1, n, '{opened}', 'channel', n, 'test' from unnest('{stuck,asks}'::text[]) n"
for i in 1 2 3 4 5 6; do say "SIM00000$i" 60; done
expect_true "all six are told by mail" wait_until 10 psql_true "select count(*) = 6 from abate.delivery d join abate.delivery_alert using (delivery_id)
    join abate.alert a using (alert_id) where channel_name = 'mail' and d.state = 'sent' and kind = 'opened' and alert_id > $before"
expect "by the one that hangs" "$(psql_value "select count(*) from abate.delivery where channel_name = 'stuck' and state = 'sent'")" 0
expect_true "it is tried again" wait_until 20 psql_true "select count(*) >= 8 from abate.delivery_try t join abate.delivery d using (delivery_id)
    where channel_name = 'stuck' and answer = 'no answer within 1s'"
expect "one that asks for an hour gets it" "$(psql_value "select count(*) > 1, min(next_try - ended) > '59 minutes', max(next_try - ended) < '61 minutes'
    from (select d.next_try, max(t.ended) as ended from abate.delivery d left join abate.delivery_try t using (delivery_id)
           where channel_name = 'asks' group by delivery_id) n where ended is not null")" "t|t|t"
process_end post TERM 5
say SIM000007 60
expect_true "tried while the mail server is away" wait_until 20 psql_true "select tries > 1 from abate.delivery where channel_name = 'mail'
    and state <> 'sent'"
port=$(port_of post)
gateway_start post mail_server.py --port "$port"
expect_true "sent when it is back" wait_until 20 grep -q "$(psql_value "select key from abate.delivery where channel_name = 'mail'
    order by delivery_id desc limit 1")" "$servers/post/list"
psql_value "delete from abate.route where name in ('stuck', 'asks');
            update abate.channel set is_on = false where channel_name in ('stuck', 'asks');
            update abate.delivery set state = 'expired', ended = now() where channel_name in ('stuck', 'asks') and state <> 'sent'"

story "alerts come faster than they are prepared"
psql_value "alter function abate.prepare_alerts(timestamptz, int) rename to prepare_alerts_at_once;
            create function abate.prepare_alerts(at timestamptz) returns timestamptz language plpgsql security definer as
            \$\$ begin perform pg_sleep(0.3); return abate.prepare_alerts_at_once(at); end \$\$;
            grant execute on function abate.prepare_alerts to abate_writer" >/dev/null
# shellcheck disable=SC2016 # for the inner shell
process_start waking "" bash -c 'while :; do echo "notify abate_alert;"; sleep 0.1; done | "$0" -Xq -d abate' "$postgres_bin/psql"
before=$(psql_value "select max(alert_id) from abate.alert")
say SIM000010 60
expect_true "they are told all the same" wait_until 20 psql_true "select count(*) = 1 from abate.delivery d
    join abate.delivery_alert using (delivery_id) where channel_name = 'mail' and d.state = 'sent' and alert_id > $before"
process_end waking TERM 5
psql_value "drop function abate.prepare_alerts(timestamptz);
            alter function abate.prepare_alerts_at_once(timestamptz, int) rename to prepare_alerts" >/dev/null
expect_true "all sent" wait_until 30 all_sent

story "PostgreSQL is away when the answer comes"
printf '#!/bin/sh\ncat >/dev/null\nsleep 2\necho >>"$0.slow"\n' >"$servers/hook"
say SIM000008 60
expect_true "the program runs" wait_until 10 pgrep -f "$servers/hook" >/dev/null
postgres_stop fast
expect_true "and ends" wait_until 10 test -e "$servers/hook.slow"
postgres_start
expect_true "recorded when it is back" wait_until 30 all_sent
expect "run once" "$(wc -l <"$servers/hook.slow")" 1
printf '#!/bin/sh\ncat >/dev/null\n' >"$servers/hook"

story "what a person does at a terminal"
ctl() {
    "$(program abatectl)" -c "$servers/abated.conf" alert "$@"
}
number=$(psql_value "select number from abate.alert where kind = 'opened' order by alert_id desc limit 1")
expect "listed as open" "$(ctl list --open --most 1 | awk -v n="$number" '$1 == n { print $1 }')" "$number"
expect_true "acknowledged" grep -q '^acknowledged by Li: [1-9]' <(ctl ack --who Li "$number")
expect "no more" "$(ctl list --open | grep -c "^$number " || true)" 0
expect "a number that is none" "$(ctl ack --who Li 2020-999999 2>&1 | cut -d ';' -f 1)" 'abatectl: error: database: there is no alert "2020-999999"'
silence=$(ctl silence --conninfo "host=$PGHOST dbname=abate user=postgres" --plant SIM --for 1h --reason "boiler" --who Li | sed -n 's/^silence \([0-9]*\);.*/\1/p')
expect_true "silenced: $silence" test -n "$silence"
before=$(psql_value "select max(alert_id) from abate.alert where kind = 'opened'")
say SIM000009 60
expect_true "nothing is told of it" wait_until 10 psql_true "select outcome = 'silenced' from abate.alert where kind = 'opened' and alert_id > $before"
expect "until the silence is lifted" "$(ctl silence --conninfo "host=$PGHOST dbname=abate user=postgres" --lift "$silence")" "silence $silence is over"
say SIM000009 10
expect_true "a test goes the long way" grep -q '^alert ' <(ctl test --outbox mail way@example.org)
expect_true "and comes there" wait_until 10 grep -q "way@example.org" "$servers/post/list"

story "abatectl check looks at the ways out"
check() { # sets status; what it says is in $servers/check
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" check >"$servers/check" 2>&1 || status=$?
}
check
expect "status" "$status" 0
expect_true "all have their files" grep -qx 'channels: 8 of 8 have what they need in files' "$servers/check"
expect_true "one that nobody entered" grep -q '^channel "away": it is configured here, and not in abate.channel' "$servers/check"
expect_true "one that is off" grep -q '^channel "stuck": it is configured here, and off' "$servers/check"
expect "one that is well" "$(grep -c '^channel "gate"' "$servers/check" || true)" 0
chmod 644 "$servers/hook"
check
expect "a program that cannot be run: status" "$status" 1
expect_true "it is said" grep -q "error: channel \"hook\".*$servers/hook" "$servers/check"
expect_true "and counted" grep -qx 'channels: 7 of 8 have what they need in files' "$servers/check"
chmod 755 "$servers/hook"

story "all of it"
expect_true "all is recorded" wait_until 20 all_sent
expect "mails by other keys than those of deliveries" \
    "$(cut -f 3 "$servers/post/list" | sed 's/<\(.*\)@.*/\1/' | sort -u | while read -r key; do
        [[ $(psql_value "select count(*) from abate.delivery where key::text = '$key'") -eq 1 ]] || echo "$key"; done)" ""
expect "deliveries by mail that were not sent" "$(psql_value "select count(*) from abate.delivery where channel_name = 'mail' and state <> 'sent'")" 0
abated_stop
expect "exit status" "$ended" 0
story_end
