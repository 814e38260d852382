#!/usr/bin/env bash
# SIGHUP under load: a good file is in force at once, a wrong one never; nothing is lost by either, and nothing comes twice.
# `reload.sh 60000` does the same with more.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=${1:-6000}

port=$(free_port)

metric_is() { # SERIES VALUE
    [[ $(curl -s "http://127.0.0.1:$port/metrics" | grep -cxF "$1 $2") -eq 1 ]]
}

health_has() { # TEXT
    [[ $(curl -s "http://127.0.0.1:$port/health") == *"$1"* ]]
}

says() { # TEXT: how often the log has it
    grep -cF -e "$1" "$servers/abated.log" || true
}

# reload FILE: puts it where abated reads it, and waits for what comes of it.
reload() {
    local before
    before=$(reloads)
    cp "$1" "$servers/abated.conf"
    kill -HUP "${process[abated]}"
    wait_until 20 reloads_past "$before"
}

reloads() {
    grep -cE 'reload: .*(is in force|nothing is changed)$' "$servers/abated.log" || true
}

reloads_past() { # COUNT
    [[ $(reloads) -gt $1 ]]
}

tell() { # TOPIC MINUTE
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t "$1" \
        -m "{\"monitor\":\"SIM000001\",\"time\":\"2021-01-01T00:$2:00Z\",\"period\":\"minute\",\"readings\":{\"a34013\":1}}"
}

servers_begin_all
conf_set "$servers/abated.conf" http "listen=127.0.0.1:$port"
simulate_register 10 10
cp "$servers/abated.conf" "$servers/first.conf"

{ # a feed more, receipts, another window
    sed 's/receipts = .*/receipts = on/; s/past = .*/past = "40y"/' "$servers/first.conf"
    printf 'feed "more" {\n    broker = "local"\n    topic = "more/{monitor}"\n    past = "40y"\n}\n'
    printf 'channel "hook" {\n    kind = exec\n    program = /bin/true\n    troubles_to = "duty"\n}\n'
} >"$servers/more.conf"
{ # what waits for a restart, beside what does not
    sed 's/host = "127.0.0.1"/host = "localhost"/; s/receive_maximum = .*/receive_maximum = 7/' "$servers/more.conf"
    printf 'log = "debug"\n'
} >"$servers/waits.conf"
sed 's/receive_maximum/recieve_maximum/' "$servers/more.conf" >"$servers/wrong.conf"
{
    cat "$servers/more.conf"
    printf 'broker "second" {\n    host = "127.0.0.1"\n}\n'
} >"$servers/brokers.conf"

process_start notify "" /usr/bin/python3 "$ABATE_SOURCE/tests/system/notify_socket.py" "$servers/notify"
wait_until 10 log_has notify listening
export NOTIFY_SOCKET=$servers/notify
abated_start
unset NOTIFY_SOCKET
session=$(says "connected, session")

story "good and wrong files while messages come"
simulate --monitors 10 --messages "$MESSAGES" --rate $((MESSAGES / 4))
while_they_come=0
for file in more wrong first more waits brokers more first more wrong more; do
    sleep 0.2
    expect_true "$file" reload "$servers/$file.conf"
    ! is_alive simulate || while_they_come=$((while_they_come + 1))
done
expect_true "good and wrong ones while messages came: $while_they_come" test "$while_they_come" -ge 2
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is "$MESSAGES"
expect_true "each was taken once" metric_is 'abate_broker_messages_total{broker="local"}' "$MESSAGES"
expect_true "no reading came twice" metric_is 'abate_feed_readings_duplicate_total{feed="telemetry"}' 0
expect "rejects" "$(rows_of rejected_message)" 0
expect_true "counted over all of them" metric_is 'abate_feed_messages_total{feed="telemetry"}' "$MESSAGES"
expect_true "the same process" is_alive abated
expect "the session stays" "$(says "connected, session")" $((session > 0 ? session : 1))
expect_true "what is wrong is said with its line" grep -qE 'reload: .*abated.conf:[0-9]+: .*recieve_maximum.*nothing is changed' "$servers/abated.log"
expect_true "what waits is named" log_has abated 'reload: broker "local": host: waits for a restart'
expect_true "each of it" log_has abated 'reload: broker "local": receive_maximum: waits for a restart'
expect_true "the log says as much as is asked for" log_has abated 'debug: writer: '
expect_true "a channel that came is in use" wait_until 20 log_has abated 'channel "hook": it is configured here, and not in abate.channel'
expect_true "another broker waits, too" log_has abated 'now there are 2: this waits for a restart; nothing is changed'

story "the service manager is told"
expect_true "that it begins, and when" grep -qE '^RELOADING=1 MONOTONIC_USEC=[0-9]+$' "$servers/notify.log"
expect "ready after each, and at the start" "$(grep -cx READY=1 "$servers/notify.log")" 12
expect_true "how it is" wait_until 10 grep -qE '^STATUS=[0-9]{1,3}(,[0-9]{3})* messages, 0 breaches open, database ' "$servers/notify.log"
expect_true "that it is alive" grep -qx WATCHDOG=1 "$servers/notify.log"

story "a feed that came"
tell more/SIM000001 01
expect_true "its message is stored" wait_until 20 stored_is $((MESSAGES + 1))
expect_true "and counted" metric_is 'abate_feed_messages_stored_total{feed="more"}' 1

story "receipts that are asked for now"
mosquitto_sub -h 127.0.0.1 -p "$broker_port" -V 5 -t 'receipts/#' -C 1 -W 20 >"$servers/receipt" &
listener=$!
sleep 0.5
tell plants/sim/SIM/SIM000001 02
wait "$listener" || true
expect_true "one comes" grep -q '"status":"kept"' "$servers/receipt"

story "a feed that goes"
reload "$servers/first.conf"
expect_true "it is unsubscribed" log_has abated 'filter "more/+" is of no feed any more: unsubscribed'
tell more/SIM000001 03
tell plants/sim/SIM/SIM000001 04
expect_true "what comes after it is stored" wait_until 20 stored_is $((MESSAGES + 3))
expect_true "it was not taken" metric_is 'abate_broker_messages_total{broker="local"}' $((MESSAGES + 3))

story "health knows of a wrong file"
reload "$servers/wrong.conf"
expect_true "degraded" health_has '"about":"configuration"'
expect_true "and metrics" metric_is abate_config_last_reload_successful 0
reload "$servers/first.conf"
expect_true "ready" health_has '"status":"ready"'

story "stopped"
abated_stop
expect "exit status" "$ended" 0
story_end
