# shellcheck shell=bash disable=SC2034,SC2154,SC2317,SC2329
# What every fault lies in: servers of its own, plants that publish, and a count of what came of it. Sourced by
# tests/system/faults.sh, which see for how faults are run; a file tests/faults/TOPIC.sh has
#
#     fault NAME TIMES_SHORT TIMES_LONG "what fails, in a few words"
#     fault_NAME() {                 # strict mode; $times: how often it is to happen
#         bed                        # database, broker, journal, abated; all fresh
#         plant_begin 20000 4000     # in the background
#         ...                        # what fails, $times times
#         fault_over                 # from here on it must recover
#         plant_end 60               # until every message is acknowledged
#         bed_check                  # until every acknowledged one is stored: lost, twice
#         bed_end
#     }
#
# It has all of tests/servers.sh as well: expect and expect_true count for it; whatever it starts by process_start ends with
# it. A fault that dies, fails an expectation, loses, doubles or cannot explain a reject has failed, and its output is shown.
#
# bed [KEY=VALUE ...]   keys of abate_conf (also SECTION.KEY=VALUE), and
#     own=postgres      a PostgreSQL of its own, which may be stopped, killed, filled: $bed_postgres names its process
#     own=no            abated is not started yet (then: abated_start; bed_connected)
#     own=nobroker      nor is the broker (then: mosquitto_start)
#     setting=N=V       of that PostgreSQL; broker=LINE of the broker's configuration
#     limits=no         nothing is watched: no breaches
#   Sets $bed_database (abate), $broker_port, $PGHOST; the configuration is $servers/abated.conf; abated's log is
#   $servers/abated.log, of this bed alone.
#   SIM000011 is no plant's: what a fault publishes itself in its name is not counted.
# plant_begin MESSAGES RATE [OPTION ...]   options of tests/faults/plant.c (--receipts ...); again: the numbers go on
# plant_end SECONDS     false, and the fault has failed, if not all is acknowledged by then
# plant_finish SECONDS  it makes no more; then likewise
# plant_stop            what is not acknowledged by now never will be
# bed_check [SECONDS]   default 60
# bed_rejects=CONDITION on abate.rejected_message: further rejects that are as they should be
# $abated_program       abated_crash for crash points: ABATE_CRASH=STEP:N in the environment

declare -A fault_short=() fault_long=() fault_what=()
faults=()

fault() { # NAME TIMES_SHORT TIMES_LONG WHAT
    [[ -z ${fault_what[$1]:-} ]] || faults_fail "two faults are called \"$1\": the second would run for both"
    faults+=("$1")
    fault_short[$1]=$2 fault_long[$1]=$3 fault_what[$1]=$4
}

faults_fail() {
    printf 'faults: %s\n' "$*" >&2
    exit 1
}

readonly BED_MONITORS=10
readonly BED_DESCRIPTORS=28 # of abated; 16 to 22 seen, 25 where names are looked up for long: one that leaks one a time is found

# What each cluster has, that of a lane and those of a bed: a database as each bed gets it.
bed_template() {
    database_make abate_template
    simulate_register $((BED_MONITORS + 1)) 3 abate_template # one for the faults
    limit_set 50 "" 0 abate_template
    # Each bad message is asked for: none may be only counted.
    psql_value "update abate.threshold set value = 1e9 where threshold_code in ('reject_rows_a_day', 'reject_rows')" abate_template
}

# ---- a bed

bed_postgres=postgres
bed_database=abate
bed_is_made=no
bed_number=0
bed_copying= # how: as files where that can be chosen, which takes a third of what it takes through the log
bed_rejects=false
bed_limits=yes
bed_sums=(0 0 0) # acknowledged, lost, twice: of the beds before
bed_unexplained=0
bed_recovered=-

bed() {
    local pair own=yes limits=yes conf=() broker=() setting=()
    for pair in "$@"; do
        case $pair in
        own=postgres) bed_postgres=postgres_own ;;
        own=*) own=${pair#own=} ;;
        limits=*) limits=${pair#limits=} ;;
        broker=*) broker+=("${pair#broker=}") ;;
        setting=*) setting+=("${pair#setting=}") ;;
        *) conf+=("$pair") ;;
        esac
    done
    bed_number=$((bed_number + 1))
    bed_rejects=false
    bed_plants=0 bed_messages=0 bed_counted=(0 0 0 0 0) bed_line=() bed_over=
    rm -rf "$servers"/{journal,plant.*,ahead,acked,recovered,mosquitto} "$servers"/{abated,plant,mosquitto}.log
    if [[ $bed_postgres == postgres_own ]]; then
        [[ ! -d $servers/postgres_own ]] || rm -rf "$servers/postgres_own"
        postgres_start postgres_own "${setting[@]}"
    fi
    bed_is_made=yes
    psql_value "create database $bed_database template abate_template $bed_copying" postgres
    bed_limits=$limits
    [[ $limits == yes ]] || psql_value "delete from abate.emission_limit"
    unset "broker_port_of[mosquitto]"
    [[ $own == nobroker ]] || mosquitto_start mosquitto "${broker[@]}"
    abate_conf "$servers/abated.conf" "${conf[@]}"
    ahead_begin
    [[ $own != yes ]] || { abated_start && bed_connected; }
}

