#!/usr/bin/env bash
# /metrics and /health: what they say is true, whoever asks, and however it is asked.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
here=$ABATE_SOURCE/tests/system

readonly MESSAGES=3000

port=$(free_port)

ask() { # PATH [CURL'S ...]: sets `status`; the answer is in $servers/answer
    status=$(curl -s -m 20 -o "$servers/answer" -w '%{http_code}' "${@:2}" "http://127.0.0.1:$port$1") || true
}

metric() { # SERIES: its value
    ask /metrics
    awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$servers/answer"
}

metric_is() { # SERIES VALUE
    [[ $(metric "$1") == "$2" ]]
}

health_is() { # STATUS WORD
    ask /health
    [[ $status == "$1" ]] && grep -q "\"status\":\"$2\"" "$servers/answer"
}

sockets() {
    find "/proc/${process[abated]}/fd" -lname 'socket:*' | wc -l
}

sockets_are() { # COUNT AT MOST
    [[ $(sockets) -le $1 ]]
}

tell() { # TOPIC PAYLOAD
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t "$1" -m "$2"
}

servers_begin_all
conf_set "$servers/abated.conf" http "listen=127.0.0.1:$port"
conf_set "$servers/abated.conf" judge "interval=1s"
simulate_register 10 10

story "messages are counted as they are stored"
abated_start
expect_true "ready" wait_until 20 health_is 200 ready
simulate --monitors 10 --messages "$MESSAGES"
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is "$MESSAGES"
expect_true "taken" wait_until 10 metric_is 'abate_broker_messages_total{broker="local"}' "$MESSAGES"
expect "decoded" "$(metric 'abate_feed_messages_total{feed="telemetry"}')" "$MESSAGES"
expect "stored" "$(metric 'abate_feed_messages_stored_total{feed="telemetry"}')" "$MESSAGES"
expect "readings" "$(metric 'abate_feed_readings_total{feed="telemetry"}')" "$(rows_of reading)"
expect "nothing waits" "$(metric abate_journal_unwritten_age_seconds)" 0.000000
expect "it is on duty" "$(metric 'abate_on_duty')" 1
expect "the broker is there" "$(metric 'abate_broker_connected{broker="local"}')" 1
expect_true "commits are timed" test "$(metric abate_commit_seconds_count)" -gt 0
expect_true "syncs are timed" test "$(metric abate_journal_sync_seconds_count)" -gt 0

story "what is there already is counted by feed"
expect "none so far" "$(metric 'abate_feed_readings_duplicate_total{feed="telemetry"}')" 0
for at in 00 00 01 00; do
    tell plants/sim/SIM/SIM000001 '{"time":"2020-01-01T00:'$at':00Z","period":"minute","readings":{"a21002":1,"a21026":2}}'
done
expect_true "two messages came again, each of two readings" wait_until 10 metric_is 'abate_feed_readings_duplicate_total{feed="telemetry"}' 4
expect "their readings count, too" "$(metric 'abate_feed_readings_total{feed="telemetry"}')" $((MESSAGES * 10 + 8))

story "what is rejected is counted by what was wrong"
tell plants/sim/SIM/SIM0000 '{'
tell plants/sim/SIM/NOBODY '{"time":"2020-01-01T00:00:00Z","readings":{"a21002":1}}'
tell plants/sim/SIM/NOBODY '{"time":"2020-01-01T00:01:00Z","readings":{"a21002":1}}'
rejected() { # REASON COUNT
    metric_is "abate_feed_rejects_total{feed=\"telemetry\",reason=\"$1\"}" "$2"
}
expect_true "of nobody's monitor" wait_until 10 rejected monitor 2
expect_true "no JSON" rejected payload 1
expect_true "nothing else" rejected reading 0
expect "stored still" "$(metric 'abate_feed_messages_stored_total{feed="telemetry"}')" $((MESSAGES + 4))

