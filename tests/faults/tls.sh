# shellcheck shell=bash disable=SC2034,SC2154,SC2317,SC2329
# Faults of TLS, to the broker and to the database, and of names; of what a broker sends twice, no more, or in crumbs.

# ---- keys

# authority NAME; certificate AUTHORITY NAME SUBJECT ALTERNATIVE [DAYS]: a pair $keys/NAME.key, $keys/NAME.crt
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority $1" \
        -keyout "$keys/$1.key" -out "$keys/$1.crt" 2>>"$servers/openssl.log"
}

certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" \
        -keyout "$keys/$2.key" -out "$keys/$2.csr" 2>>"$servers/openssl.log"
    openssl x509 -req -in "$keys/$2.csr" -CA "$keys/$1.crt" -CAkey "$keys/$1.key" -CAcreateserial -days "${5:-2}" \
        -extfile <(echo "subjectAltName=$4") -out "$keys/$2.crt" 2>>"$servers/openssl.log"
}

keys_begin() {
    keys=$servers/keys
    rm -rf "$keys"
    mkdir -m 755 "$keys"
    authority right
    authority wrong
    certificate right server 127.0.0.1 "IP:127.0.0.1,DNS:broker.bed"
    certificate right abated abated DNS:abated
    keys_show
}