# abated has its session: from here on the broker keeps for it what is published.
bed_connected() {
    wait_until 20 log_has abated "connected, session" || { show_log abated; faults_fail "abated does not connect"; }
}

# Counts once more what is too many, when abated has taken all there was.
bed_end() {
    local descriptors
    if is_alive abated; then
        descriptors=$(descriptors_of abated)
        expect_true "its descriptors are as many as ever: $descriptors" test "$descriptors" -le "$BED_DESCRIPTORS"
        abated_stop
        expect "abated ends with" "$ended" 0
        bed_count && bed_take
    fi
    bed_sums=($((bed_sums[0] + bed_counted[0])) $((bed_sums[1] + bed_counted[1])) $((bed_sums[2] + bed_counted[2])))
    bed_unexplained=$((bed_unexplained + bed_counted[3]))
    expect "rejects nobody can explain" "${bed_counted[3]}" 0
    expect "breaches missing" "${bed_counted[4]}" 0
    [[ ${bed_counted[1]} -eq 0 && ${bed_counted[2]} -eq 0 ]] || bed_show
    bed_clear
}

# Everything but the lane's PostgreSQL.
bed_clear() {
    local name
    for name in "${!process[@]}"; do
        [[ $name == postgres* || $name == mosquitto* ]] || process_end "$name" KILL 5
    done
    process_end mosquitto KILL 5
    if [[ $bed_postgres == postgres_own ]]; then
        process_end postgres_own QUIT 20
        rm -rf "$servers/postgres_own"
        bed_postgres=postgres
        export PGHOST=$servers/postgres
    elif [[ $bed_is_made == yes ]]; then
        bed_drop
    fi
}

bed_drop() {
    psql_value "drop database if exists $bed_database with (force)" postgres 2>/dev/null && bed_is_made=no
}

bed_show() {
    ahead_count
    printf 'lost %s, twice %s (ahead %s)\n' "${bed_counted[1]}" "${bed_counted[2]}" "$found"
    bed_select "select 'lost:', i from acked, generate_series(a, b) i
                 where not exists (select from abate.sample where value[1] = i)
                   and not exists (select from abate.rejected_message
                                    where substring(encode(payload, 'escape') from '\"id\":\"bed-(\d+)\"')::bigint = i)
                 order by i limit 10;
                select 'revision:', * from abate.revision limit 5;
                select 'reject:', reason, encode(payload, 'escape') from abate.rejected_message r
                 where not ($bed_rejects) order by reject_id desc limit 3" || true
}

# ---- plants

plant_begin() { # MESSAGES RATE [OPTION ...]
    bed_plants=$((bed_plants + 1))
    program_find plant
    process_start "plant" "" "$found" --run bed --file "$servers/plant.$bed_plants" --port "$broker_port" \
        --monitors "$BED_MONITORS" --first "$bed_messages" --messages "$1" --rate "$2" "${@:3}"
    bed_messages=$((bed_messages + $1))
    wait_until 10 test -e "$servers/plant.$bed_plants" || faults_fail "the plant does not begin"
}

plant_end() { # SECONDS
    wait_until "$1" is_over plant || { plant_counts; process_end plant TERM 5; faults_fail "not all is acknowledged after $1 s"; }
    process_end plant TERM 5
    [[ $ended -eq 0 ]] || { show_log plant; faults_fail "the plant has failed"; }
    plant_says next
    bed_messages=$found
}

plant_finish() { # SECONDS
    kill -USR1 "${process[plant]}"
    plant_end "$1"
}

plant_stop() {
    process_end plant TERM 5
    plant_says next
    bed_messages=$found
}

plant_counts() {
    cat "$servers/plant.$bed_plants.counts" 2>/dev/null || true
}

# plant_says acknowledged|published|again|connections|refused [NUMBER]: in $found; of the last one begun; half a second old at most.
plant_says() {
    local file=$servers/plant.${2:-$bed_plants}.counts word value
    found=
    [[ -r $file ]] || return 0
    while IFS='=' read -r word value; do
        [[ $word != "$1" ]] || found=$value
    done <"$file"
}

plant_at_least() { # acknowledged|... COUNT
    plant_says "$1"
    [[ ${found:-0} -ge $2 ]]
}

# ---- counting

