# shellcheck shell=bash disable=SC2119,SC2120
# Private servers for the demo, the tests and the benchmark: to be sourced by a bash script with `set -euo pipefail`.
#
#     servers_begin                  one temporary directory, $servers; from here on every way out ends and removes all
#       postgres_start               PostgreSQL on a socket in it; sets PGHOST PGPORT PGUSER PGDATABASE
#       mosquitto_start              a broker on a free loopback port; sets broker_port
#       database_make                the database "abate" migrated, with the login "abated"
#       abate_conf                   $servers/abated.conf
#       abated_start                 a daemon; `abated_start north $servers/north.conf` one of several
#     wait_until 30 stored_is 60000
#     story "..." ; expect "..." got wanted ; story_end
#
# Whatever runs has a name (postgres, mosquitto, abated ...), a log $servers/NAME.log, and its working directory in
# $servers: so what should be left behind can be found. PostgreSQL and the broker do not run as root: they step down.

declare -A process=() # name -> process id
declare -A broker_port_of=()
servers=
servers_memory= # where the clusters are, if ABATE_MEMORY names a folder in memory: no kill can tell it from a disk
servers_kept=no

# ---- programs

# A process is dear where tests are many: what is asked often is asked of bash itself, and comes in $found instead of $(...).
found=

# program NAME: where this build has it.
program() {
    program_find "$1" && printf '%s\n' "$found"
}

program_find() { # NAME
    local folder
    for folder in '' daemon/ tests/ tests/system/ tests/faults/; do
        found=$ABATE_BUILD/$folder$1
        [[ ! -x $found || ! -f $found ]] || return 0
    done
    echo "no program \"$1\" in \"$ABATE_BUILD\": build first, or set ABATE_BUILD" >&2
    return 1
}

servers_fail() {
    printf 'servers: %s\n' "$*" >&2
    exit 1
}

