# shellcheck shell=bash
# What the benchmarks share: to be sourced behind servers.sh.
#
#     bench_csv FILE                 rows of name,value,unit go there as well
#     figure NAME VALUE UNIT         a line of the table and of the file
#     cpu_of NAME                    seconds of processor a process has used; postgres: with its children
#     drained LEAST                  until the position committed moves no more and LEAST messages are stored

# What ends a benchmark says where.
set -E
trap 'echo "bench: ${BASH_SOURCE[0]}:$LINENO: \"$BASH_COMMAND\" failed" >&2' ERR

bench_csv() {
    csv=$1
    echo "name,value,unit" >"$csv"
}

figure() {
    printf '%-46s %14s %s\n' "$1" "$2" "$3"
    echo "\"$1\",$2,$3" >>"$csv"
}

heading() {
    printf '\n%s\n' "$*"
}

now() {
    date +%s.%N
}

calc() { # FORMAT EXPRESSION
    awk "BEGIN { printf \"$1\", $2 }"
}

since() {
    calc %.3f "$(now) - $1"
}

# Of a line `word word WORD number ...`: the number behind the WORD.
field_behind() { # WORD LINE
    awk -v word="$1" '{ for (i = 1; i < NF; i++) if ($i == word) { print $(i + 1); exit } }' <<<"$2"
}

cpu_of() {
    local pids=${process[$1]} pid
    [[ $1 != postgres* ]] || pids=$(processes_in "$(cluster_of "$1")")
    for pid in $pids; do
        cat "/proc/$pid/stat" 2>/dev/null || true
    done | awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); used += $12 + $13 + $14 + $15 } END { printf "%.2f", used / tick }'
}

cpu_begin() { # NAME ...
    local name
    declare -gA cpu_before=()
    for name in "$@"; do
        cpu_before[$name]=$(cpu_of "$name")
    done
}

# Microseconds of processor a message since cpu_begin.
cpu_a_message() { # NAME MESSAGES
    calc %.1f "($(cpu_of "$1") - ${cpu_before[$1]:-0}) * 1e6 / $2"
}

position() {
    psql_value "select coalesce(max(position), 0) from abate.journal_position"
}

# Looks seldom and at one row, and counts only when nothing comes any more: looking must not cost what is measured.
drained() {
    local was=-1 at=0 still=0 end=$((SECONDS + ${2:-900}))
    until [[ $at -gt 0 && $still -ge 5 ]] && stored_at_least "$1"; do
        [[ $SECONDS -lt $end ]] || servers_fail "not stored in time: $(stored_count) of $1"
        was=$at
        sleep 0.2
        at=$(position)
        [[ $was == "$at" ]] && still=$((still + 1)) || still=0
    done
}

# When the last transaction that wrote samples was committed, in seconds of the clock.
committed_at() {
    psql_value "select extract(epoch from pg_xact_commit_timestamp(xmin)) from abate.journal_position order by 1 desc limit 1"
}

load() { # ARGUMENT ...: to the broker
    "$(bench_program load)" "$broker_port" "$@"
}

bench_program() {
    printf '%s' "$ABATE_BUILD/tests/bench/$1"
}
