#!/usr/bin/env bash
# Judged by itself: minutes above an hourly limit are a breach a moment later; late ones make the hour anew; after a kill
# nothing is forgotten. And a past span judged again by hand.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# say FROM TO VALUE [HOUR [MONITOR]]: a21002 of the minutes FROM to TO of an hour; waits until they are stored.
sent=0
say() {
    local minute
    for ((minute = $1; minute <= $2; minute++)); do
        message "plants/sim/SIM/${5:-SIM000001}" \
            "$(printf '{"time":"2021-03-01T%02d:%02d:00Z","period":"minute","readings":{"a21002":%s}}' "${4:-4}" "$minute" "$3")"
    done >"$servers/values"
    sent=$((sent + $2 - $1 + 1))
    publish "$servers/values"
    process_wait publish 30
    wait_until 30 stored_is "$sent" || expect "stored" "$(stored_count)" "$sent"
}

hours() {
    psql_value "select concat_ws(' ', extract(hour from at), received, valid, round(value), is_valid)
                  from abate.hourly order by at, series_id"
}

breaches() {
    psql_value "select concat_ws(' ', rule, severity, extract(hour from opened), worst, case when withdrawn is not null then 'withdrawn' end)
                  from abate.breach order by breach_id"
}

hours_are() { # TEXT
    [[ "$(hours)" == "$1" ]]
}

breaches_are() { # TEXT
    [[ "$(breaches)" == "$1" ]]
}

judge_again() { # ARGUMENT ...
    "$(program abatectl)" -c "$servers/abated.conf" judge "$@" 2>&1
}

servers_begin_all
cat >>"$servers/abated.conf" <<'END'
judge { interval = 1s }
END
simulate_register 2 3
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
            select 'a21002', 'hour', plant_id, 50, 'mg/m3', 'test', 'test', 'test' from abate.plant where plant_code = 'SIM'"
abated_start
wait_until 30 log_has abated "connected, session" || true

story "an hour of minutes above its limit"
say 0 49 60
expect_true "the hour is closed" wait_until 20 hours_are "4 50 50 60 t"
expect_true "and is a breach" wait_until 20 breaches_are "hour hour 4 60"
expect_true "the log says so" wait_until 10 log_has abated "judged: 1 breaches opened"
expect "touched hours left" "$(rows_of touched_hour)" 0

story "late minutes make the hour anew"
say 50 59 0
expect_true "the hour" wait_until 20 hours_are "4 60 60 50 t"
expect_true "equal to the limit, it is none" wait_until 20 breaches_are "hour hour 4 60 withdrawn"
expect "what was closed before is kept" "$(rows_of hourly_revision)" 1

story "killed before it was judged"
abated_kill
sed -i 's/interval = 1s/interval = 1h/' "$servers/abated.conf"
abated_start
wait_until 30 log_has abated "writer: ready"
sleep 1 # its first turn is over
say 0 59 70 6 SIM000002
expect_true "not judged yet" hours_are "4 60 60 50 t"
abated_kill
expect "but touched" "$(psql_value "select count(distinct hour) from abate.touched_hour")" 1
sed -i 's/interval = 1h/interval = 1s/' "$servers/abated.conf"
abated_start
expect_true "judged after the restart" wait_until 20 breaches_are "$(printf '%s\n' 'hour hour 4 60 withdrawn' 'hour hour 6 70')"

story "a past span judged again"
psql_value "update abate.emission_limit set upper = 45"
sleep 2
expect "nothing was touched, nothing is judged" "$(rows_of breach)" 2
expect_true "by hand it is" grep -q '^1 exceedances found, 0 withdrawn$' <<<"$(judge_again --from 2021-03-01 --to 2021-03-02)"
expect "of both monitors" "$(rows_of breach 'withdrawn is null')" 2
expect_true "again: nothing is different" grep -q '^0 exceedances found, 0 withdrawn$' \
    <<<"$(judge_again --from 2021-03-01T04:00:00Z --to 2021-03-01T07:00:00Z --monitor SIM000001)"
expect "in the future" "$(judge_again --from 2021-03-01 --to 2199-01-01 || true)" 'abatectl: error: --to: "2199-01-01" is in the future'
expect "backwards" "$(judge_again --from 2021-03-02 --to 2021-03-01 || true)" 'abatectl: error: --from: "2021-03-02" is not before "2021-03-01"'
expect_true "of nobody" grep -q 'there is no monitor "S9"' <<<"$(judge_again --from 2021-03-01 --to 2021-03-02 --monitor S9 || true)"

story "stopped in between"
abated_stop
expect "exit status" "$ended" 0
story_end
