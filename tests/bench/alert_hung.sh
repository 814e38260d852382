#!/usr/bin/env bash
# A gateway that is down for an hour delays its own messages alone: from the publish of a value over its limit until another
# gateway has heard of it, while all is well, while the first one refuses, and while it hangs.
#
#     alert_hung.sh [EVENTS [BACKLOG]]       default 120 events an hour, and 200 messages that wait already
#
# The hour is 30 s: all times of the channel's policy as it comes, and of its configuration, are divided by 120. So a
# message is tried as often as in a real hour, but 120 times as densely.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/alert/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../alert/servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

readonly events=${1:-120} backlog=${2:-200} hour_s=30
next=1

over_limit() { # COUNT: so many further monitors
    at=$(date -u +%Y-%m-%dT%H:%M:00Z)
    for ((last = next + $1; next < last; next++)); do
        monitor=$(printf 'P%06d' "$next")
        message "plants/sim/$monitor/$monitor" "{\"time\":\"$at\",\"period\":\"minute\",\"readings\":{\"a21002\":60}}"
    done
}

# An hour of events.
hour() {
    local i pause
    pause=$(awk -v s="$hour_s" -v n="$events" 'BEGIN { print s / n }')
    for ((i = 0; i < events; i++)); do
        over_limit 1 >"$servers/values"
        date +%s.%N >>"$servers/published"
        publish "$servers/values"
        sleep "$pause"
    done
}

is_told() { # CHANNEL
    [[ $(psql_value "select count(*) from abate.delivery where channel_name = '$1' and state = 'sent'") -eq $((next - 1)) ]]
}

tries() {
    psql_value "select count(*) from abate.delivery_try join abate.delivery using (delivery_id) where channel_name = 'bad'"
}

# What the good gateway heard of the last hour's events.
percentiles() { # WHAT
    /usr/bin/python3 - "$servers" "$1" "$((next - events))" <<'END'
import json, os, sys
folder, what, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
heard = {}
for name in os.listdir(f"{folder}/good"):
    with open(f"{folder}/good/{name}", encoding="utf-8") as file:
        request = json.load(file)
    for alert in json.loads(request["body"])["alerts"]:
        heard[int(alert["monitor_code"][1:])] = request["at"]
published = [float(line) for line in open(f"{folder}/published")]
took = sorted(heard[first + n] - at for n, at in enumerate(published))
print(f"    {what + ':':<24} p50 {took[len(took) // 2] * 1e3:4.0f} ms, p99 {took[int(len(took) * .99)] * 1e3:4.0f} ms, most {took[-1] * 1e3:4.0f} ms")
END
}

down() { # COMMAND WHAT
    local before
    before=$(tries)
    proxy_say way "$1"
    over_limit "$backlog" >"$servers/values"
    publish "$servers/values"
    process_wait publish 60
    expect_true "$2: the good one hears of what waits" wait_until 60 is_told good
    : >"$servers/published"
    hour
    expect_true "$2: the good one hears all" wait_until 10 is_told good
    expect "$2: by the one that is down" "$(psql_value "select count(*) from abate.delivery where channel_name = 'bad' and state = 'sent'")" \
        $((next - 1 - events - backlog))
    percentiles "$2"
    echo "    $(($(tries) - before)) tries at the one that is down"
    proxy_say way pass
    expect_true "$2: and all is told when it is back" wait_until 60 is_told bad
}

servers_begin
postgres_start postgres shared_buffers=256MB
mosquitto_start
gateway_start good web_server.py
gateway_start bad web_server.py
proxy_start way "$(free_port)" "$(port_of bad)"
abate_conf
channel_conf good http "url=http://127.0.0.1:$(port_of good)/ok"
channel_conf bad http "url=http://127.0.0.1:$(sed -n 's/^ready //p' "$servers/way.log")/ok" timeout=250ms
database_make
readonly monitors=$((3 * events + 2 * backlog))
simulate_register "$monitors" 3 abate --plant P --plants "$monitors"
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
            select 'a21002', 'minute', plant_id, 50, 'mg/m3', 'bench', 'bench' from abate.plant;
            insert into abate.channel (channel_name, medium, source) values ('good', 'hook', 'bench'), ('bad', 'hook', 'bench');
            update abate.channel
               set lease = lease / 120, retry_first = retry_first / 120, retry_most = retry_most / 120,
                   give_up_after = give_up_after / 120
             where channel_name = 'bad';
            insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
            select 1, n, '{opened}', 'channel', n, 'bench' from unnest('{good,bad}'::text[]) n"
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"

story "an hour in $hour_s s, $events values over a limit in it"
: >"$servers/published"
hour
expect_true "all is told" wait_until 10 is_told good
percentiles "all is well"
down refuse "one refuses"
down blackhole "one hangs"
abated_stop
expect "exit status" "$ended" 0
story_end
