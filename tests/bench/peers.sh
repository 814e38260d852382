#!/usr/bin/env bash
# What people use today, on the same load as abate, in one run on private servers: a table, and peers.csv in the build directory.
#
#     peers.sh [--messages N] [--rate N]
#
# Each takes the same readings (10 a message, 100 monitors) and stores one row a reading with a key; each is set up at its
# best. backlog: N messages (200000) wait at the broker; for abate five times as many, for that is seconds. kill -9: at so many
# messages a second (2000) it is killed halfway and started again; what the broker had told the publisher it has, and no row
# tells of in the end, is lost.
#
#   abate         acknowledged when on disk; without TLS between broker and abated, and with it, which spares the broker work
#   node          MQTT.js and pg: readings of many messages in one insert; acknowledged when read
#   collectd      mqtt -> postgresql, one transaction a second; acknowledged when read. It reads no JSON: 10 values a message
#                 in its own form, and one (as its users publish)
#   mosquitto_sub mosquitto_sub | psql COPY of the JSON as it is, unread, in one transaction; acknowledged when read
#
# Telegraf is in no distribution and not measured.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
source "$here/../servers.sh"
# shellcheck source=tests/bench/ground.sh
source "$here/ground.sh"

messages=200000 rate=2000 minute=0
readonly readings=10 monitors=100
while [[ $# -gt 0 ]]; do
    case $1 in
    --messages) messages=$2 ;;
    --rate) rate=$2 ;;
    *) echo "usage: peers.sh [--messages N] [--rate N]" >&2 && exit 2 ;;
    esac
    shift 2
done

need() { # PROGRAM PACKAGE
    PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || servers_fail "no program \"$1\"; hint: apt-get install --no-install-recommends $2"
}
need collectd collectd-core
need node nodejs
need npm npm

# ---- the peers: peer_NAME starts it, process "peer"

modules=$ABATE_BUILD/peers
get_modules() {
    [[ -d $modules/node_modules/mqtt && -d $modules/node_modules/pg ]] && return 0
    npm install --silent --prefix "$modules" mqtt@5 pg@8 >/dev/null
}

peer_node() {
    (cd "$modules" && exec setsid node "$here/peers/node.js" "$broker_port" "{\"host\":\"$PGHOST\",\"user\":\"postgres\",\"database\":\"abate\"}" 20000 \
        >>"$servers/peer.log" 2>&1) &
    process[peer]=$!
}

peer_collectd() {
    local folder=$servers/collectd
    mkdir -p "$folder"
    {
        echo "readings1 v0:GAUGE:U:U"
        echo -n "readings10"
        for ((i = 0; i < 10; i++)); do printf '%s v%d:GAUGE:U:U' "$([[ $i -eq 0 ]] || echo ,)" "$i"; done
        echo
    } >"$folder/types.db"
    sed "s|@folder@|$folder|; s|@port@|$broker_port|; s|@pghost@|$PGHOST|" "$here/peers/collectd.conf.in" >"$folder/collectd.conf"
    process_start peer "" collectd -f -C "$folder/collectd.conf"
}

peer_mosquitto_sub() {
    # shellcheck disable=SC2016 # for the inner shell
    process_start peer "" sh -c 'mosquitto_sub -V mqttv5 -x 4294967295 -p "$0" -q 1 -c -i sub -t "plants/#" -F "%p" -C "$1" |
        "$2" -XqAt -d abate -U postgres -h "$3" -c "copy peer.message from stdin"' "$broker_port" "$messages" "$postgres_bin/psql" "$PGHOST"
}

# ---- counting

stored_readings() { # NAME
    case $1 in
    abate) psql_value "select coalesce(sum(array_length(value, 1)), 0) from abate.sample" ;;
    mosquitto_sub) psql_value "select count(*) * $readings from peer.message" ;;
    *) psql_value "select count(*) from peer.reading" ;;
    esac
}

# By PostgreSQL's statistics, some seconds late: to count rows is dear, and would be paid by who is measured.
inserted() { # NAME
    local table=reading schema=peer each=1
    case $1 in
    abate) table='sample\_%' schema=abate each=$readings ;;
    mosquitto_sub) table=message each=$readings ;;
    esac
    psql_value "select coalesce(sum(n_tup_ins), 0) * $each from pg_stat_user_tables where schemaname = '$schema' and relname like '$table'"
}

