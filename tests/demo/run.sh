#!/usr/bin/env bash
# The whole line on real input: private PostgreSQL and broker, abated, real sets replayed through MQTT, and what comes of it.
#
#     run.sh [--data DIR] [--keep]
#     run.sh --scenarios      what may go wrong, one by one: scenarios.sh
#
# DIR holds the sets (see README.md beside this file); without it ../shared/data beside the project is looked at, and
# without that the simulator stands in. --keep leaves the servers running and says how to look and how to end them.
set -euo pipefail

[[ ${1:-} != --scenarios || $# -gt 1 ]] || exec bash "$(dirname "${BASH_SOURCE[0]}")/scenarios.sh"
demo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
. "$demo/../servers.sh"

simulated_messages=300000
keep=no
data=

usage() {
    echo "usage: demo [--data DIR] [--keep] | --scenarios" >&2
    exit 2
}

while [[ $# -gt 0 ]]; do
    case $1 in
    --data) [[ $# -ge 2 ]] || usage; data=$2; shift ;;
    --keep) keep=yes ;;
    *) usage ;;
    esac
    shift
done
[[ -z $data || -d $data ]] || { echo "demo: there is no directory \"$data\"" >&2; exit 2; }
[[ -n $data || ! -d $demo/../../../shared/data ]] || data=$(cd "$demo/../../../shared/data" && pwd)

say() {
    if [[ -t 1 ]]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

show() { # FILE.sql
    "$postgres_bin/psql" -Xq -v ON_ERROR_STOP=1 -P pager=off -P footer=off -P null=- -d abate -f "$1"
}

# The mappings whose files are all there; says which are not.
mappings=()
find_mappings() {
    local mapping file
    [[ -n $data ]] || return 0
    for mapping in "$demo"/*.mapping; do
        while read -r file; do
            [[ -r $data/$file ]] && continue
            echo "not there, so left out: $data/$file"
            continue 2
        done < <(sed -n 's/^source "\([^"]*\)".*/\1/p' "$mapping")
        mappings+=("$mapping")
    done
}

# The number behind a word of what abatectl printed at the end.
number() { # WORD FILE
    sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" "$2" | head -n 1
}

# Rows of the water meters that repeat meter and second: the hour that came twice when the clocks went back.
count_repeats() {
    local set=$data/daiad-alicante-hourly-10meters_2016-2017.csv.gz
    case " ${mappings[*]} " in
    *water_meters*) gzip -dc "$set" | awk -F';' 'seen[$1, $2]++ { n++ } END { print n + 0 }' ;;
    *) echo 0 ;;
    esac
}

counts="select (select count(*) from abate.sample) || ' ' ||
               (select coalesce(sum(messages), 0) from abate.reject_day)"
all_is_there() {
    read -r stored rejected <<<"$(psql_value "$counts")"
    [[ $((stored + repeats + rejected)) -ge $published ]]
}

line() { # WORDS NUMBER
    printf "  %-46s %'12d\n" "$1" "$2"
}

account() {
    local kept
    kept=$(psql_value "select sum(cardinality(array_remove(value, null))) from abate.sample")
    say "Published and stored"
    line "messages published, all acknowledged" "$published"
    line "messages stored" "$stored"
    [[ $repeats -eq 0 ]] || line "came a second time for the same second" "$repeats"
    line "messages rejected" "$rejected"
    line "messages missing" $((published - stored - repeats - rejected))
    line "readings published" "$readings"
    line "readings stored" "$kept"
    # A message that came twice brought one reading.
    line "readings missing" $((readings - kept - repeats))
    [[ $((published - stored - repeats - rejected)) -eq 0 && $((readings - kept - repeats)) -eq 0 ]]
}

replay() {
    say "Replaying ${#mappings[@]} sets through MQTT (QoS 1), their times as they were"
    echo "(but for the gas turbine, whose set has none: hour after hour, invented)"
    "$(program abatectl)" replay --broker "127.0.0.1:$broker_port" --data "$data" "${mappings[@]}" | tee "$servers/replay.out"
    published=$(number published "$servers/replay.out")
    readings=$(number messages, "$servers/replay.out")
}

simulate() {
    cat <<END

No data directory, so a simulated plant stands in (fixed seed). The real sets the demo is made for:
  UCI Machine Learning Repository 551 (gas turbine), 851 (steel works), 106 (waste water), 360 (air quality);
  hourly load and heat input of EPA CEMS for RGGI units in New York; DAIAD smart water meters, trial A.
$demo/README.md says which files; then: ./bootstrap demo --data DIR
END
    say "Simulating $simulated_messages messages of 200 monitors"
    "$(program abatectl)" simulate --broker "127.0.0.1:$broker_port" --seed 42 --monitors 200 \
        --messages "$simulated_messages" --readings 10 | tee "$servers/replay.out"
    published=$(number published "$servers/replay.out")
    readings=$((published * 10))
}

# Somebody whom nobody registered: to see what becomes of it.
knock() {
    "$(program abatectl)" simulate --broker "127.0.0.1:$broker_port" --plant STRANGER --monitors 1 --messages 3 \
        --readings 1 >"$servers/stranger.out" 2>&1
    published=$((published + 3))
}

# abated judges by itself once a minute; who looks on does not want to wait for that.
is_judged() {
    [[ $(psql_value "select not coalesce(more, true) from abate.judge(now())") == t ]]
}

judge() {
    say "Judging hours and days"
    wait_until 300 is_judged || { echo "demo: not all was judged in time" >&2; return 1; }
    line "hours of series closed" "$(rows_of hourly)"
    line "days of series closed" "$(rows_of daily)"
    line "means past a limit" "$(rows_of exceedance "withdrawn is null")"
    line "breaches made of them" "$(rows_of breach "rule in ('hour', 'day') and withdrawn is null")"
}

# The closed unit sends load, in the middle of the winter after.
restart() {
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -q 1 -t plants/US-NY/NY-2535/NY-2535-UNIT \
        -m '{"time":"2021-01-15T08:00:00-05:00","period":"hour","readings":{"x_power":{"value":41.5,"unit":"MW"}}}'
}

has_restarted() {
    [[ $(rows_of breach "rule = 'activity'") == 1 ]]
}

# The plan itself is real; the figures, milestones and closing dates are invented and say so.
plan() {
    local ctl=("$(program abatectl)" -c "$servers/abated.conf") owner="host=$PGHOST dbname=abate user=postgres"
    say "Loading the plan of Zhengzhou (2019), and figures for it that are invented"
    "${ctl[@]}" plan load --conninfo "$owner" "$demo/../../sql/plans/zhengzhou-2019" | tail -n 1
    "${ctl[@]}" plan load --conninfo "$owner" "$demo/plan"
    if [[ ${#mappings[@]} -gt 0 ]]; then
        say "Entering as closed what had stopped for good: Cayuga 1 from 2019-09-01; then it sends load again"
        psql_value "select abate.close_down('NY-2535', null, '2019-09-01 00:00-05', 'invented for the demonstration')" >/dev/null
        restart
        wait_until 20 has_restarted || { echo "demo: the restart was not noticed" >&2; return 1; }
    fi
    say "Judging the plan as of the end of January 2021; what nothing is known of is left out here"
    "${ctl[@]}" judge --from 2021-01-31 --to 2021-02-01 | head -n 12
    "${ctl[@]}" plan show --at 2021-02-01 | awk '!/^[A-Z]-[0-9]+ +(unknown|not measurable) /'
    show "$demo/plan.sql"
}

began=$SECONDS
find_mappings
servers_begin
[[ $keep == no ]] || servers_keep
say "Starting PostgreSQL, mosquitto and abated in $servers"
postgres_start
mosquitto_start
abate_conf
database_make
if [[ ${#mappings[@]} -gt 0 ]]; then
    psql_file "$demo/registry.sql"
else
    "$(program abatectl)" simulate --registry --monitors 200 --readings 10 | psql_file -
fi
psql_file "$demo/limits.sql"
abated_start
"$(program abatectl)" -c "$servers/abated.conf" check

repeats=0
if [[ ${#mappings[@]} -gt 0 ]]; then
    repeats=$(count_repeats)
    replay
else
    simulate
fi
knock
wait_until 90 all_is_there || echo "demo: not everything arrived in time" >&2
verdict=0
account || verdict=1
judge || verdict=1

show "$demo/report.sql"
[[ ${#mappings[@]} -eq 0 ]] || show "$demo/questions.sql"
plan || verdict=1

say "$((SECONDS - began)) s in all. To look yourself:"
if [[ $keep == yes ]]; then
    servers_leave
    cat <<END
  psql "host=$PGHOST dbname=abate user=abate_reader"
  $(program abatectl) -c $servers/abated.conf status
  $servers/stop        # ends the servers and removes $servers
END
else
    echo "  ./bootstrap demo --keep leaves the servers running and prints the psql line"
fi
[[ $verdict -eq 0 ]] || { echo "demo: what is stored is not what was published" >&2; exit 1; }