keys_show() { # to the broker, which is another user
    chmod 644 "$keys"/*
}

# take_pair NAME AS: the pair AS, whatever it was, is now the one of NAME.
take_pair() {
    cp "$keys/$1.crt" "$keys/$2.crt"
    cp "$keys/$1.key" "$keys/$2.key"
    keys_show
}

# ---- a broker with TLS, beside its plain port, which is the plants'

# tls_bed [KEY=VALUE ...]: abated uses TLS and the pair "own", the broker the pair "live".
tls_bed() {
    keys_begin
    take_pair server live
    take_pair abated own
    tls_port=$(free_port)
    tls_lines=("listener $tls_port 127.0.0.1" "cafile $keys/right.crt" "certfile $keys/live.crt" "keyfile $keys/live.key"
        "require_certificate true" "use_identity_as_username true")
    bed own=nobroker "$@" broker.tls=on "broker.ca_file=$keys/right.crt" "broker.certificate_file=$keys/own.crt" \
        "broker.key_file=$keys/own.key"
    mosquitto_start mosquitto "${tls_lines[@]}"
    conf_set "$servers/abated.conf" broker "port=$tls_port"
}

tls_connected() {
    abated_start
    bed_connected
}

tls_link_bed() { # [KEY=VALUE ...]: over the link of link_begin
    rm -f "$servers/link.log"
    tls_bed "$@"
    link_begin "$tls_port"
    conf_set "$servers/abated.conf" broker "port=$link_port"
    tls_connected
}

# How often the broker took us in.
taken_in() {
    grep -cs 'New client connected .* as abated-test ' "$servers/mosquitto.log" || true
}

turned_away() { # COUNT: so many connections more, none of which came to anything
    [[ $(grep -cs 'OpenSSL Error\|protocol error\|TLS handshake' "$servers/mosquitto.log") -gt $1 ]]
}

cpu_ticks() { # NAME
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/${process[$1]}/stat"
}

calls_of() { # PATTERN: in what strace wrote
    grep -cs "$1" "$servers/calls" || true
}

calls_past() { # PATTERN COUNT
    [[ $(calls_of "$1") -gt $2 ]]
}

fault tls_refused 1 5 "the broker's TLS port refused: no spinning"
fault_tls_refused() {
    local i before tries turns ticks
    rm -f "$servers/calls"
    tls_bed
    abated_under=(strace -D -f -qq -o "$servers/calls" -e 'trace=connect,/epoll_p?wait')
    tls_connected
    abated_under=()
    plant_begin $((times * 3000)) 3000
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        mosquitto_restart # with its plain port alone
        expect_true "said" wait_until 10 log_past abated "Connection refused; trying again" "$i"
        tries=$(calls_of "connect(.*htons($tls_port)")
        turns=$(calls_of epoll) ticks=$(cpu_ticks abated)
        expect_true "tries on" wait_until 30 calls_past "connect(.*htons($tls_port)" $((tries + 3))
        tries=$(($(calls_of "connect(.*htons($tls_port)") - tries))
        turns=$(($(calls_of epoll) - turns)) ticks=$(($(cpu_ticks abated) - ticks))
        echo "while refused: $tries tries, $turns turns, $ticks ticks"
        expect_true "few turns: $turns for $tries tries" test "$turns" -le $((100 + 50 * tries))
        expect_true "little work: $ticks ticks" test "$ticks" -le 50
        expect "in plain text" "$(connections)" "$before"
        mosquitto_stop
        mosquitto_start mosquitto "${tls_lines[@]}"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# tls_refuses CERTIFICATE WORDS: a broker that shows it is not spoken to, and the words and a hint are said.
tls_refuses() {
    local i before taken away
    plant_begin $((times * 1500)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        before=$(connections)
        mosquitto_stop
        take_pair "$1" live
        taken=$(taken_in)
        away=$(grep -c 'OpenSSL Error' "$servers/mosquitto.log" || true)
        mosquitto_start mosquitto "${tls_lines[@]}"
        expect_true "said: $2" wait_until 20 log_past abated "$2" "$i"
        expect_true "with a hint" grep -q "$2.*hint: " "$servers/abated.log"
        expect_true "it tries again" wait_until 20 turned_away $((away + 2))
        expect "connections" "$(connections)" "$before"
        expect "taken in" "$(taken_in)" "$taken"
        mosquitto_stop
        take_pair server live
        mosquitto_start mosquitto "${tls_lines[@]}"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_expired 1 5 "the broker's certificate has expired"
fault_tls_expired() {
    tls_bed
    certificate right bad 127.0.0.1 IP:127.0.0.1 -1
    tls_connected
    tls_refuses bad "certificate has expired"
}

fault tls_early 1 2 "the broker's certificate is not valid yet"
fault_tls_early() {
    tls_bed
    certificate right bad 127.0.0.1 IP:127.0.0.1
    printf '%-20s' +3456000 >"$servers/clock"
    LD_PRELOAD=$ABATE_BUILD/tests/faults/shim.so SHIM_CLOCK=$servers/clock openssl x509 -req -in "$keys/bad.csr" -CA "$keys/right.crt" -CAkey "$keys/right.key" -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$keys/bad.crt" 2>>"$servers/openssl.log"
    tls_connected
    tls_refuses bad "not yet valid"
}

fault tls_other_host 1 5 "the broker's certificate is of another host"
fault_tls_other_host() {
    tls_bed
    certificate right bad 127.0.0.1 IP:127.0.0.2,DNS:elsewhere.bed
    tls_connected
    tls_refuses bad "mismatch"
}

fault tls_other_authority 1 5 "the broker's certificate is another authority's"
fault_tls_other_authority() {
    tls_bed
    certificate wrong bad 127.0.0.1 IP:127.0.0.1
    tls_connected
    tls_refuses bad "unable to get local issuer certificate"
}

fault tls_authority_gone 1 2 "the authority is taken out of ca_file"
fault_tls_authority_gone() {
    local before taken
    tls_bed
    cp "$keys/right.crt" "$keys/kept.crt"
    conf_set "$servers/abated.conf" broker "ca_file=$keys/kept.crt"
    tls_connected
    plant_begin 1500 3000
    pause_ms 100 300
    before=$(connections)
    cp "$keys/wrong.crt" "$keys/kept.crt"
    mosquitto_stop
    taken=$(taken_in)
    mosquitto_start mosquitto "${tls_lines[@]}"
    expect_true "said" wait_until 20 grep -q "its certificate is refused: .*hint: ca_file" "$servers/abated.log"
    expect "taken in" "$(taken_in)" "$taken"
    cp "$keys/right.crt" "$keys/kept.crt"
    expect_true "connected again" wait_until 20 connected_more_than "$before"
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_own_rotated 2 5 "our certificate renewed on disk, under load"
fault_tls_own_rotated() {
    local i before
    tls_bed
    tls_connected
    plant_begin $((times * 1500)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        before=$(connections)
        certificate right next "abated$i" DNS:abated
        take_pair next own
        mosquitto_stop
        mosquitto_start mosquitto "${tls_lines[@]}"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
        expect_true "as the new one" wait_until 5 grep -q "as abated-test .*u'abated$i'" "$servers/mosquitto.log"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# own_refused PATTERN: with the pair "own" as it is now; then with the right one again.
own_refused() {
    local before
    before=$(connections)
    plant_begin 1500 3000
    pause_ms 100 300
    mosquitto_stop
    mosquitto_start mosquitto "${tls_lines[@]}"
    expect_true "said: $1" wait_until 20 grep -q "$1" "$servers/abated.log"
    expect "connections" "$(connections)" "$before"
    take_pair abated own
    expect_true "connected again" wait_until 20 connected_more_than "$before"
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_own_expired 1 3 "our certificate has expired"
fault_tls_own_expired() {
    tls_bed
    certificate right old abated DNS:abated -1
    tls_connected
    take_pair old own
    own_refused "our certificate has expired (hint: [^)]*): .*; trying again"
}

fault tls_own_halved 1 3 "our certificate renewed, and its key not yet"
fault_tls_own_halved() {
    tls_bed
    certificate right next abated DNS:abated
    tls_connected
    cp "$keys/next.crt" "$keys/own.crt"
    own_refused "own.key.*hint: "
}

# What the broker sends within 200 ms reaches abated in one TLS record: the socket tells of it once, and what is read only when
# the window is open again waits within OpenSSL.
fault tls_coalesced 1 5 "the broker's queue in TLS records of 16 KiB"
fault_tls_coalesced() {
    local i before
    rm -f "$servers/link.log"
    tls_bed broker.keepalive=60s receive_maximum=20 # of which mosquitto sends more, when it empties its queue
    link_begin "$broker_port" "$keys/server.crt" "$keys/server.key"
    link_say "coalesce 200"
    conf_set "$servers/abated.conf" broker "port=$link_port"
    tls_connected
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        abated_stop
        plant_begin 1000 4000
        plant_end 30
        abated_start
        expect_true "connected again" wait_until 20 connected_more_than "$before"
        fault_over
        bed_check
    done
    bed_end
}

fault tls_crumbled 1 5 "TLS records arrive in pieces of 7 bytes"
fault_tls_crumbled() { tls_through "crumble 7"; }

# tls_through COMMAND: $times times a new session, its handshake too, over such a link.
tls_through() {
    local i before
    tls_link_bed
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        link_say "$1"
        link_say cut
        expect_true "connected again" wait_until 30 connected_more_than "$before"
        plant_begin 1500 4000
        plant_end 30
    done
    fault_over
    bed_check
    bed_end
}

fault tls_reset 3 50 "the link reset within a TLS session"
fault_tls_reset() {
    tls_link_bed
    fail_links reset 0
}

fault tls_handshake_cut 3 20 "the link cut within the TLS handshake"
fault_tls_handshake_cut() {
    local i before
    tls_link_bed
    plant_begin $((times * 1000)) 4000
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        link_say 'cut-when-server-sends "\x16\x03\x03"'
        link_say cut
        wait_until 10 fired_more_than "$i" || faults_fail "no handshake came by"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_hello_unanswered 1 5 "the TLS port takes the link and says nothing"
fault_tls_hello_unanswered() {
    tls_link_bed broker.connect_timeout=1s
    plant_begin 2000 4000
    link_say hold
    link_say reset
    expect_true "said" wait_until 20 log_has abated "no answer in time"
    link_say pass
    expect_true "connected again" wait_until 20 connected_more_than 1
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_plain_server 1 5 "a broker without TLS on the TLS port"
fault_tls_plain_server() {
    local i before taken
    tls_bed
    tls_connected
    plant_begin $((times * 1500)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        before=$(connections)
        mosquitto_stop
        taken=$(taken_in)
        mosquitto_start mosquitto "listener $tls_port 127.0.0.1"
        expect_true "said" wait_until 20 log_past abated "within the TLS handshake" "$i"
        expect_true "with a hint" grep -q 'within the TLS handshake; hint: ' "$servers/abated.log"
        sleep 1
        expect "connections" "$(connections)" "$before"
        expect "taken in, in plain text" "$(taken_in)" "$taken"
        mosquitto_stop
        mosquitto_start mosquitto "${tls_lines[@]}"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault tls_unexpected 1 3 "a broker with TLS on the plain port"
fault_tls_unexpected() {
    tls_bed
    sed -i '/^    tls = /d; /_file = /d' "$servers/abated.conf"
    abated_start
    expect_true "with a hint" wait_until 20 grep -q 'hint: .*tls = on' "$servers/abated.log"
    expect "connections" "$(connections)" 0
    mosquitto_stop
    mosquitto_start mosquitto "listener $tls_port 127.0.0.1"
    bed_connected
    plant_begin 1500 4000
    fault_over
    plant_end 30
    bed_check
    bed_end
}

# ---- TLS to PostgreSQL

# pg_tls_bed: abated reaches a server of its own over TCP and TLS, with verify-full.
pg_tls_bed() {
    keys_begin
    printf '%s\n' 'local all all trust' 'hostssl all all 127.0.0.0/8 trust' >"$keys/hba"
    pg_host=127.$((RANDOM % 200 + 20)).$((RANDOM % 200 + 20)).$((RANDOM % 200 + 20)) # the port is the same for all
    certificate right pg "$pg_host" "IP:$pg_host"
    take_pg_pair pg
    bed own=postgres "setting=listen_addresses=$pg_host" setting=ssl=on "setting=ssl_cert_file=$keys/pg.live.crt" \
        "setting=ssl_key_file=$keys/pg.live.key" "setting=hba_file=$keys/hba" \
        "database.conninfo=host=$pg_host dbname=abate user=abated sslmode=verify-full sslrootcert=$keys/right.crt"
    expect "over TLS" "$(psql_value "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid)
        where application_name like 'abated%' and datname = 'abate'")" t
}

take_pg_pair() {
    take_pair "$1" pg.live
    server_user postgres
    [[ -z $found ]] || chown "$found:" "$keys/pg.live.key"
    chmod 600 "$keys/pg.live.key"
}

# pg_tls_refuses WORDS: a server that shows the pair "bad" is told nothing.
pg_tls_refuses() {
    local i
    plant_begin $((times * 1500)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        postgres_stop immediate postgres_own
        take_pg_pair bad
        postgres_start postgres_own
        expect_true "said" wait_until 20 log_past abated "$1" "$i"
        expect_true "with a hint" grep -q "$1.*hint: " "$servers/abated.log"
        expect "in the database" "$(psql_value "select count(*) from pg_stat_activity where application_name like 'abated%'")" 0
        postgres_stop fast postgres_own
        take_pg_pair pg
        postgres_start postgres_own
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault pg_tls_expired 1 3 "PostgreSQL's certificate has expired"
fault_pg_tls_expired() {
    pg_tls_bed
    certificate right bad "$pg_host" "IP:$pg_host" -1
    pg_tls_refuses "certificate verify failed"
}

fault pg_tls_other_authority 1 3 "PostgreSQL's certificate is another authority's"
fault_pg_tls_other_authority() {
    pg_tls_bed
    certificate wrong bad "$pg_host" "IP:$pg_host"
    pg_tls_refuses "certificate verify failed"
}

fault pg_tls_other_host 1 3 "PostgreSQL's certificate is of another host"
fault_pg_tls_other_host() {
    pg_tls_bed
    certificate right bad elsewhere.bed DNS:elsewhere.bed
    pg_tls_refuses "does not match host name"
}

fault pg_tls_none 1 3 "PostgreSQL without TLS, where it is asked for"
fault_pg_tls_none() {
    local i
    pg_tls_bed
    plant_begin $((times * 1500)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        sed -i 's/^hostssl/host/' "$keys/hba"
        postgres_stop immediate postgres_own
        sed -i "s/^ssl = .*/ssl = 'off'/" "$servers/postgres_own/cluster/postgresql.conf"
        postgres_start postgres_own
        expect_true "said" wait_until 20 log_past abated "server does not support SSL, but SSL was required; hint: " "$i"
        expect "in the database" "$(psql_value "select count(*) from pg_stat_activity where application_name like 'abated%'")" 0
        postgres_stop fast postgres_own
        sed -i "s/^ssl = .*/ssl = 'on'/" "$servers/postgres_own/cluster/postgresql.conf"
        postgres_start postgres_own
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# ---- names: broker.bed, far.bed, db.bed are 127.0.0.1, when their server answers

names_begin() {
    rm -rf "$servers/names"
    mkdir "$servers/names"
    abated_under=(env "LD_PRELOAD=$ABATE_BUILD/tests/faults/shim.so" "SHIM_NAMES=$servers/names")
}

is_asked() { # NAME [COUNT]
    [[ $(grep -cs "asked $1" "$servers/names/log") -gt ${2:-0} ]]
}

# far_bed [LINE ...]: beside the usual broker another one, "far.bed", which has no answer; the lines are in its section.
far_bed() {
    names_begin
    bed own=no
    rm -rf "$servers/far" "$servers/far.log"
    near_port=$broker_port
    unset "broker_port_of[far]"
}

far_configure() { # PORT LINE...
    cat >>"$servers/abated.conf" <<END

broker "far" {
    host = "far.bed"
    port = $1
    retry_most = "1s"
    client_id = "abated-far"
$(printf '    %s\n' "${@:2}")
}

feed "far" {
    broker = "far"
    topic = "plants/{region}/{plant}/{monitor}"
    form = "json"
    past = "50y"
    future = "10min"
}
END
}

# far_stalls: the near one's messages and the database go on; then the far one's are taken, too.
far_stalls() { # [LINE ... of the far broker's configuration]
    local i before far_port=$broker_port
    touch "$servers/names/far.bed"
    abated_start
    abated_under=()
    bed_connected
    broker_port=$near_port
    for ((i = 0; i < times; i++)); do
        expect_true "asked" wait_until 20 is_asked far.bed "$i"
        before=$(connections)
        plant_begin 2000 4000
        plant_end 30
        bed_check 15 # while it stalls
        expect "no answer yet" "$(connections)" "$before"
        rm "$servers/names/far.bed"
        expect_true "connected" wait_until 30 connected_more_than "$before"
        broker_port=$far_port
        plant_begin 1000 4000
        plant_end 30
        broker_port=$near_port
        touch "$servers/names/far.bed"
        mosquitto_restart far "$@"
        broker_port=$near_port
    done
    fault_over
    bed_check
    bed_end
}

fault name_stalls 1 5 "no answer for the name of another broker"
fault_name_stalls() {
    far_bed
    mosquitto_start far
    far_configure "$broker_port"
    far_stalls
}

fault name_stalls_tls 1 5 "no answer for the name of a broker with TLS"
fault_name_stalls_tls() {
    far_bed
    keys_begin
    certificate right server far.bed DNS:far.bed
    keys_show
    mosquitto_start far
    local tls_port far_port=$broker_port listens
    tls_port=$(free_port)
    mosquitto_stop far
    listens=("listener $tls_port 127.0.0.1" "cafile $keys/right.crt" "certfile $keys/server.crt" "keyfile $keys/server.key")
    mosquitto_start far "${listens[@]}"
    broker_port=$far_port
    far_configure "$tls_port" 'tls = on' "ca_file = \"$keys/right.crt\""
    far_stalls "${listens[@]}"
}

fault name_stalls_database 1 5 "no answer for the name of the database"
fault_name_stalls_database() {
    local i port
    names_begin
    port=$(free_port)
    bed own=no receipts=on "database.conninfo=host=db.bed port=$port dbname=abate user=abated"
    proxy_start dblink "$port" "$PGHOST/.s.PGSQL.5432"
    touch "$servers/names/db.bed"
    abated_launch
    abated_under=()
    for ((i = 0; i < times; i++)); do
        expect_true "asked" wait_until 20 is_asked db.bed "$i"
        [[ $i -gt 0 ]] || bed_connected
        plant_begin 3000 3000 --receipts
        expect_true "receipts go on" wait_until 20 plant_at_least acknowledged 1000
        rm "$servers/names/db.bed"
        plant_end 60
        bed_check
        touch "$servers/names/db.bed"
        proxy_say dblink cut
    done
    rm "$servers/names/db.bed"
    fault_over
    bed_check
    bed_end
}

# ---- what a broker sends

fault filters_overlap 1 5 "the filters of two feeds overlap"
fault_filters_overlap() {
    local i
    bed own=no
    cat >>"$servers/abated.conf" <<'END'

feed "again" {
    broker = "local"
    topic = "plants/{region}/SIM/{monitor}"
    form = "json"
    past = "50y"
    future = "10min"
}
END
    abated_start
    bed_connected
    plant_begin $((times * 2000)) 4000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 300
        mosquitto_restart
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault filter_stale 1 5 "a filter of an older configuration"
fault_filter_stale() {
    local i
    bed own=no
    cp "$servers/abated.conf" "$servers/later.conf"
    for ((i = 0; i < times; i++)); do
        cp "$servers/later.conf" "$servers/abated.conf"
        cat >>"$servers/abated.conf" <<'END'

feed "old" {
    broker = "local"
    topic = "old/{region}/{plant}/{monitor}"
    form = "json"
    past = "50y"
    future = "10min"
}
END
        abated_start
        wait_until 20 connected_more_than $((2 * i)) || faults_fail "not connected"
        plant_begin 1000 4000
        pause_ms 100 200
        abated_stop
        cp "$servers/later.conf" "$servers/abated.conf"
        mosquitto_pub -V 5 -p "$broker_port" -q 1 -t old/sim/SIM/SIM000011 -m '{"id":"waiting"}'
        abated_start
        expect_true "unsubscribed" wait_until 20 log_past abated 'filter "old/+/+/+" is of no feed any more: unsubscribed' "$i"
        mosquitto_pub -V 5 -p "$broker_port" -q 1 -t old/sim/SIM/SIM000011 -m '{"id":"later"}'
        bed_rejects="r.topic like 'old/%' and encode(r.payload, 'escape') like '%waiting%'"
        plant_end 30
        bed_check
        abated_stop
        expect "what came later" "$(psql_value "select count(*) from abate.rejected_message where payload = '{\"id\":\"later\"}'")" 0
        expect_true "what had waited" test "$(psql_value "select count(*) from abate.rejected_message where payload = '{\"id\":\"waiting\"}'")" -ge 1
    done
    abated_start
    fault_over
    bed_check
    bed_end
}

fault broker_queue_full 1 5 "the broker's queue overflows, receipts"
fault_broker_queue_full() {
    local i
    bed receipts=on receive_maximum=20 "broker=max_queued_messages 100" "broker=max_inflight_messages 20" "broker=sys_interval 1"
    plant_begin $((times * 3000)) 3000 --receipts --again 1000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 200
        abated_stop
        expect_true "it drops" wait_until 20 log_past mosquitto "messages are being dropped for client abated-test" "$i"
        abated_start
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault link_crumbled 1 5 "all of the broker arrives in pieces of 3 bytes"
fault_link_crumbled() {
    local i before
    link_bed
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        link_say "crumble 3"
        link_say cut
        expect_true "connected again" wait_until 30 connected_more_than "$before"
        plant_begin 800 4000
        plant_end 30
    done
    fault_over
    bed_check
    bed_end
}