# The newest PostgreSQL that will do.
postgres_programs() {
    local bin n best=0 found=
    for bin in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
        [[ -x $bin/postgres && -x $bin/initdb && -x $bin/psql ]] || continue
        n=$("$bin/postgres" --version)
        n=${n#*) }
        n=${n%%[!0-9]*}
        [[ $n -ge 14 && $n -gt $best ]] && best=$n found=$bin
    done
    [[ -n $found ]] || servers_fail "no PostgreSQL 14 or newer in /usr/lib/postgresql (Debian: postgresql-15)"
    printf '%s' "$found"
}

# json_of FILE EXPRESSION: of `lines`, the objects of a file, one a line, in Python.
json_of() {
    /usr/bin/python3 -c 'import json, sys; lines = [json.loads(l) for l in open(sys.argv[1])]; print(eval(sys.argv[2]))' "$1" "$2"
}

# ---- the whole

servers_begin() {
    local folder
    ABATE_BUILD=${ABATE_BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build}
    folder=$(cd "${TMPDIR:-/tmp}" && pwd -P)
    servers=$(mktemp -d "$folder/abate.XXXXXX")
    chmod 711 "$servers"
    if has_room "${ABATE_MEMORY:-}"; then
        servers_memory=$(mktemp -d "$ABATE_MEMORY/abate.XXXXXX")
        chmod 711 "$servers_memory"
    fi
    trap servers_end EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    postgres_bin=$(postgres_programs)
}

# Of memory: 8 GiB, more than all that runs at once has taken.
has_room() { # FOLDER
    [[ -n $1 && -w $1 && $(df --output=avail "$1" | tail -n 1) -gt 8388608 ]]
}

# Ends everything by process id, removes the directory, and fails if anything outlived that.
servers_end() {
    local status=$? name left
    set +e
    session_end
    trap '' HUP INT TERM PIPE # to the end, also when nobody listens any more
    [[ -n $servers ]] || return "$status"
    for name in "${!process[@]}"; do
        [[ $name == postgres* || $name == mosquitto* ]] || process_end "$name" TERM 10
    done
    for name in "${!process[@]}"; do
        [[ $name != mosquitto* ]] || process_end "$name" TERM 10
    done
    for name in "${!process[@]}"; do
        process_end "$name" QUIT 10
    done
    left=$(processes_in "$servers"; [[ -z $servers_memory ]] || processes_in "$servers_memory")
    for name in $left; do
        printf 'servers: left over: process %s: %s\n' "$name" "$(tr '\0' ' ' <"/proc/$name/cmdline" 2>/dev/null)" >&2
        kill -KILL "$name" 2>/dev/null || true
        status=1
    done
    [[ $status -eq 0 || -z ${ABATE_KEEP_LOGS:-} ]] || cp "$servers"/*.log "$ABATE_KEEP_LOGS"/ || true
    rm -rf "$servers" ${servers_memory:+"$servers_memory"}
    servers=
    trap - EXIT HUP INT TERM
    exit "$status"
}

processes_in() { # FOLDER
    find /proc -maxdepth 2 -name cwd -lname "$1*" 2>/dev/null | sed 's,/proc/\([0-9]*\)/.*,\1,' || true
}

# Before anything is started: what is started goes on when the script ends, until someone runs $servers/stop.
servers_keep() {
    servers_kept=yes
}

# The script ends well and everything stays; $servers/stop ends it.
servers_leave() {
    local name
    [[ $servers_kept == yes ]] || servers_fail "servers_leave without servers_keep"
    {
        echo '#!/bin/sh'
        echo '# Ends what was left running, newest part first, and removes this directory.'
        for name in "${!process[@]}"; do
            [[ $name == postgres* || $name == mosquitto* ]] || echo "kill -TERM ${process[$name]}"
        done
        echo sleep 1
        for name in "${!process[@]}"; do
            [[ $name == postgres* ]] && echo "kill -INT ${process[$name]}"
            [[ $name == mosquitto* ]] && echo "kill -TERM ${process[$name]}"
        done
        echo sleep 2
        echo "rm -rf '$servers'"
    } >"$servers/stop"
    chmod 755 "$servers/stop"
    trap - EXIT HUP INT TERM
}

# ---- processes

# process_start NAME USER COMMAND...: in the background, in a session of its own (a Ctrl-C reaches the script alone, which
# then ends things in order), dying with the script unless kept. USER "" is ourselves.
process_start() {
    local name=$1 user=$2 step=() dying=TERM
    [[ $name != postgres* ]] || dying=QUIT # where TERM waits for its clients
    shift 2
    [[ $servers_kept == yes ]] || step+=(--pdeathsig "$dying")
    [[ -z $user ]] || step+=(--reuid "$user" --regid "$user" --init-groups)
    [[ ${#step[@]} -eq 0 ]] || step=(setpriv "${step[@]}" --)
    (
        cd "$servers" || exit 1
        [[ -z $servers_idle ]] || exec {servers_idle}>&-
        exec setsid "${step[@]}" "$@" >>"$servers/$name.log" 2>&1 </dev/null
    ) &
    process[$name]=$!
}

is_alive() { # NAME
    [[ -n ${process[$1]:-} ]] && kill -0 "${process[$1]}" 2>/dev/null
}

# process_end NAME SIGNAL SECONDS: signals, waits, kills what does not go; sets `ended` to the exit status.
# shellcheck disable=SC2034 # ended is for the caller
process_end() {
    local name=$1 pid=${process[$1]:-} late=
    ended=0
    [[ -n $pid ]] || return 0
    { # bash would say "Killed" of its own
        kill -"$2" "$pid" || true
        wait_until "$3" is_over "$name" || { kill -KILL "$pid" && late=yes; } || true
        wait "$pid" || ended=$?
    } 2>/dev/null
    unset "process[$name]"
    [[ $late != yes ]] || printf 'servers: "%s" did not end within %s s of SIG%s: killed\n' "$name" "$3" "$2" >&2
}

is_over() { # NAME
    ! is_alive "$1"
}

# process_wait NAME SECONDS: for one that ends of itself; false if it does not, or fails.
process_wait() {
    wait_until "$2" is_over "$1" || { printf 'servers: "%s" does not end\n' "$1" >&2; return 1; }
    ended=0
    wait "${process[$1]}" || ended=$?
    unset "process[$1]"
    [[ $ended -eq 0 ]] || { show_log "$1"; return 1; }
}

rss_kib() { # NAME
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${process[$1]}/status"
}

descriptors_of() { # NAME
    find "/proc/${process[$1]}/fd" -type l | wc -l
}

# wait_until SECONDS COMMAND...: tries ten times a second; false when the time is over.
wait_until() {
    local end=$((SECONDS + $1)) result=0
    shift
    waits=$((waits + 1))
    [[ $waits -gt 1 ]] || asked=$servers/asked.$BASHPID
    until "$@"; do
        [[ $SECONDS -lt $end ]] || { result=1 && break; }
        pause 0.1
        session_renew
    done
    waits=$((waits - 1))
    [[ $waits -gt 0 ]] || session_end
    return "$result"
}

# pause SECONDS: as sleep does it, without a process.
servers_idle=
pause() {
    [[ -n $servers_idle ]] || exec {servers_idle}<> <(:) # nobody writes to it
    read -rt "$1" -u "$servers_idle" || true
}

log_has() { # NAME TEXT
    local text='' LC_ALL=C
    IFS= read -rd '' text 2>/dev/null <"$servers/$1.log" || true
    [[ $text == *"$2"* ]]
}

# log_times NAME TEXT: how many lines of its log have it. log_lines NAME PATTERN: how many of its lines are such, a pattern as [[ ]] has it. In $found.
log_times() {
    log_lines "$1" "*${2//[\\*?\[]/\\&}*"
}

log_lines() {
    local line lines=() LC_ALL=C
    found=0
    [[ ! -r $servers/$1.log ]] || mapfile -t lines <"$servers/$1.log"
    for line in "${lines[@]}"; do
        # shellcheck disable=SC2053 # a pattern
        [[ $line != $2 ]] || found=$((found + 1))
    done
}

show_log() { # NAME
    sed "s/^/    $1: /" "$servers/$1.log" 2>/dev/null | tail -n 20 >&2
}

# ---- PostgreSQL

server_user() { # who runs NAME, "" for ourselves: in $found
    found=
    [[ $EUID -ne 0 ]] || found=$1
}

# As it says itself, in the file pg_ctl looks at, too.
postgres_ready() {
    local lines=()
    is_alive "$1" && mapfile -t lines 2>/dev/null <"$servers/$1/cluster/postmaster.pid" &&
        [[ ${lines[0]:-} == "${process[$1]}" && ${lines[7]:-} == ready* ]]
}

# Clusters that were stopped, for others to begin as copies of: an empty one, and one with the database "abate", migrated by
# abatectl as it is now. Whoever comes first makes them, in the build directory.
postgres_model= # the folder of another such
migrated_at=    # where the cluster is that was begun with "abate", until database_make is asked for it

ground_find() { # empty|migrated: in $found
    local model=$ABATE_BUILD/tests/clusters/$1-$EUID${postgres_bin//\//-} lock
    if ! ground_is_new "$1" "$model"; then
        mkdir -p "${model%/*}"
        exec {lock}>"$model.lock"
        flock "$lock"
        ground_is_new "$1" "$model" || ground_make "$1" "$model"
        exec {lock}>&-
    fi
    found=$model
}

ground_is_new() { # empty|migrated FOLDER
    [[ $2/PG_VERSION -nt ${BASH_SOURCE[0]} ]] || return 1
    [[ $1 == empty ]] || { program_find abatectl && [[ $2/PG_VERSION -nt $found ]]; }
}

ground_make() { # empty|migrated FOLDER
    (
        postgres_model=
        if [[ $1 == empty ]]; then
            cluster_make postgres_model
        else
            postgres_start postgres_model
            abate_conf "$servers/model.conf"
            schema_make abate "$servers/model.conf"
            postgres_stop fast postgres_model
            ground_find empty
            cp "$found/postgresql.conf" "$servers/postgres_model/cluster/"
        fi
        rm -rf "$2" "$2.new"
        cp -a "$(cluster_of postgres_model)" "$2.new"
        touch "$2.new/PG_VERSION"
        mv "$2.new" "$2"
        rm -rf "$servers/postgres_model" ${servers_memory:+"$servers_memory/postgres_model"}
    )
}

# servers_migrated: the next cluster begins with what database_make makes.
servers_migrated() {
    ground_find migrated
    postgres_model=$found
    migrated_at=$servers/postgres
}

# The folder of a cluster, and an empty one in it.
cluster_folder() { # NAME
    local folder=$servers/$1
    server_user postgres
    mkdir -m 711 "$folder"
    [[ -z $found ]] || chown "$found:" "$folder"
    if [[ -n $servers_memory ]]; then
        rm -rf "$servers_memory/$1"
        install -d -m 700 ${found:+-o "$found"} "$servers_memory/$1"
        ln -s "$servers_memory/$1" "$folder/cluster"
    fi
}

cluster_copy() { # MODEL NAME
    cluster_folder "$2"
    mkdir -p "$servers/$2/cluster"
    cp -a "$1/." "$servers/$2/cluster/"
}

cluster_make() { # NAME
    local as=()
    cluster_folder "$1"
    [[ -z $found ]] || as=(setpriv --reuid "$found" --regid "$found" --init-groups --)
    (cd "$servers/$1" && "${as[@]}" "$postgres_bin/initdb" --no-sync --no-locale -E UTF8 -A trust -U postgres \
        -D "$servers/$1/cluster" >"$servers/$1.log" 2>&1) || { show_log "$1"; servers_fail "initdb failed"; }
}

# postgres_start [NAME [SETTING=VALUE ...]]: the first time makes the cluster.
postgres_start() {
    local name=${1:-postgres} folder=$servers/${1:-postgres}
    if [[ ! -d $folder ]]; then
        [[ -n $postgres_model ]] || ground_find empty
        cluster_copy "${postgres_model:-$found}" "$name"
        cat >>"$folder/cluster/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder'
unix_socket_permissions = 0777
fsync = on
max_wal_size = 2GB
log_checkpoints = off
timezone = 'UTC'
END
        postgres_set "$name" "${@:2}"
    fi
    server_user postgres
    process_start "$name" "$found" "$postgres_bin/postgres" -D "$folder/cluster"
    wait_until 60 postgres_ready "$name" || { show_log "$name"; servers_fail "PostgreSQL \"$name\" does not answer"; }
    export PGHOST=$folder PGPORT=5432 PGUSER=postgres PGDATABASE=abate
}

# postgres_needs EXTENSION...: ends the test as skipped where the server has not got one; `bootstrap check` lets that pass.
postgres_needs() {
    local extension
    for extension in "$@"; do
        [[ $(psql_value "select count(*) from pg_available_extensions where name = '$extension'" postgres) -eq 1 ]] && continue
        printf 'skipped: PostgreSQL extension "%s" is not installed\n' "$extension"
        exit 77
    done
}

# postgres_set NAME SETTING=VALUE ...: from its next start on.
postgres_set() {
    local setting
    for setting in "${@:2}"; do
        printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}" >>"$servers/$1/cluster/postgresql.conf"
    done
}

# postgres_stop [fast|immediate|smart [NAME]]
postgres_stop() {
    local signal=INT
    case ${1:-fast} in
    fast) ;;
    immediate) signal=QUIT ;;
    smart) signal=TERM ;;
    *) servers_fail "postgres_stop: \"$1\" is no mode" ;;
    esac
    process_end "${2:-postgres}" "$signal" 30
}

# As a power cut does it. Its children see it and go; the next start takes the shared memory over.
postgres_kill() {
    local name=${1:-postgres}
    process_end "$name" KILL 1
    wait_until 60 nobody_in "$(cluster_of "$name")" || servers_fail "PostgreSQL \"$name\" has children that stay"
}

nobody_in() { # FOLDER
    [[ -z $(processes_in "$1") ]]
}

cluster_of() { # NAME
    readlink -f "$servers/$1/cluster"
}

# psql_value QUERY [DATABASE]: one value, or lines of values.
psql_value() {
    local database=${2:-abate}
    [[ $session_of != "$PGHOST/$database" ]] || { session_ask "$1"; return; }
    [[ $waits -eq 0 ]] || printf '%s' "$database" >"$asked"
    "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$database" -c "$1"
}

# What is asked again while one waits is asked in one session: another start of psql, and of a backend for it, is dearer than
# most questions. The first look is without, and says which database it was; so most waits need none.
waits=0 # one within another
asked=
session_of= # PGHOST/DATABASE
session_pid=
session_in=
session_out=

session_renew() {
    local database
    if [[ -n $session_of ]]; then
        kill -0 "$session_pid" 2>/dev/null && return 0
        session_end
    fi
    [[ -s $asked ]] || return 0
    database=$(<"$asked")
    [[ -p $asked.fifo ]] || mkfifo "$asked.fifo"
    exec {session_in}<>"$asked.fifo" # it ends with us, and we not with it
    exec {session_out}< <(exec "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$database" <"$asked.fifo" 2>/dev/null {session_in}>&-)
    session_pid=$! session_of=$PGHOST/$database
}

session_end() {
    [[ ! -s $asked ]] || : >"$asked"
    [[ -n $session_of ]] || return 0
    { kill "$session_pid" && wait "$session_pid"; } 2>/dev/null || true
    exec {session_in}>&- {session_out}<&-
    session_of=
}

session_ask() { # QUERY
    local line lines=()
    printf '%s\n;\nselect $$=answered=$$;\n' "$1" >&"$session_in"
    while IFS= read -r -u "$session_out" line; do
        if [[ $line == =answered= ]]; then
            [[ ${#lines[@]} -eq 0 ]] || printf '%s\n' "${lines[@]}"
            return 0
        fi
        lines+=("$line")
    done
    return 1
}

psql_file() { # FILE (- is stdin) [DATABASE]
    "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "${2:-abate}" -f "$1" >/dev/null
}

# A database with the schema of this build, and the daemon's login.
database_make() {
    local name=${1:-abate}
    if [[ $migrated_at == "$PGHOST" ]]; then
        migrated_at=
        [[ $name != abate ]] || return 0
        psql_value "alter database abate rename to $name" postgres
    else
        schema_make "$name" "$servers/abated.conf"
    fi
}

schema_make() { # DATABASE CONFIGURATION
    local name=$1
    psql_value "create database $name" postgres
    "$(program abatectl)" -c "$2" migrate --conninfo "host=$PGHOST dbname=$name user=postgres" \
        >"$servers/migrate.log" 2>&1 || { show_log migrate; servers_fail "cannot migrate"; }
    psql_value "do \$\$ begin
                    if to_regrole('abated') is null then create role abated login in role abate_writer; end if;
                end \$\$" "$name"
}

# ---- mosquitto

free_port() {
    free_port_find
    printf '%s' "$found"
}

free_port_find() {
    found=$((10240 + (SRANDOM % 20000)))
    while port_answers "$found"; do
        found=$((10240 + (SRANDOM % 20000)))
    done
}

port_answers() { # PORT
    { : <>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null
}

mosquitto_ready() {
    port_answers "${broker_port_of[$1]}"
}

mosquitto_gone_or_ready() {
    mosquitto_ready "$1" || ! is_alive "$1"
}

# mosquitto_start [NAME [LINE ...]]: the same port over restarts; LINEs are added to its configuration.
mosquitto_start() {
    local name=${1:-mosquitto} user binary try
    server_user mosquitto
    user=$found
    binary=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mosquitto) || servers_fail "no mosquitto"
    if [[ ! -d $servers/$name ]]; then
        mkdir -m 700 "$servers/$name"
        [[ -z $user ]] || chown "$user:" "$servers/$name"
    fi
    for try in 1 2 3 4 5; do
        [[ -n ${broker_port_of[$name]:-} ]] || { free_port_find; broker_port_of[$name]=$found; }
        broker_port=${broker_port_of[$name]}
        {
            echo "listener $broker_port 127.0.0.1"
            echo "allow_anonymous true"
            echo "persistence true"
            echo "persistence_location $servers/$name/"
            echo "max_queued_messages 0"
            echo "max_inflight_messages 1000"
            echo "set_tcp_nodelay true"
            echo "log_dest stderr"
            echo "log_type error"
            echo "log_type warning"
            echo "log_type notice"
            [[ $# -lt 2 ]] || printf '%s\n' "${@:2}"
        } >"$servers/$name.conf"
        process_start "$name" "$user" "$binary" -c "$servers/$name.conf"
        wait_until 20 mosquitto_gone_or_ready "$name" || true
        is_alive "$name" && mosquitto_ready "$name" && return 0
        process_end "$name" TERM 5
        # Someone else took the port meanwhile. A port we had is ours by promise, so only the first start may choose anew.
        [[ -s $servers/$name/mosquitto.db ]] || unset "broker_port_of[$name]"
        sleep "0.$try"
    done
    show_log "$name"
    servers_fail "mosquitto \"$name\" does not start"
}

mosquitto_stop() { # writes its database
    process_end "${1:-mosquitto}" TERM 20
}

mosquitto_kill() {
    process_end "${1:-mosquitto}" KILL 1
}

mosquitto_restart() {
    mosquitto_stop "${1:-mosquitto}"
    mosquitto_start "${1:-mosquitto}" "${@:2}"
}

# ---- a link that fails when told to (tests/faults/proxy.c)

# proxy_start NAME LISTEN SERVER: each a path or a port. Process NAME; commands go to it by proxy_say.
proxy_start() {
    local name=$1
    [[ -p $servers/$name.fifo ]] || mkfifo "$servers/$name.fifo"
    process_start "$name" "" "$(program proxy)" "$2" "$3" "$servers/$name.fifo"
    wait_until 20 log_has "$name" "ready $2" || { show_log "$name"; servers_fail "proxy \"$name\" does not start"; }
}

# proxy_say NAME COMMAND: and waits until it is in force.
proxy_say() {
    local before
    proxy_count "$1" done
    before=$found
    printf '%s\n' "$2" >"$servers/$1.fifo"
    wait_until 20 proxy_past "$1" done "$before" || servers_fail "proxy \"$1\" does not obey \"$2\""
}

proxy_count() { # NAME done|fired: in $found
    log_lines "$1" "$2 *"
}

proxy_past() { # NAME done|fired COUNT
    proxy_count "$1" "$2"
    [[ $found -gt $3 ]]
}

# ---- abated

# abate_conf [FILE [NAME=VALUE ...]]: instance, topic, past, journal, segment, size, retention, database, broker_port,
# receive_maximum, retry, probe may be given; and SECTION.KEY=VALUE, a line of that section, instead of what it has.
abate_conf() {
    local file=${1:-$servers/abated.conf} pair text
    local -A v=([instance]=test [topic]="plants/{region}/{plant}/{monitor}" [past]=50y [journal]=$servers/journal
        [segment]=64M [size]=32G [retention]=30d [database]=abate [broker_port]=${broker_port:-1883}
        [receive_maximum]=1000 [retry]=1s [receipts]=off [probe]=0)
    for pair in "${@:2}"; do
        [[ ${pair%%=*} == *.* ]] || v[${pair%%=*}]=${pair#*=}
    done
    IFS= read -rd '' text <<END || true
instance = "${v[instance]}"

broker "local" {
    host = "127.0.0.1"
    port = ${v[broker_port]}
    receive_maximum = ${v[receive_maximum]}
    probe = ${v[probe]}
    retry_most = "${v[retry]}"
}

feed "telemetry" {
    broker = "local"
    topic = "${v[topic]}"
    form = "json"
    past = "${v[past]}"
    future = "10min"
    receipts = "${v[receipts]}"
}

database {
    conninfo = "host=${PGHOST:-$servers/postgres} dbname=${v[database]} user=abated"
    retry_most = "${v[retry]}"
}

journal {
    directory = "${v[journal]}"
    segment = "${v[segment]}"
    size = "${v[size]}"
    retention = "${v[retention]}"
}
END
    printf '%s' "$text" >"$file"
    for pair in "${@:2}"; do
        [[ ${pair%%=*} != *.* ]] || conf_set "$file" "${pair%%.*}" "${pair#*.}"
    done
}

# conf_set FILE SECTION KEY=VALUE: the line KEY = VALUE of the section, in quotes where VALUE is no number and no boolean.
conf_set() {
    local key=${3%%=*} value=${3#*=} line lines inside='' text='' is_there=no
    [[ $value =~ ^([0-9]+|on|off|true|false)$ ]] || value="\"$value\""
    mapfile -t lines <"$1"
    for line in "${lines[@]}"; do
        [[ -z $inside || ! $line =~ ^[[:blank:]]*"$key"[[:blank:]]+= ]] || continue
        text+=$line$'\n'
        if [[ $line =~ ^"$2"[[:blank:]].*\{[[:blank:]]*$ ]]; then
            inside=yes is_there=yes
            text+="    $key = $value"$'\n'
        elif [[ $line =~ ^[[:blank:]]*\}[[:blank:]]*$ ]]; then
            inside=
        fi
    done
    [[ $is_there == yes ]] || text+="$2 {"$'\n'"    $key = $value"$'\n'"}"$'\n'
    printf '%s' "$text" >"$1"
}

abated_readies() { # NAME: how often its log says so, in $found
    log_lines "$1" 'abated: ready'
}

abated_ready() {
    abated_readies "$1"
    [[ $found -gt $2 ]] || ! is_alive "$1"
}

# abated_launch [NAME [FILE]]: without waiting. $abated_under is put before the program (strace ...).
# $abated_program is another build of it.
abated_under=()
abated_program=abated
abated_launch() {
    local name=${1:-abated}
    program_find "$abated_program" || exit 1
    process_start "$name" "" "${abated_under[@]}" "$found" -c "${2:-$servers/abated.conf}"
}

# abated_start [NAME [FILE]]: and waits for its "ready".
abated_start() {
    local name=${1:-abated} before
    abated_readies "$name"
    before=$found
    abated_launch "$@"
    wait_until 60 abated_ready "$name" "$before" && is_alive "$name" && return 0
    show_log "$name"
    servers_fail "abated \"$name\" does not get ready"
}

abated_stop() { # [NAME]: `ended` is its exit status
    process_end "${1:-abated}" TERM 60
}

abated_kill() { # [NAME]
    process_end "${1:-abated}" KILL 1
}

# simulate_register MONITORS READINGS [DATABASE [OPTION ...]]
simulate_register() {
    "$(program abatectl)" simulate --registry --monitors "$1" --readings "$2" "${@:4}" | psql_file - "${3:-abate}"
}

# simulate ARGUMENT...: to the broker; process "simulate", for process_wait.
simulate() {
    process_start simulate "" "$(program abatectl)" simulate --broker "127.0.0.1:$broker_port" "$@"
}

# publish FILE: its lines, KIND <TAB> TOPIC <TAB> PAYLOAD IN HEX; process "publish".
publish() {
    # shellcheck disable=SC2016 # for the inner shell
    process_start publish "" sh -c 'exec "$0" 127.0.0.1 "$1" <"$2"' "$(program publish)" "$broker_port" "$1"
}

# message TOPIC PAYLOAD: such a line.
message() {
    printf 'message\t%s\t%s\n' "$1" "$(printf '%s' "$2" | od -An -v -tx1 | tr -d ' \n')"
}

# PostgreSQL, a broker, a configuration and a migrated database: what a system test begins with.
servers_begin_all() {
    servers_begin
    servers_migrated
    postgres_start
    mosquitto_start
    abate_conf
    database_make
}

stored_count() { # [DATABASE]
    psql_value "select count(*) from abate.sample" "${1:-abate}" 2>/dev/null || echo unknown
}

stored_is() { # COUNT [DATABASE]
    [[ $(stored_count "${2:-abate}") == "$1" ]]
}

stored_at_least() { # COUNT [DATABASE]
    local count
    count=$(stored_count "${2:-abate}")
    [[ $count != unknown && $count -ge $1 ]]
}

# rows_of VIEW_OR_TABLE [CONDITION [DATABASE]]
rows_of() {
    psql_value "select count(*) from abate.$1 where ${2:-true}" "${3:-abate}"
}

# What is stored, without how it came there: equal for two databases that took the same messages.
stored_digest() { # [DATABASE]
    psql_value "select md5(string_agg(concat_ws(' ', monitor_code, period, at, value, mark), e'\\n'
                                      order by monitor_code, period, at))
                  from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id)" \
        "${1:-abate}"
}

breaches_digest() { # [DATABASE]
    psql_value "select md5(string_agg(concat_ws(' ', monitor_code, limit_id, opened, closed, worst, worst_at, last_at, count),
                                      e'\\n' order by monitor_code, limit_id, opened))
                  from abate.breach join abate.series using (series_id) join abate.feed using (feed_id)
                  join abate.monitor using (monitor_id)" "${1:-abate}"
}

# limit_set UPPER [UPPER_CLEAR [HOLD [DATABASE]]]: for minute values of a21002 of the simulated plant.
limit_set() {
    psql_value "insert into abate.emission_limit
                    (parameter_code, period, plant_id, upper, upper_clear, hold, unit, standard, source)
                select 'a21002', 'minute', plant_id, $1, ${2:-null}, '${3:-0}', 'mg/m3', 'test', 'test'
                  from abate.plant where plant_code = 'SIM'" "${4:-abate}"
}

# ---- stories

stories=0
failures=0

# story NAME: what follows belongs to it.
story() {
    stories=$((stories + 1))
    printf '# %s\n' "$1"
}

# expect WHAT GOT WANTED
expect() {
    if [[ "$2" == "$3" ]]; then
        printf 'ok - %s: %s\n' "$1" "$2"
    else
        printf 'not ok - %s: got "%s", wanted "%s"\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# expect_true WHAT COMMAND...
expect_true() {
    local what=$1
    shift
    if "$@"; then
        printf 'ok - %s\n' "$what"
    else
        printf 'not ok - %s: "%s" is false\n' "$what" "$*"
        failures=$((failures + 1))
    fi
}

# The last line of a test.
story_end() {
    local name
    printf '# %d stories, %d failures\n' "$stories" "$failures"
    [[ $failures -gt 0 ]] || exit 0
    for name in "$servers"/abated*.log; do
        [[ -f $name ]] && show_log "$(basename "$name" .log)"
    done
    exit 1
}
