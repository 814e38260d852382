#!/usr/bin/env bash
# The registry and the limits changed while abated runs: seen at once, nothing lost.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# send MINUTE VALUE
send() {
    message plants/sim/SIM/SIM000001 "$(printf \
        '{"time":"2026-01-01T00:%02d:00Z","period":"minute","readings":{"a21002":%s}}' "$1" "$2")" >"$servers/message"
    publish "$servers/message"
    process_wait publish 20
}

rejects_are() { # COUNT
    [[ $(rows_of rejected_message) == "$1" ]]
}

breaches_are() { # COUNT
    [[ $(rows_of breach) == "$1" ]]
}

breach_closed() {
    [[ $(rows_of breach "closed is not null") == 1 ]]
}

servers_begin_all
abated_start
wait_until 20 log_has abated "writer: ready"

story "a monitor nobody has registered"
send 1 10
expect_true "rejected" wait_until 10 rejects_are 1
echo "    $(psql_value "select reason from abate.rejected_message")"
expect "this month and two more can be written to" "$(psql_value "select count(*) from abate.sample_partition")" 3

story "registered"
simulate_register 1 10
expect_true "seen within seconds" wait_until 5 log_has abated "1 monitors, 10 series"
send 2 10
expect_true "stored" wait_until 10 stored_is 1

story "a limit"
psql_value "insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source)
            select 'a21002', 'minute', monitor_id, 50, 'mg/m3', 'test', 'test' from abate.monitor"
expect_true "seen within seconds" wait_until 5 log_has abated "1 limits"
send 3 60
expect_true "a breach" wait_until 10 breaches_are 1

story "another limit while the breach is open: it goes on"
psql_value "update abate.emission_limit set standard = 'test, amended'"
send 4 70
send 5 20
expect_true "closed" wait_until 10 breach_closed
expect "one breach, with its worst value" "$(psql_value "select count(*) || ' ' || max(worst) from abate.breach")" "1 70"
abated_stop
expect "exit status" "$ended" 0
story_end
