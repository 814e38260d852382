# shellcheck shell=bash
# What the benchmarks share: to be sourced behind servers.sh.
#
#     bench_csv FILE                 rows of name,value,unit go there as well
#     figure NAME VALUE UNIT [REMARK]   a line of the table and, but for the remark, of the file
#     cpu_of NAME                    seconds of processor a process has used; postgres: with its children
#     cpu_begin NAME ...             from here on cpu_a_message NAME MESSAGES counts
#     broker_start_tls               the broker, with a second listener
#     link_tls FILE                  abated of this configuration uses that one
#     drained LEAST [SECONDS [DATABASE]]   until the position committed moves no more and LEAST messages are stored; that these
#                                    were counted is not among what cpu_a_message tells then

# What ends a benchmark says where.
set -E
trap 'echo "bench: ${BASH_SOURCE[0]}:$LINENO: \"$BASH_COMMAND\" failed" >&2' ERR

bench_csv() {
    csv=$1
    echo "name,value,unit" >"$csv"
}

figure() {
    printf '%-46s %14s %s\n' "$1" "$2" "$3${4:+ $4}"
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
    declare -gA cpu_before=() cpu_after=()
    for name in "$@"; do
        cpu_before[$name]=$(cpu_of "$name")
    done
}

cpu_end() {
    local name
    for name in abated mosquitto postgres; do
        cpu_after[$name]=$(cpu_of "$name")
    done
}

# Seconds from cpu_begin to what has drained, or to now.
cpu_used() { # NAME
    calc %.2f "${cpu_after[$1]:-$(cpu_of "$1")} - ${cpu_before[$1]:-0}"
}

cpu_a_message() { # NAME MESSAGES
    calc %.1f "$(cpu_used "$1") * 1e6 / $2"
}

broker_start_tls() {
    tls_port=$(free_port)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=bench" -addext "subjectAltName=IP:127.0.0.1" \
        -keyout "$servers/tls.key" -out "$servers/tls.crt" 2>/dev/null
    chmod 644 "$servers/tls.key" # the broker is another user
    mosquitto_start mosquitto "listener $tls_port 127.0.0.1" "certfile $servers/tls.crt" "keyfile $servers/tls.key"
}

link_tls() {
    conf_set "$1" broker port="$tls_port"
    conf_set "$1" broker ca_file="$servers/tls.crt"
    conf_set "$1" broker tls=on
}

position() { # [DATABASE]
    psql_value "select coalesce(max(position), 0) from abate.journal_position" "${1:-abate}"
}

# Looks seldom and at one row, and counts only when nothing comes any more: looking must not cost what is measured.
drained() {
    local was=-1 at=0 still=0 database=${3:-abate} end=$((SECONDS + ${2:-900}))
    until [[ $at -gt 0 && $still -ge 5 ]] && cpu_end && stored_at_least "$1" "$database"; do
        [[ $SECONDS -lt $end ]] || servers_fail "not stored in time: $(stored_count "$database") of $1"
        was=$at
        sleep 0.2
        at=$(position "$database")
        [[ $was == "$at" ]] && still=$((still + 1)) || still=0
    done
}

# When the last transaction that wrote samples was committed, in seconds of the clock.
committed_at() { # [DATABASE]
    psql_value "select extract(epoch from pg_xact_commit_timestamp(xmin)) from abate.journal_position order by 1 desc limit 1" "${1:-abate}"
}

load() { # ARGUMENT ...: to the broker
    "$(bench_program load)" "$broker_port" "$@"
}

bench_program() {
    printf '%s' "$ABATE_BUILD/tests/bench/$1"
}