story "the page is what Prometheus reads"
expect_true "the judge's figures are there" wait_until 20 metric_is 'abate_deliveries{state="due"}' 0
ask /metrics
expect "status" "$status" 200
expect_true "each line is right" "$here/metrics_check.py" <"$servers/answer"
if command -v promtool >"$servers/promtool"; then
    expect_true "promtool says so, too" promtool check metrics <"$servers/answer"
fi

story "alert rules and dashboard name what there is"
"$here/metrics_check.py" <"$servers/answer" >"$servers/names"
for file in "$ABATE_SOURCE/daemon/prometheus/alerts.yaml" "$ABATE_SOURCE/daemon/prometheus/dashboard.json"; do
    named=$(grep -o '\(abate\|process\)_[a-z_]*' "$file" | sed 's/_\(bucket\|sum\|count\)$//' | sort -u)
    expect_true "$(basename "$file") names metrics" test "$(wc -l <<<"$named")" -gt 8
    expect "$(basename "$file") names none that is not there" "$(grep -vxF -f "$servers/names" <<<"$named" || true)" ""
done
expect_true "the dashboard is JSON" /usr/bin/python3 -m json.tool "$ABATE_SOURCE/daemon/prometheus/dashboard.json" /dev/null
if command -v promtool >/dev/null; then
    cp "$ABATE_SOURCE/daemon/prometheus/alerts.yaml" "$ABATE_SOURCE/tests/alert/prometheus_test.yaml" "$servers"
    expect_true "the rules are rules" promtool check rules "$servers/alerts.yaml"
    expect_true "where there are several daemons, they tell which" promtool test rules "$servers/prometheus_test.yaml"
fi

story "who asks otherwise"
ask /metrics -I
expect "HEAD" "$status" 200
ask /metrics -X POST -d x
expect "POST" "$status" 405
ask /nothing
expect "another path" "$status" 404
ask /health
expect_true "health is JSON" /usr/bin/python3 -m json.tool "$servers/answer" /dev/null

story "the database away: degraded, and for how long"
postgres_stop fast
tell plants/sim/SIM/SIM0000 '{'
expect_true "degraded" wait_until 20 health_is 200 degraded
expect_true "the reason is the database" grep -q '"about":"database","reason":"..*"' "$servers/answer"
sleep 1
expect_true "it waits since" awk -v s="$(metric abate_journal_unwritten_age_seconds)" 'BEGIN { exit !(s > 1 && s < 60) }'
expect "connected" "$(metric abate_database_connected)" 0
postgres_start
expect_true "ready again" wait_until 60 health_is 200 ready
tell plants/sim/SIM/SIM0000 '{'
expect_true "and it stores, though we asked while it connected" wait_until 20 rejected payload 3

story "the broker away: down"
mosquitto_stop
expect_true "down" wait_until 20 health_is 503 down
expect_true "the reason is the broker" grep -q '"about":"broker","name":"local","reason":"..*"' "$servers/answer"
expect "the broker is not there" "$(metric 'abate_broker_connected{broker="local"}')" 0
mosquitto_start
expect_true "ready again" wait_until 60 health_is 200 ready

story "garbage and connections that say nothing cost nobody anything"
sleep 0.3
sockets=$(sockets)
process_start garbage "" "$here/http_garbage.py" "$port" 1 200
simulate --monitors 10 --messages $((MESSAGES * 2)) --seed 1
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES * 2))
expect_true "garbage is through" process_wait garbage 60
sed 's/^/    /' "$servers/garbage.log"
expect_true "none is held" grep -qx "held 0" "$servers/garbage.log"
expect_true "some were answered" grep -q "^200 " "$servers/garbage.log"
expect "none with a fault of ours" "$(grep '^5' "$servers/garbage.log" | grep -cv '^501 ' || true)" 0
expect_true "the same process, ready" health_is 200 ready
expect_true "no socket is left open" wait_until 10 sockets_are "$sockets"

story "stopped"
abated_stop
expect "exit status" "$ended" 0
story_end