# Ranges of all that is acknowledged by now: in $acked.
acked=
acked_now() {
    local i text
    acked=
    for ((i = 1; i <= bed_plants; i++)); do
        text=
        [[ ! -r $servers/plant.$i ]] || IFS= read -rd '' text <"$servers/plant.$i" || true
        acked+=$text
    done
}

# bed_select SQL: with the table acked (a, b).
bed_select() {
    local is_whole=false
    ! bed_is_whole || is_whole=true
    acked_now
    "$postgres_bin/psql" -XqAt -F ' ' -v ON_ERROR_STOP=1 -d "$bed_database" -v monitors="$BED_MONITORS" \
        -v messages="$bed_messages" -v rejects_too="$bed_rejects" -v is_whole="$is_whole" -f - <<END
create temp table acked (a bigint, b bigint);
copy acked from stdin (delimiter ' ');
$acked\\.
$1;
END
}

bed_is_whole() {
    local i again=0 done=0
    for ((i = 1; i <= bed_plants; i++)); do
        plant_says again "$i"
        again=$((again + found))
        plant_says acknowledged "$i"
        done=$((done + found))
    done
    [[ $bed_limits == yes && $again -eq 0 && $done -eq $bed_messages ]]
}

# The line of count.sql into bed_line, or that of another file; false if the database does not answer.
bed_count() { # [FILE]
    local text
    text=$(bed_select "\\i $ABATE_SOURCE/tests/faults/${1:-count.sql}" 2>"$servers/count.log") || return 1
    read -ra bed_line <<<"$text"
    [[ ${#bed_line[@]} -eq 5 ]]
}

bed_take() {
    bed_counted=("${bed_line[@]}")
    ahead_count
    bed_counted[2]=$((bed_counted[2] + found))
}

is_all_stored() {
    bed_count count_enough.sql && [[ ${bed_line[1]} -eq 0 && ${bed_line[4]} -eq 0 ]] && return 0
    pause 0.1
    return 1
}

# The fault is removed: how long until what is acknowledged by now is stored. The longest of a fault's counts.
fault_over() {
    bed_over=${EPOCHREALTIME/./}
    recovery_end
    cp /dev/null "$servers/recovered"
    (
        acked_now
        acked_now() { :; }
        bed_is_whole() { false; }
        plant_says next
        bed_messages=$found
        # A plant says its counts a moment after its ranges: what is acknowledged was published.
        last=${acked%$'\n'}
        [[ -z $last || ${last##* } -lt $bed_messages ]] || bed_messages=$((${last##* } + 1))
        wait_until 120 is_all_stored || exit 0
        printf '%d' $(((${EPOCHREALTIME/./} - bed_over) / 100000)) >"$servers/recovered"
    ) &
    bed_recovery=$!
}

bed_recovery=
recovery_end() {
    [[ -z $bed_recovery ]] || { kill "$bed_recovery" && wait "$bed_recovery"; } 2>/dev/null || true
    bed_recovery=
}

recovery_take() {
    local tenths
    [[ -n $bed_over ]] || return 0
    wait "$bed_recovery" || true
    bed_recovery=
    tenths=$(<"$servers/recovered")
    [[ -n $tenths ]] || return 0
    [[ $bed_recovered != - && 10#${bed_recovered/./} -ge $tenths ]] || bed_recovered=$((tenths / 10)).$((tenths % 10))
}

bed_check() { # [SECONDS]
    wait_until "${1:-60}" is_all_stored || { printf 'not all is stored after %s s\n' "${1:-60}"; bed_count || cat "$servers/count.log"; }
    if [[ ${bed_line[1]:-1} -eq 0 ]]; then
        recovery_take
    fi
    [[ ${#bed_line[@]} -eq 5 ]] || faults_fail "the database does not answer"
    bed_take
    printf 'acknowledged %s, lost %s, twice %s, unexplained rejects %s, breaches missing %s\n' "${bed_counted[@]}"
    printf 'plant: %s\n' "$(plant_counts | xargs)"
}

# ---- ahead: a snapshot in which one of the newest rows stands at or past the committed position, so the two did not commit together

ahead_begin() {
    rm -f "$servers/ahead.log"
    program_find ahead
    # shellcheck disable=SC2016 # for the inner shell
    process_start ahead "" sh -c 'exec "$0" "$1" "$2" <"$3"' "$found" "host=$PGHOST port=$PGPORT user=$PGUSER dbname=$bed_database" \
        "$servers/ahead" "$ABATE_SOURCE/tests/faults/ahead.sql"
    wait_until 20 ahead_begun
    log_has ahead asked || { show_log ahead; faults_fail "nobody looks whether rows and position agree"; }
}

ahead_begun() {
    log_has ahead asked || is_over ahead
}

ahead_count() {
    local lines=()
    [[ ! -r $servers/ahead ]] || mapfile -t lines <"$servers/ahead"
    found=${#lines[@]}
}