# Until all is there, or nothing comes any more. Readings stored in $stored, when the last was committed in $settled_at.
settled() { # NAME READINGS BEFORE
    local was=-1 is=0 still=0 table=peer.reading
    until [[ $is -ge $2 || $still -ge 40 ]]; do
        sleep 0.5
        is=$(($(inserted "$1") - $3))
        [[ $is == "$was" ]] && still=$((still + 1)) || still=0
        was=$is
    done
    case $1 in
    abate) table=abate.sample ;;
    mosquitto_sub) table=peer.message ;;
    esac
    stored=$(stored_readings "$1")
    settled_at=$(psql_value "select coalesce(extract(epoch from max(pg_xact_commit_timestamp(xmin))), 0) from $table")
}

peer_end() { # SIGNAL: all of it
    { # bash would say "Killed" of its own
        kill -"$1" -- "-${process[peer]}" || true
        wait_until 10 is_over peer || kill -KILL -- "-${process[peer]}"
        wait "${process[peer]}" || true
    } 2>/dev/null
    unset "process[peer]"
}

# measure NAME FORM...: the backlog.
measure() {
    local name=$1 begun before
    shift
    psql_value "truncate peer.reading, peer.message"
    mosquitto_start "broker_$name"
    "peer_$name"
    sleep 3
    peer_end INT
    load --messages "$sent" "$@" >/dev/null
    before=$(inserted "$name")
    begun=$(now)
    "peer_$name"
    settled "$name" $((messages * readings)) "$before"
    figure "$label, backlog" "$(calc %d "$stored / ($settled_at - $begun)")" "readings/s"
    figure "  acknowledged" "when read" "and not yet stored"
    [[ $stored -ge $((messages * readings)) ]] || figure "  stored of $((messages * readings))" "$stored" readings
    peer_end INT
    mosquitto_stop "broker_$name"
}

# What a kill -9 halfway loses of what the broker had acknowledged.
killed() { # NAME TABLE_NAME FORM...
    local name=$1 counted=$2 before
    shift 2
    before=$(inserted "$counted")
    psql_value "truncate peer.reading, peer.message, abate.sample"
    mosquitto_start "broker_kill_$name"
    "peer_$name"
    sleep 3
    process_start sender "" "$(bench_program load)" "$broker_port" --messages $((10 * rate)) --rate "$rate" --id sender "$@"
    sleep 5
    peer_end KILL
    sleep 1
    "peer_$name"
    process_wait sender 60
    settled "$counted" $((10 * rate * readings)) "$before"
    figure "  lost at kill -9, of $((10 * rate * readings))" $((10 * rate * readings - stored)) readings
    peer_end INT
    mosquitto_stop "broker_kill_$name"
}

measure_abate() { # NAME
    local begun before
    psql_value "truncate abate.sample"
    load --messages $((5 * messages)) --minute "$minute" >/dev/null
    minute=$((minute + 5 * messages / monitors)) # what is not later than a monitor's last is merged
    before=$(inserted abate)
    begun=$(now)
    abated_start
    settled abate $((5 * messages * readings)) "$before"
    figure "$1, backlog" "$(calc %d "$stored / ($settled_at - $begun)")" "readings/s"
    figure "  acknowledged" "when on disk" ""
    abated_stop
}

peer_abate() {
    abate_conf "$servers/killed.conf" "journal=$servers/killed"
    process_start peer "" "$(program abated)" -c "$servers/killed.conf"
}

servers_begin
bench_csv "$ABATE_BUILD/peers.csv"
make -s -C "$ABATE_BUILD" tests/bench/load
get_modules
postgres_start postgres shared_buffers=1GB max_wal_size=8GB track_commit_timestamp=on
broker_start_tls
abate_conf
database_make
simulate_register $((monitors)) "$readings"
psql_value "create schema peer;
            create table peer.reading (monitor text, parameter text, at timestamptz, value float8, primary key (monitor, parameter, at));
            create unlogged table peer.message (message jsonb)"
echo "$(nproc) cores, $messages messages of $readings readings"

abated_start
wait_until 20 log_has abated "connected, session"
abated_stop
measure_abate "abate"
link_tls "$servers/abated.conf"
measure_abate "abate, over TLS"
mosquitto_stop
psql_value "select abate.retire_journal('test')" >/dev/null
killed abate abate

sent=$messages label=node
measure node
killed node node
label="mosquitto_sub | psql"
measure mosquitto_sub
figure "  lost at kill -9" all readings
label="collectd, $readings values a message"
measure collectd --collectd $readings
killed collectd collectd --collectd $readings
messages=$((messages / readings))
sent=$((messages * readings)) label="collectd, 1 value a message"
measure collectd --collectd 1
