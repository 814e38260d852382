#!/usr/bin/env bash
# A limit watched on the way: an episode opens, has its worst value, and closes; also through kills of the daemon in its
# middle. No episode twice, none forgotten.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# value MINUTE VALUE [MARK]: a21002 of SIM000001, MINUTE after noon.
value() {
    local reading=$2
    [[ -z ${3:-} ]] || reading="{\"value\":$2,\"mark\":\"$3\"}"
    message plants/sim/SIM/SIM000001 \
        "$(printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute","readings":{"a21002":%s}}' "$1" "$reading")"
}

# say COUNT [MINUTE VALUE [MARK]] ... from stdin; waits until COUNT instants are stored in all.
say() {
    while read -r line; do
        # shellcheck disable=SC2086 # two or three words
        value $line
    done >"$servers/values"
    publish "$servers/values"
    process_wait publish 30
    wait_until 30 stored_is "$1" || expect "stored" "$(stored_count)" "$1"
}

# The episodes of the limit, oldest first: opened, closed, worst, worst at, count; times as minutes after noon.
episodes() { # LIMIT
    psql_value "select concat_ws(' ', extract(minute from opened), coalesce(extract(minute from closed)::text, 'open'),
                                 worst, extract(minute from worst_at), count)
                  from abate.breach where limit_id = $1 order by opened"
}

killed() {
    abated_kill
    abated_start
    wait_until 30 log_has abated "connected, session"
}

servers_begin_all
simulate_register 1 3
limit_set 50                 # 1: at once
limit_set 50.5 45 '2 minutes' # 2: held for two minutes, closed at 45
abated_start
wait_until 30 log_has abated "connected, session"

story "opens"
say 3 <<'END'
0 40
1 50
2 60
END
expect "limit 1" "$(episodes 1)" "2 open 60 2 1"
expect "limit 2, not held yet" "$(episodes 2)" ""

story "killed while it is open, and pending"
killed
say 5 <<'END'
3 80
4 70
END
expect "limit 1, the worst value" "$(episodes 1)" "2 open 80 3 3"
expect "limit 2, held" "$(episodes 2)" "2 open 80 3 3"

story "closes, at a bound equal to the limit; or at the clear level"
killed
say 7 <<'END'
5 50
6 46
END
expect "limit 1" "$(episodes 1)" "2 5 80 3 3"
expect "limit 2, between bound and clear level" "$(episodes 2)" "2 open 80 3 3"
killed
say 8 <<'END'
7 45
END
expect "limit 2" "$(episodes 2)" "2 7 80 3 3"

story "a further episode; a short one; values under a mark that is not valid"
say 14 <<'END'
8 99
9 40
10 999 C
11 999 M
12 55
13 56
END
expect "limit 1" "$(episodes 1)" "$(printf '%s\n' '2 5 80 3 3' '8 9 99 8 1' '12 open 56 13 2')"
expect "limit 2" "$(episodes 2)" "2 7 80 3 3"

story "all of it once more, as a monitor does that saw no receipt"
say 15 <<'END'
2 60
3 80
4 70
5 50
6 46
7 45
8 99
9 40
12 55
13 56
14 30
END
expect "limit 1" "$(episodes 1)" "$(printf '%s\n' '2 5 80 3 3' '8 9 99 8 1' '12 14 56 13 2')"
expect "limit 2" "$(episodes 2)" "2 7 80 3 3"
expect "revisions" "$(rows_of revision)" 0
expect "watches at rest leave nothing" "$(rows_of watch_state)" 0

story "what a person reads"
expect "report" "$(psql_value "select concat_ws(' ', plant_code, monitor_code, parameter_code, worst, round(multiple::numeric, 2))
                                  from abate.breach_report where limit_id = 1 order by opened limit 1")" \
    "SIM SIM000001 a21002 80 0.60"
abated_stop
expect "exit status" "$ended" 0
story_end
