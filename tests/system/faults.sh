#!/usr/bin/env bash
# Nothing acknowledged is lost, nothing is stored twice, whatever fails: every fault of tests/faults, and a table.
#
#     faults.sh [--long] [--seed N] [--lanes N] [--list] [NAME...]
#
# Lanes are children of their own, each with its own servers; they draw fault by fault from one list. The seed is printed; a
# fault's RANDOM depends on it and the fault's name alone. How to write a fault: tests/faults/bed.sh.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/servers.sh
. "$top/tests/servers.sh"
# shellcheck source=tests/faults/bed.sh
. "$top/tests/faults/bed.sh"
for file in "$top"/tests/faults/*.sh; do
    # shellcheck disable=SC1090 # those there are
    [[ $file == */bed.sh ]] || . "$file"
done
ABATE_SOURCE=${ABATE_SOURCE:-$top}

usage() {
    echo "usage: faults.sh [--long] [--seed N] [--lanes N] [--list] [NAME...]" >&2
    exit 2
}

is_long=${FAULTS_LONG:-no}
seed=${FAULTS_SEED:-$SRANDOM}
processors=$(nproc)
lanes=${FAULTS_LANES:-$((processors + 2))} # most of a fault is waiting
lane=
shared=
while [[ ${1:-} == --* ]]; do
    case $1 in
    --long) is_long=yes ;;
    --seed) seed=${2:?} && shift ;;
    --lanes) lanes=${2:?} && shift ;;
    --lane) lane=${2:?} && shared=${3:?} && shift 2 ;; # of ourselves
    --list) printf '%s\n' "${faults[@]}" && exit 0 ;;
    *) usage ;;
    esac
    shift
done

times_of() { # NAME
    [[ $is_long == yes ]] && echo "${fault_long[$1]}" || echo "${fault_short[$1]}"
}

# ---- a lane

# The next name of the list, "" at its end.
draw_fault() {
    (
        flock 9
        head -n 1 "$shared/list"
        sed -i 1d "$shared/list"
    ) 9>"$shared/lock"
}

# For one lane a processor there always is. More would only starve one another where others wait for theirs already.
is_there_time() {
    local waiting
    read -r waiting _ </proc/loadavg
    [[ $lane -lt $processors || ${waiting%.*} -lt $((4 * processors)) ]]
}

# How a fault ends, however it does: its line for the table.
fault_leave() { # NAME
    local result=ok
    set +e
    recovery_end
    bed_clear
    [[ $is_through == yes && $failures -eq 0 && ${bed_sums[1]} -eq 0 && ${bed_sums[2]} -eq 0 && $bed_unexplained -eq 0 ]] || result=failed
    [[ $result == ok ]] || for log in "$servers"/{abated,plant,mosquitto,postgres_own}*.log; do
        [[ -f $log ]] && tail -n 30 "$log" | sed "s/^/    $(basename "$log" .log): /"
    done
    result_add "$1" "${bed_sums[@]}" "$bed_recovered" $((SECONDS - began)) "$result"
}

result_add() { # NAME ACKNOWLEDGED LOST TWICE RECOVERED SECONDS RESULT
    (IFS=$'\t'; printf '%s\n' "$1	${fault_what[$1]}	$(times_of "$1")	${*:2}") >>"$shared/results"
}

# In the background, so in a shell of its own: what kills it ends the fault. Its seed is of its name, so that it does the
# same alone as among others.
run_fault() { # NAME
    exec >"$shared/$1.log" 2>&1
    fault_name=$1 is_through=no began=$SECONDS
    trap 'trap - EXIT; fault_leave "$fault_name"; exit 0' EXIT
    RANDOM=$(printf '%s %s' "$seed" "$1" | cksum | cut -d ' ' -f 1)
    # shellcheck disable=SC2034 # it is the fault's
    times=$(times_of "$1")
    "fault_$1"
    is_through=yes
}

# A fault that never ends is one that fails.
limit_s() {
    [[ $is_long == yes ]] && echo 3600 || echo 900
}

# The first lane makes it for all.
model_make() {
    postgres_start postgres jit=off
    abate_conf
    bed_template
    postgres_stop
    cp -a "$(cluster_of postgres)" "$shared/model"
    rm -rf "$servers/postgres"
}

