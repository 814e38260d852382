#!/usr/bin/env bash
# From the publish of a value over its limit until the mail server holds the mail, while other messages come, measured with
# private servers: a line, and alert.csv in the build directory.
#
#     alert.sh [EVENTS [RATE]]       default 200 events, one each quarter of a second, at 1000 messages/s beside them
#     alert.sh --storm [MONITORS]    alert_storm.sh
#     alert.sh --hung [EVENTS [BACKLOG]]   alert_hung.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${1:-} in --storm | --hung) exec bash "$here/alert_${1#--}.sh" "${@:2}" ;; esac
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$here/../.." && pwd)}
source "$here/../servers.sh"
source "$here/../alert/servers.sh"

events=${1:-200}
rate=${2:-1000}

servers_begin
csv=$ABATE_BUILD/alert.csv
postgres_start postgres shared_buffers=256MB
mosquitto_start
gateway_start post mail_server.py
abate_conf
channel_conf mail mail host=127.0.0.1 encryption=none "port=$(port_of post)" from=abate@example.org in_flight=8
database_make
simulate_register $((events + 10)) 10
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
            select 'a21002', 'minute', plant_id, 1e6, 'mg/m3', 'bench', 'bench' from abate.plant where plant_code = 'SIM';
            insert into abate.contact (name, mail, language, plant_id)
            select 'desk', 'desk@example.org', 'en', plant_id from abate.plant where plant_code = 'SIM';
            update abate.channel set group_interval = '0', most = null, most_each = null" >/dev/null
abated_start
wait_until 20 log_has abated "connected, session" || servers_fail "no session"
simulate --monitors 10 --readings 10 --messages $(((events / 4 + 20) * rate)) --rate "$rate" --id bench-load
sleep 5

at=$(date -u +%Y-%m-%dT%H:%M:00Z)
: >"$servers/published"
for ((i = 1; i <= events; i++)); do
    monitor=$(printf 'SIM%06d' $((10 + i)))
    printf '%s\t%s\n' "$(date +%s.%N)" "$monitor" >>"$servers/published"
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t "plants/sim/SIM/$monitor" \
        -m "{\"time\":\"$at\",\"period\":\"minute\",\"readings\":{\"a21002\":2e6}}"
    sleep 0.25
done
all_told() {
    [[ $(psql_value "select count(*) from abate.alert a join abate.delivery_alert l using (alert_id) join abate.delivery d using (delivery_id)
                      where d.state = 'sent'") -ge $events ]]
}
wait_until 60 all_told || servers_fail "not all alerts were sent"
process_end simulate TERM 5
stored=$(stored_count)

# Which mail told of which monitor says the database; when the mail server had it, its list.
psql_value "select m.monitor_code || e'\\t' || d.key
              from abate.alert a join abate.monitor m using (monitor_id) join abate.delivery_alert l using (alert_id)
              join abate.delivery d using (delivery_id)" >"$servers/keys"
/usr/bin/python3 - "$servers" "$csv" "$rate" "$stored" <<'END'
import sys
folder, csv, rate, stored = sys.argv[1:]
held = {}
for line in open(f"{folder}/post/list"):
    at, number, message_id, *rest = line.split("\t")
    held.setdefault(message_id.strip("<>").split("@")[0], float(at))
key = dict(line.split() for line in open(f"{folder}/keys"))
took = sorted(held[key[m]] - float(at) for at, m in (line.split() for line in open(f"{folder}/published")))
def at(part):
    return took[min(len(took) - 1, int(len(took) * part))]
print(f"alert      {len(took)} values over a limit in {len(held)} mails, {rate} messages/s beside them ({stored} stored):")
print(f"           publish to mail held: p50 {at(.5) * 1e3:.0f} ms, p90 {at(.9) * 1e3:.0f} ms, p99 {at(.99) * 1e3:.0f} ms, most {took[-1] * 1e3:.0f} ms")
with open(csv, "w") as file:
    file.write("events,mails,rate,p50_s,p90_s,p99_s,most_s\n")
    file.write(f"{len(took)},{len(held)},{rate},{at(.5):.4f},{at(.9):.4f},{at(.99):.4f},{took[-1]:.4f}\n")
END
