#!/usr/bin/env bash
# abated killed as it enters its Nth write to the journal, its Nth sync, its Nth word to PostgreSQL or to the broker, for
# many N: wherever it dies, nothing that was acknowledged is lost, and nothing comes twice.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly CALLS="pwrite64 fdatasync sendto write" POINTS="1 2 3 4 6 9 15"
readonly MESSAGES=200

# Messages of SIM000001, one a minute, on a day of their own; in small groups, so that there are many bursts.
lines_of_day() { # NUMBER
    awk -v day="$1" -v messages="$MESSAGES" '
        function hex(text,    i, out) {
            for (i = 1; i <= length(text); i++) out = out sprintf("%02x", code[substr(text, i, 1)])
            return out
        }
        BEGIN {
            for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i
            for (i = 0; i < messages; i++) {
                if (i % 10 == 0) {
                    fflush()
                    system("sleep 0.02")
                }
                printf "good\tplants/sim/SIM/SIM000001\t%s\n",
                    hex(sprintf("{\"time\":\"2021-%02d-%02dT%02d:%02d:00Z\",\"period\":\"minute\",\"readings\":{\"a34013\":%d}}",
                                1 + int(day / 28), 1 + day % 28, int(i / 60), i % 60, i % 10))
            }
        }'
}

died_or_stored() { # COUNT
    ! is_alive abated || stored_is "$1"
}

died_or_connected() {
    ! is_alive abated || [[ $(grep -c 'connected, session' "$servers/abated.log") -gt $connections ]]
}

servers_begin_all
simulate_register 1 3
abated_start
expect_true "a session at the broker" wait_until 20 log_has abated "connected, session"
abated_stop

publish=$(program publish)
story "killed at each of these calls"
day=0
hits=0
for call in $CALLS; do
    reached=
    for point in $POINTS; do
        connections=$(grep -c 'connected, session' "$servers/abated.log")
        abated_under=(strace -D -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$point")
        abated_launch
        wait_until 20 died_or_connected 2>/dev/null # bash would say "Killed"
        { lines_of_day "$day" | "$publish" 127.0.0.1 "$broker_port" 1 >"$servers/publish.log"; } 2>/dev/null
        # Either it dies, or it has done all there was to do and never came so far.
        wait_until 20 died_or_stored $(((day + 1) * MESSAGES)) 2>/dev/null || true
        if is_alive abated; then
            abated_stop
        else
            reached+=" $point"
            hits=$((hits + 1))
            process_end abated KILL 1
        fi
        abated_under=()
        abated_start
        day=$((day + 1))
        wait_until 10 stored_is $((day * MESSAGES)) ||
            expect "$call, number $point: stored" "$(stored_count)" $((day * MESSAGES))
        abated_stop
    done
    printf '    %-10s died at number%s\n' "$call" "$reached"
done
expect_true "at least 20 deaths: $hits" test "$hits" -ge 20
expect "messages" "$(stored_count)" $((day * MESSAGES))
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
story_end