run_lane() {
    local name runner
    servers_begin
    exec 8>"$shared/model.lock"
    flock 8
    [[ -d $shared/model ]] || model_make
    flock -u 8
    exec 8>&-
    postgres_model=$shared/model
    postgres_start
    [[ $(psql_value "show server_version_num" postgres) -lt 150000 ]] || bed_copying="strategy file_copy"
    while wait_until 300 is_there_time; name=$(draw_fault) && [[ -n $name ]]; do
        run_fault "$name" &
        runner=$!
        wait_until "$(limit_s)" gone "$runner" || {
            kill -TERM "$runner"
            wait_until 20 gone "$runner" || kill -KILL "$runner"
            printf 'killed after %s s\n' "$(limit_s)" >>"$shared/$name.log"
        }
        wait "$runner" 2>/dev/null || true
        for runner in $(find /proc -maxdepth 2 -name cwd -lname "$servers" 2>/dev/null | sed 's,/proc/\([0-9]*\)/.*,\1,'); do
            kill -KILL "$runner" 2>/dev/null || true # of one that was killed
        done
        grep -q "^$name	" "$shared/results" || result_add "$name" - - - - - failed
        bed_drop || { postgres_kill; postgres_start; bed_drop; } # of one that was killed, or has not left it well
    done
}

gone() { # PID
    ! kill -0 "$1" 2>/dev/null
}

if [[ -n $lane ]]; then
    run_lane
    exit 0
fi

# ---- the whole

shared=$(mktemp -d "${TMPDIR:-/tmp}/faults.XXXXXX")
chmod 711 "$shared"
children=()

end_all() {
    local status=$?
    trap - EXIT INT TERM HUP
    [[ ${#children[@]} -eq 0 ]] || kill "${children[@]}" 2>/dev/null || true
    wait
    rm -rf "$shared"
    exit "$status"
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

print_table() {
    local name format='%-22s %-44s %6s %12s %5s %5s %11s %6s %s\n'
    # shellcheck disable=SC2059 # one format for all
    {
        printf "$format" fault "what fails" times acknowledged lost twice "recovered s" "took s" ""
        for name in "${wanted[@]}"; do
            local cell
            IFS=$'\t' read -ra cell < <(grep "^$name	" "$shared/results" || printf '%s\t-\t-\t-\t-\t-\t-\t-\tnot run\n' "$name")
            [[ ${cell[8]} != ok ]] || cell[8]=
            printf "$format" "${cell[@]}"
        done
        awk -F '\t' '{ faults++; times += $3; acknowledged += $4; lost += $5; twice += $6 }
                     END { printf "%d faults, %d times: acknowledged %d, lost %d, twice %d\n", faults, times, acknowledged, lost, twice }' \
            "$shared/results"
    } | sed 's/ *$//'
}

began=$SECONDS
wanted=("$@")
[[ ${#wanted[@]} -gt 0 ]] || wanted=("${faults[@]}")
for name in "${wanted[@]}"; do
    [[ -n ${fault_what[$name]:-} ]] || { echo "faults: there is no fault \"$name\"" >&2; exit 2; }
done
[[ $lanes -le ${#wanted[@]} ]] || lanes=${#wanted[@]}
printf '%s\n' "${wanted[@]}" >"$shared/list"
: >"$shared/results"
again=(--seed "$seed")
[[ $is_long == no ]] || again+=(--long)
echo "# ${#wanted[@]} faults in $lanes lanes: again with ${again[*]}"
for ((i = 0; i < lanes; i++)); do
    "${BASH_SOURCE[0]}" "${again[@]}" --lane "$i" "$shared" >"$shared/lane$i.out" 2>&1 &
    children+=($!)
done
lanes_bad=0
for ((i = 0; i < lanes; i++)); do
    wait "${children[i]}" || { lanes_bad=$((lanes_bad + 1)); sed "s/^/lane $i: /" "$shared/lane$i.out"; }
done
children=()

bad=$(awk -F '\t' '$9 != "ok" { print $1 }' "$shared/results")
for name in $bad; do
    printf '# %s has failed:\n' "$name"
    tail -n "${FAULTS_LINES:-120}" "$shared/$name.log" 2>/dev/null | sed 's/^/    /'
done
print_table
sed -n "s/^note: /# /p" "$shared"/*.log # what a fault has to say beside its line
ran=$(wc -l <"$shared/results")
printf '# %s of %s faults good, in %s s (seed %s)\n' "$((ran - $(wc -w <<<"$bad")))" "${#wanted[@]}" "$((SECONDS - began))" "$seed"
[[ -z $bad && $lanes_bad -eq 0 && $ran -eq ${#wanted[@]} ]]
