# shellcheck shell=bash disable=SC2154
# abated dies between any two steps of a message's way (daemon/crash.h), as if killed.

# What can be named, WHEN STEP: of the code, and of the sequences of statements in these files.
crash_points_named() { # those of an alert's way are in alert.sh
    sed -n 's/^ *crash_\(before\|amid\|after\)("\(.*\)");.*/\1 \2/p' "$ABATE_SOURCE"/daemon/*.c | grep -v ' alert '
}

crash_points_of() { # FILE...
    local step
    sed -n 's/^    {"\([a-z ]*\)", [a-z]*_begin.*/\1/p; s/^    {"\([a-z ]*\)", begin_.*/\1/p' \
        "${@/#/$ABATE_SOURCE/daemon/}" | sort -u | while read -r step; do
        printf '%s\n' "before $step" "amid $step" "after $step"
    done
}

# What brings it to steps that are rare: a month of its own, an instant that is stored already, a value that PostgreSQL
# refuses, a figure.
crash_stimulus() { # NUMBER STEP
    local year=$((1977 + $1 / 12 % 43)) month=$((1 + $1 % 12))
    message plants/sim/SIM/SIM000011 "$(printf '{"time":"%d-%02d-01T00:00:00Z","period":"minute","readings":{"a34013":1}}' \
        "$year" "$month")"
    message plants/sim/SIM/SIM000011 '{"time":"2020-01-01T00:00:00Z","period":"minute","readings":{"a34013":1}}'
    [[ $2 != rollback ]] || message plants/sim/SIM/SIM000011 "$(printf '{"time":"2020-01-02T%02d:%02d:00Z","period":"minute","readings":{"a34013":0.666}}' \
        $(($1 / 60 % 24)) $(($1 % 60)))"
    message indicators/stats "$(printf '{"indicator":"energy_total","region":"410100","year":2019,"value":%d,"unit":"tce","source":"s","author":"a"}' \
        "$1")"
}

crash_bed() {
    bed own=no segment=16k size=8M retention=1s
    printf 'feed "indicators" {\n    topic = "indicators/{agency}"\n    form = statement\n}\n' >>"$servers/abated.conf"
    psql_value "insert into abate.region values ('410100', '郑州市', 'Zhengzhou');
                insert into abate.agency (agency_code, name_zh, region_code) values ('stats', '统计局', '410100');
                insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds)
                values ('energy_total', '能耗', 'energy', 'tce', 'sum');
                alter table abate.sample add constraint no_poison check (value[1] is distinct from 0.666)"
    bed_rejects="r.topic = 'indicators/stats' or r.topic like '%/SIM000011' and r.reason like '%no_poison%'"
    abated_start
    bed_connected
}

# crash_died SECONDS: as wait_until, but at once; one process that looks, not fifty a second.
crash_died() {
    timeout "$1" tail -f -s 0.02 --pid="${process[abated]}" /dev/null
}

# crash_once WHEN STEP NUMBER [SECONDS]: true if it came so far. The first time it must come there.
crash_once() {
    local reached=no patience=${4:-6}
    [[ $3 -gt 1 ]] || patience=60
    abated_under=(env "ABATE_CRASH=$1 $2:$3") abated_program=abated_crash
    abated_launch
    if [[ $2 == stop ]]; then
        wait_until 30 log_has_more abated "abated: ready" || true
        kill -TERM "${process[abated]}"
    fi
    ! crash_died "$patience" || reached=yes
    process_end abated KILL 5
    abated_under=() abated_program=abated
    [[ $reached == yes ]]
}

log_has_more() { # NAME TEXT: more often than crash_said
    [[ $(grep -csF "$2" "$servers/$1.log") -gt $crash_said ]]
}

crash_point() { # WHEN STEP NUMBER
    local last
    crashes=$((crashes + 1))
    crash_said=$(grep -csF "abated: ready" "$servers/abated.log")
    crash_stimulus "$crashes" "$2" >"$servers/publish.lines"
    publish "$servers/publish.lines"
    if [[ $2 == "cutting a torn tail" ]]; then
        last=("$servers"/journal/*.seg)
        head -c 77 /dev/zero | tr '\0' x >>"${last[-1]}"
    elif [[ $2 == "writing anew" ]]; then
        crash_once before mark 1 || true
    fi
    crash_once "$@" || return 1
    process_end publish KILL 5
}

# crash_at_all POINT...: each of them, in the long form also when it comes there for the 4th, the 9th ... time.
crash_at_all() {
    local point i unreached=() reached=0 crashes=0 crash_said
    crash_bed
    plant_begin 10000000 200 # a backlog is not what is tried here
    for ((i = 1; i <= times; i++)); do
        abated_kill
        for point in "$@"; do
            if crash_point "${point%% *}" "${point#* }" $((i * i)) 2>/dev/null; then
                reached=$((reached + 1))
                printf 'reached: %s, number %s\n' "$point" $((i * i))
            else
                [[ $i -gt 1 ]] || unreached+=("$point")
                printf 'not reached: %s, number %s\n' "$point" $((i * i))
            fi
        done
        abated_start
    done
    expect "steps never reached" "${unreached[*]}" ""
    expect_true "reached: $reached" test "$reached" -gt 0
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

fault crash_journal 1 6 "killed at each step of journal, gate, stop"
fault_crash_journal() {
    local points
    mapfile -t points < <(crash_points_named)
    crash_at_all "${points[@]}"
}

fault crash_loading 1 2 "killed at each question before it writes"
fault_crash_loading() {
    local points
    mapfile -t points < <(crash_points_of loading.c recording.c)
    crash_at_all "${points[@]}"
}

fault crash_writing 1 6 "killed at each statement of a transaction"
fault_crash_writing() {
    local points
    mapfile -t points < <(crash_points_of transaction.c)
    crash_at_all "${points[@]}"
}
