#!/usr/bin/env bash
# Each scenario of `abatectl simulate` through the whole line: it becomes the breach it is named for, of its monitor, opened and
# closed when it says, and nothing else does.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/scenarios.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scenarios.sh"

breaches=() # lines, sorted as scenario_breaches does

breaches_are_found() {
    [[ "$(scenario_breaches)" == "$(printf '%s\n' "${breaches[@]}" | sort -k 2,2 -k 3,3)" ]]
}

# played NAME LINE...: it is played; what it becomes is what there is, with what the others have become.
played() {
    local name=$1
    shift
    breaches+=("$@")
    expect_true "published" scenario_play "$name"
    expect_judged
}

expect_judged() {
    expect_true "it becomes that" wait_until 60 breaches_are_found
    breaches_are_found || expect "all breaches" "$(scenario_breaches)" "$(printf '%s\n' "${breaches[@]}" | sort -k 2,2 -k 3,3)"
}

all_is_judged() {
    [[ $(psql_value "select not abate.touched_is_left(now())") == t ]]
}

servers_begin_all
scenarios_prepare
abated_start
wait_until 30 log_has abated "connected, session"

story "the table has those that are played here"
expect "scenarios" "$("$(program abatectl)" simulate --scenarios | cut -d ' ' -f 1 | sort | xargs)" \
    "$(printf '%s\n' "${scenario_names[@]}" | sort | xargs)"

story "exceedance"
played exceedance "hour WORKS000001 a21002 02:00 03:00"

story "drift"
played drift "hour DRIFT000001 a21002 03:00 05:00"

story "restart"
played restart "activity CLOSED000001 a00000 02:00 03:00" "activity CLOSED000001 a01012 02:00 03:00"

story "silent"
breaches+=("silence MUTE000001 01:59 open")
expect_true "published, until it is silent" scenario_play silent --messages "$scenario_until_silent"
expect_true "and bound to report" scenario_bind
expect_judged
breaches=("${breaches[@]/01:59 open/01:59 05:30}")
expect_true "published whole" scenario_play silent
expect_judged

story "storm"
played storm "early STORM a21002 00:01 00:11 x$scenario_storm"

story "nothing else has become of it"
expect_true "all hours are judged" wait_until 60 all_is_judged
expect "rejected" "$(rows_of rejected_message)" 0
expect "breaches" "$(scenario_breaches)" "$(printf '%s\n' "${breaches[@]}" | sort -k 2,2 -k 3,3)"
abated_stop
expect "exit status" "$ended" 0
story_end
