#!/usr/bin/env bash
# How soon a running abated sees a change of the registry: from the change until it stores, or judges, by it, while other
# messages come, measured with private servers: two lines, and registry.csv in the build directory.
#
#     registry.sh [CHANGES [RATE]]       default 20 changes of each sort, at 300 messages/s beside them
#
# monitor    a new one, every second one by `abatectl register import`, the others in SQL. It sends all the time, as one does
#            that nobody has registered yet: the first value that is stored was sent so long after the change
# limit      that of a monitor, lowered below what it sends and raised above it in turn: a breach opens with the first value
#            held against the lower limit, and closes with the first one held against the higher
#
# Values are sent every 10 ms, with the instant they are sent; 0 ms: one that was under way already was taken by the change. It is
# made when PostgreSQL says that it was committed. At the end every message is in the database: stored, or counted as rejected.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../servers.sh"

changes=${1:-20}
rate=${2:-300} # of senders of 100 each

# sending NAME MONITOR: a value every 10 ms until $servers/NAME.stop is there; how many is in $servers/NAME.sent.
sending() {
    process_start "$1" "" /bin/sh -c 'trap "trap - TERM; kill 0" TERM
/usr/bin/python3 -c "$0" "$1" | mosquitto_pub -h 127.0.0.1 -p "$2" -V 5 -q 1 -l -t "plants/sim/SIM/$3" &
wait $!' '
import os, sys, time
from datetime import datetime, timezone
name, sent = sys.argv[1], 0
while not os.path.exists(name + ".stop"):
    at = datetime.now(timezone.utc).isoformat()
    print("{\"time\":\"%s\",\"period\":\"minute\",\"readings\":{\"a21002\":60}}" % at, flush=True)
    sent += 1
    time.sleep(0.01)
open(name + ".sent", "w").write(str(sent))
' "$servers/$1" "$broker_port" "$2"
}

sending_end() { # NAME
    touch "$servers/$1.stop"
    process_wait "$1" 60
    sent=$((sent + $(cat "$servers/$1.sent")))
}

import() { # FOLDER
    "$(program abatectl)" -c "$servers/abated.conf" register import --conninfo "host=$PGHOST dbname=$PGDATABASE user=postgres" "$1" >/dev/null
}

# new MONITOR N
new() {
    if ((${2} % 2 == 0)); then
        mkdir "$servers/$1"
        printf 'monitor_code,plant_code,medium\n%s,SIM,air\n' "$1" >"$servers/$1/monitors.csv"
        printf 'monitor_code,period,parameter_code\n%s,minute,a21002\n' "$1" >"$servers/$1/series.csv"
        import "$servers/$1"
    else
        psql_value "with m as (insert into abate.monitor (monitor_code, plant_id, medium)
                               select '$1', plant_id, 'air' from abate.plant where plant_code = 'SIM' returning monitor_id),
                         f as (insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from m returning feed_id)
                    insert into abate.series (feed_id, parameter_code, unit) select feed_id, 'a21002', 'mg/m3' from f" >/dev/null
    fi
}

is_refused() { # MONITOR
    [[ $(rows_of rejected_message "topic = 'plants/sim/SIM/$1'") -gt 0 ]]
}

