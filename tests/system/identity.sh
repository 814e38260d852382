#!/usr/bin/env bash
# No plant speaks for another: the example configuration of the broker, as it is shipped, with a real authority; and what
# abated makes of a message that says it is somebody else's when nobody stopped it before.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers.sh
. "$here/../servers.sh"
examples=$here/../../daemon/broker

# authority NAME; certificate AUTHORITY NAME SUBJECT [DAYS]: a key pair $keys/NAME.key, $keys/NAME.crt
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority $1" \
        -keyout "$keys/$1.key" -out "$keys/$1.crt" 2>>"$servers/openssl.log"
}

certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -utf8 -subj "$3" \
        -keyout "$keys/$2.key" -out "$keys/$2.csr" 2>>"$servers/openssl.log"
    openssl x509 -req -in "$keys/$2.csr" -CA "$keys/$1.crt" -CAkey "$keys/$1.key" -CAcreateserial -days "${4:-2}" \
        -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$keys/$2.crt" 2>>"$servers/openssl.log"
}

# The examples with our places for theirs, and nothing else.
broker_start() {
    local user binary
    server_user mosquitto
    user=$found
    binary=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mosquitto)
    cp "$examples/acl.example" "$keys/acl"
    sed -e "s|/etc/mosquitto/abate/|$keys/|; s|^listener 8883|listener $tls_port 127.0.0.1|; s|/var/lib/mosquitto/|$servers/mosquitto/|" \
        "$examples/mosquitto.conf.example" >"$servers/mosquitto.conf"
    echo "log_dest stderr" >>"$servers/mosquitto.conf"
    mkdir -p "$servers/mosquitto"
    [[ -z $user ]] || chown "$user:" "$servers/mosquitto" "$keys"/*
    broker_port_of[mosquitto]=$tls_port
    process_start mosquitto "$user" "$binary" -c "$servers/mosquitto.conf"
    wait_until 20 mosquitto_gone_or_ready mosquitto && is_alive mosquitto || { show_log mosquitto; servers_fail "mosquitto does not start"; }
}

# as CERTIFICATE PROGRAM ARGUMENT...: mosquitto_pub or mosquitto_sub at QoS 1, bounded in time; what it says in $servers/said
as() {
    local who=$1 program=$2
    shift 2
    timeout -k 1 10 "$program" -h 127.0.0.1 -p "$tls_port" -q 1 --cafile "$keys/ca.crt" --cert "$keys/$who.crt" --key "$keys/$who.key" "$@" \
        >"$servers/said" 2>&1
}

reading() { # MONITOR MINUTE [VALUE]
    printf '{"monitor":"%s","time":"2020-01-01T00:%02d:00+08:00","period":"minute","readings":{"a21026":%s}}' "$1" "$2" "${3:-1.5}"
}

# listen CERTIFICATE NAME VERSION ARGUMENT...: in the background, subscribed when this returns; what it hears is in $servers/NAME
listeners=()
listen() {
    local who=$1 name=$2 version=$3
    shift 3
    setpriv --pdeathsig KILL -- stdbuf -oL mosquitto_sub -h 127.0.0.1 -p "$tls_port" -q 1 -d -V "$version" -F 'HEARD %t' --cafile "$keys/ca.crt" \
        --cert "$keys/$who.crt" --key "$keys/$who.key" "$@" >"$servers/$name" 2>&1 &
    listeners+=($!)
    expect_true "$name: subscribed" wait_until 20 grep -q Subscribed "$servers/$name"
}

# One certificate is one client to the broker: two that listen with it would throw each other out, again and again.
listen_end() {
    kill -KILL "${listeners[@]}" 2>/dev/null || true
    wait "${listeners[@]}" 2>/dev/null || true
    listeners=()
}

stored_of() { # MONITOR
    psql_value "select count(*) from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id) where monitor_code = '$1'"
}

stored_of_is() {
    [[ $(stored_of "$1") == "$2" ]]
}

# What P2 sends last is there: so all that was sent before has arrived, if it was let through.
minute=30
all_has_come() {
    minute=$((minute + 1))
    as P2 mosquitto_pub -t plants/410100/P2/S2 -m "$(reading S2 $minute)"
    wait_until 20 stored_of_is S2 $((minute - 30))
}

rejects() {
    psql_value "select coalesce(sum(messages), 0) from abate.reject_day"
}

servers_begin
keys=$servers/keys
mkdir -m 755 "$keys"
authority ca
authority pirate
certificate ca server /CN=127.0.0.1
certificate ca abated /CN=abated
certificate ca P1 /CN=P1
certificate ca P2 /CN=P2
certificate ca expired /CN=P1 -1
certificate pirate rogue /CN=P1
certificate ca plus /CN=+
certificate ca hash '/CN=#'
certificate ca slash '/CN=P2\/S2'
certificate ca under '/CN=410100\/P2'
certificate ca nameless /O=P1
certificate ca case /CN=p1
certificate ca look '/CN=Р1' # a Cyrillic letter
chmod 644 "$keys"/*
tls_port=$(free_port)
servers_migrated
postgres_start
broker_start
abate_conf "$servers/abated.conf" "broker_port=$tls_port"
sed -i "s|^    receive_maximum.*|&\n    tls = on\n    client_id = \"abated\"\n    ca_file = \"$keys/ca.crt\"\n    certificate_file = \"$keys/abated.crt\"\n    key_file = \"$keys/abated.key\"|" \
    "$servers/abated.conf"
database_make
psql_file - <<'END'
insert into abate.region (region_code) values ('410100'), ('410200');
insert into abate.plant (plant_code, region_code) values ('P1', '410100'), ('P2', '410100');
insert into abate.monitor (monitor_code, plant_id, medium)
select m, plant_id, 'air' from (values ('S1', 'P1'), ('T1', 'P1'), ('S2', 'P2')) v (m, p) join abate.plant on plant_code = p;
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor;
insert into abate.series (feed_id, parameter_code, unit) select feed_id, 'a21026', 'mg/m3' from abate.feed;
END
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"

story "its own"
expect_true "P1 publishes under its code" as P1 mosquitto_pub -t plants/410100/P1/S1 -m "$(reading S1 1)"
expect_true "and it is stored" wait_until 20 stored_of_is S1 1
expect_true "with MQTT 5, too" as P1 mosquitto_pub -V mqttv5 -t plants/410100/P1/S1 -m "$(reading S1 2)"
expect_true "stored" wait_until 20 stored_of_is S1 2
expect_true "P2's also" all_has_come

story "another's"
for version in mqttv311 mqttv5; do
    for topic in plants/410100/P2/S2 plants/410200/P2/S1 plants/x/P2/x indicators/P1 indicators/x receipts/P1/S1 receipts/P2/S2 abate/probe/x \
        plants/410100/P1 plants/410100/P1/S1/x plants/410100/P1/S1/ '$SYS/broker/x' '$share/g/plants/410100/P2/S2' abated; do
        as P1 mosquitto_pub -V "$version" -t "$topic" -m "$(reading S2 3)" || true
        [[ $version != mqttv5 ]] || { # the broker says so; 3.1.1 has no word for it
            [[ $topic == \$* ]] || expect_true "refused: $topic" grep -qi "not authorized" "$servers/said"
        }
    done
    # A will, which the broker publishes when its client has died.
    listen P1 will "$version" -t receipts/P1/x --will-topic plants/410100/P2/S2 --will-payload "$(reading S2 4)" --will-qos 1
    listen_end
done
expect_true "all that came has come" all_has_come
expect "P2's monitor has what P2 sent" "$(stored_of S2)" $((minute - 30))
expect "rejects, for none of it came through" "$(rejects)" 0

story "nobody's: no certificate, an expired one, one of another authority"
for who in expired rogue; do
    expect_true "$who is refused" eval "! as $who mosquitto_pub -t plants/410100/P1/S1 -m '$(reading S1 6)'"
done
expect_true "none is refused" eval "! timeout -k 1 10 mosquitto_pub -h 127.0.0.1 -p $tls_port -q 1 --cafile $keys/ca.crt -u P1 -t plants/410100/P1/S1 -m '$(reading S1 7)' 2>/dev/null"
expect_true "plain text is refused" eval "! timeout -k 1 10 mosquitto_pub -h 127.0.0.1 -p $tls_port -q 1 -u abated -t plants/410100/P1/S1 -m '$(reading S1 8)' 2>/dev/null"
expect_true "a name in -u is nobody's: the certificate counts" as P1 mosquitto_pub -V mqttv5 -u P2 -t plants/410100/P2/S2 -m "$(reading S2 9)"
expect_true "and is refused" grep -qi "not authorized" "$servers/said"

story "names that are dangerous in a topic, or look like another's"
for who in plus hash slash under nameless case look; do
    for topic in plants/410100/P1/S1 plants/410100/P2/S2 plants/x/P2/S2 receipts/P1/S1 abate/probe/x; do
        as "$who" mosquitto_pub -V mqttv5 -t "$topic" -m "$(reading S2 10)" || true
        expect_true "$who at $topic: $(tr '\n' ' ' <"$servers/said")" grep -Eqi 'not authori[sz]ed|bad user name' "$servers/said"
    done
done
expect_true "all that came has come" all_has_come
expect "stored of P1's" "$(stored_of S1)" 2
expect "rejects" "$(rejects)" 0

story "the client id of another"
before=$(grep -c "connected, session" "$servers/abated.log")
expect_true "P1 calls itself abated" as P1 mosquitto_pub -i abated -t plants/410100/P1/S1 -m "$(reading S1 11)"
expect_true "and is P1 nevertheless" wait_until 20 stored_of_is S1 3
expect "the daemon was not put out" "$(grep -c "connected, session" "$servers/abated.log")" "$before"

story "reading"
all=(-t '#' -t 'plants/#' -t 'plants/+/+/+' -t 'receipts/#' -t '$SYS/#' -t 'abate/probe/#')
for who in P1 slash; do
    listen "$who" "heard-$who" mqttv5 "${all[@]}"
done
expect_true "P2 goes on" all_has_come
abated_stop
as P2 mosquitto_pub -t plants/410100/P2/S2 -m "$(reading S2 29)"
listen_end
listen P1 taken mqttv5 -i abated -c "${all[@]}" # the session that waits for the daemon is not P1's to read
as abated mosquitto_pub -t receipts/P2/S2 -m '{}'
as abated mosquitto_pub -t receipts/P1/S1 -m '{}'
expect_true "P1 hears of its own receipts" wait_until 60 grep -q HEARD "$servers/taken"
listen_end
expect "and of nothing else" "$(cat "$servers/heard-P1" "$servers/heard-slash" "$servers/taken" | grep HEARD | sort -u)" "HEARD receipts/P1/S1"

story "nobody in between: a broker without an access list"
mosquitto_stop
rm -rf "$servers/mosquitto"
unset "broker_port_of[mosquitto]"
mosquitto_start
abate_conf
abated_start open
expect_true "connected" wait_until 20 log_has open "connected, session"
before=$(stored_count)
sent=0
wrong() { # TOPIC MONITOR WORDS...: what the reason must say
    local topic=$1 payload
    payload=$(reading "$2" 12)
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -q 1 -t "$topic" -m "$payload"
    shift 2
    sent=$((sent + 1))
    expect_true "$topic is rejected" wait_until 20 eval '[[ $(rejects) == '"$sent"' ]]'
    reason=$(psql_value "select reason from abate.rejected_message order by reject_id desc limit 1")
    for word in "$@"; do
        expect_true "  naming $word: $reason" grep -qF -e "\"$word\"" <<<"$reason"
    done
}
wrong plants/410100/P2/S1 S1 P1 P2
wrong plants/410200/P1/S1 S1 410100 410200
wrong plants/410100/P2/S2 S1 S1 S2
wrong plants/410100/P1/s1 s1 s1
wrong plants/410100/p1/S1 S1 P1 p1
wrong plants/410100/P1/S1 s1 s1 S1
wrong "plants/410100/P1/S1 " "S1 " "S1 "
wrong plants/410100/P1/Ѕ1 Ѕ1 Ѕ1 # a Cyrillic letter
wrong plants/410100//S1 S1 # an empty level names nobody
mosquitto_pub -h 127.0.0.1 -p "$broker_port" -q 1 -t plants/410100/P1/S1 -m "[$(reading S1 13),$(reading T1 13),$(reading S2 13)]"
expect_true "an array naming several" wait_until 20 eval "[[ \$(rejects) == $((sent + 1)) ]]"
expect "is stored where it agrees" "$(psql_value "select concat_ws(' ', faults, kept) from abate.rejected_message order by reject_id desc limit 1")" "2 1"
expect "and nothing else of all this" "$(stored_count)" $((before + 1))
abated_stop open
story_end