is_stored() { # MONITOR
    [[ $(psql_value "select exists (select from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id)
                                     where monitor_code = '$1')") == t ]]
}

are_breaches() { # COUNT CONDITION
    [[ $(rows_of breach "$2") == "$1" ]]
}

all_is_there() {
    rows=$(psql_value "select (select count(*) from abate.sample) + (select coalesce(sum(messages), 0) from abate.reject_day)")
    [[ $rows -eq $sent ]]
}

servers_begin
csv=$ABATE_BUILD/registry.csv
postgres_start postgres shared_buffers=256MB track_commit_timestamp=on
mosquitto_start
abate_conf
database_make
simulate_register 10 10
psql_value "update abate.threshold set value = 1e9 where threshold_code like 'reject_%'" >/dev/null
sent=0
new LIM 1
limit="monitor_id = (select monitor_id from abate.monitor where monitor_code = 'LIM')"
psql_value "insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source)
            select 'a21002', 'minute', monitor_id, 1000, 'mg/m3', 'bench', 'bench' from abate.monitor where monitor_code = 'LIM'" >/dev/null
abated_start
wait_until 20 log_has abated "connected, session" || servers_fail "no session"
for ((i = 1; i <= rate / 100; i++)); do sending "LOAD$i" "$(printf 'SIM%06d' "$i")"; done
wait_until 30 stored_at_least 100 || servers_fail "nothing is stored"

for ((i = 1; i <= changes; i++)); do
    monitor=NEW$i
    sending "$monitor" "$monitor"
    wait_until 30 is_refused "$monitor" || servers_fail "\"$monitor\" does not send"
    new "$monitor" "$i"
    wait_until 30 is_stored "$monitor" || servers_fail "\"$monitor\" is not seen"
    sending_end "$monitor"
done
sending LIM LIM
wait_until 30 is_stored LIM || servers_fail "\"LIM\" is not stored"
for ((i = 1; i <= changes; i++)); do
    if ((i % 2)); then
        psql_value "update abate.emission_limit set upper = 50 where $limit" >/dev/null
        wait_until 30 are_breaches $(((i + 1) / 2)) true || servers_fail "no breach"
    else
        psql_value "update abate.emission_limit set upper = 1000 where $limit" >/dev/null
        wait_until 30 are_breaches $((i / 2)) "closed is not null" || servers_fail "the breach does not close"
    fi
    sleep 0.3
done
sending_end LIM
for ((i = 1; i <= rate / 100; i++)); do sending_end "LOAD$i"; done
wait_until 60 all_is_there || true

psql_value "select 'monitor', extract(epoch from min(s.at) - c.made)
              from abate.monitor m join abate.feed f using (monitor_id) join abate.sample s using (feed_id)
             cross join lateral (select max(pg_xact_commit_timestamp(c.xmin)) as made from abate.change c join abate.series x on c.row_key = x.series_id::text
                                  where c.table_name = 'series' and x.feed_id = f.feed_id) c
             where m.monitor_code like 'NEW%' group by m.monitor_id, c.made
            union all
            select 'limit', extract(epoch from case c.upper when 50 then b.opened else b.closed end - c.made)
              from (select pg_xact_commit_timestamp(xmin) as made, (new ->> 'upper')::float8 as upper,
                           row_number() over (partition by new ->> 'upper' order by change_id) as n
                      from abate.change where table_name = 'emission_limit' and operation = 'update') c
              join (select opened, closed, row_number() over (order by opened) as n from abate.breach) b using (n)" | tr '|' ' ' >"$servers/took"
/usr/bin/python3 - "$servers/took" "$csv" "$rate" "$sent" "$((sent - rows))" <<'END'
import sys
took, csv, rate, messages, missing = sys.argv[1:]
sorts = {"monitor": [], "limit": []}
for line in open(took):
    sort, seconds = line.split()
    sorts[sort].append(max(0.0, float(seconds)))
with open(csv, "w") as file:
    file.write("sort,changes,rate,p50_s,most_s,messages,missing\n")
    for sort, words in (("monitor", "new monitors until they are stored"), ("limit", "changed limits until they are judged by")):
        s = sorted(sorts[sort])
        print(f"{sort:<10} {len(s)} {words}: p50 {s[len(s) // 2] * 1e3:.0f} ms, most {s[-1] * 1e3:.0f} ms")
        file.write(f"{sort},{len(s)},{rate},{s[len(s) // 2]:.4f},{s[-1]:.4f},{messages},{missing}\n")
print(f"           {rate} messages/s beside them; of {messages} sent {missing} are missing; load of the machine {open('/proc/loadavg').read().split()[0]}")
END
