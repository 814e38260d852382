# shellcheck shell=bash disable=SC2154
# Faults of the broker, of the link to it, and of what it says.

# ---- a link that fails when told to

# link_begin [PORT [CERTIFICATE KEY]]: between abated and the broker (that port of it); $link_port is where abated connects, with
# TLS if there is a certificate. Before it: bed own=no.
link_begin() {
    link_port=$(free_port)
    mkfifo "$servers/link.fifo" 2>/dev/null || true
    process_start link "" "$(program proxy)" "$link_port" "127.0.0.1:${1:-$broker_port}" "$servers/link.fifo" "${@:2}"
    wait_until 10 log_has link ready || faults_fail "the link does not begin"
}

link_say() { # COMMAND
    printf '%s\n' "$*" >"$servers/link.fifo"
}

# link_bed [KEY=VALUE ...]: a bed in which abated reaches the broker over the link.
link_bed() {
    rm -f "$servers/link.log"
    bed own=no "$@"
    link_begin
    sed -i "/^broker /,/^}/ s/^    port = .*/    port = $link_port/" "$servers/abated.conf"
    abated_start
    bed_connected
}

connections() {
    log_times abated "connected, session"
    printf '%s' "$found"
}

connected_more_than() { # COUNT
    log_times abated "connected, session"
    [[ $found -gt $1 ]]
}

# fail_links COMMAND SECONDS: $times times the command and `pass`; abated must be connected anew each time.
fail_links() {
    local i before
    plant_begin $((times * 2000)) 4000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        before=$(connections)
        link_say "$1"
        sleep "$2"
        link_say pass
        expect_true "connected again" wait_until 30 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault link_cut 3 50 "the link to the broker cut"
fault_link_cut() {
    link_bed
    fail_links cut 0
}

fault broker_link_reset 3 50 "the link to the broker reset"
fault_broker_link_reset() {
    link_bed
    fail_links reset 0
}

fault broker_link_refused 2 20 "the broker's port refused for a while"
fault_broker_link_refused() {
    link_bed
    fail_links refuse 0.7
}

fault link_silent 1 10 "the link is cut and nobody is told"
fault_link_silent() {
    local i before
    link_bed broker.keepalive=5s
    plant_begin $((times * 2000)) 4000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        before=$(connections)
        link_say blackhole
        expect_true "it notices" wait_until 20 log_past abated "no sign of life within the keepalive" "$i"
        link_say pass
        expect_true "connected again" wait_until 30 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault broker_link_slow 1 5 "a slow link to the broker: 200 ms each way"
fault_broker_link_slow() {
    link_bed
    link_say "delay 200"
    plant_begin 5000 3000
    fault_over
    plant_end 30
    bed_check
    bed_end
}

fault link_lossy 1 5 "20 % of the packets to and from the broker are lost"
fault_link_lossy() {
    link_bed
    link_say "lose 20"
    plant_begin $((times * 4000)) 2000
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault link_blackhole_first 1 5 "the broker's host swallows the first packets"
fault_link_blackhole_first() {
    rm -f "$servers/link.log"
    bed own=no broker.connect_timeout=1s
    link_begin
    link_say blackhole
    wait_until 5 log_has link "done blackhole"
    sed -i "/^broker /,/^}/ s/^    port = .*/    port = $link_port/" "$servers/abated.conf"
    abated_start
    expect_true "said" wait_until 10 log_has abated "no answer in time"
    link_say pass
    bed_connected
    plant_begin 2000 4000
    fault_over
    plant_end 30
    bed_check
    bed_end
}

fault twice_delivered 5 60 "all is delivered again: reset before acks leave"
fault_twice_delivered() {
    local i
    link_bed
    plant_begin $((times * 1000)) 4000
    for ((i = 0; i < times; i++)); do
        link_say 'cut-when-client-sends "\x40\x02"'
        wait_until 10 fired_more_than "$i" || faults_fail "no acknowledgement came by"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fired_more_than() { # COUNT
    [[ $(grep -c '^fired' "$servers/link.log") -gt $1 ]]
}

# ---- the broker itself

fault broker_restarted 3 30 "the broker restarted, with its store"
fault_broker_restarted() {
    local i before
    bed receive_maximum=50 # what is more stays in the store
    plant_begin $((times * 2000)) 4000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 500
        before=$(connections)
        ((i % 2)) || { kill -STOP "${process[abated]}" && pause_ms 100 300; } # so that some wait for it in the store
        mosquitto_restart
        kill -CONT "${process[abated]}"
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault broker_and_database 2 20 "broker and database away together"
fault_broker_and_database() {
    local i before
    bed own=postgres
    plant_begin $((times * 2000)) 2000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 500
        before=$(connections)
        if ((RANDOM % 2)); then
            mosquitto_stop
            postgres_stop immediate postgres_own
        else
            postgres_kill postgres_own
            mosquitto_stop
        fi
        pause_ms 100 500
        if ((RANDOM % 2)); then
            mosquitto_start
            pause_ms 100 500
            postgres_start postgres_own
        else
            postgres_start postgres_own
            mosquitto_start
        fi
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault broker_forgets 2 20 "the broker restarted without its store, receipts"
fault_broker_forgets() {
    local i before
    bed receipts=on
    plant_begin $((times * 2000)) 4000 --receipts
    for ((i = 0; i < times; i++)); do
        pause_ms 200 500
        before=$(connections)
        mosquitto_kill
        rm -f "$servers/mosquitto/mosquitto.db"
        mosquitto_start
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    expect_true "the gap is said" log_has abated "our session is gone: what it took for us from 20"
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault session_stolen 3 20 "another client takes our session, receipts"
fault_session_stolen() {
    local i before
    bed receipts=on
    plant_begin $((times * 1500)) 3000 --receipts
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        before=$(connections)
        timeout -k 1 0.3 mosquitto_sub -V 5 -p "$broker_port" -i abated-test -c -x 1000 -q 1 -t 'plants/+/+/+' >/dev/null 2>&1 || true
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault retained 3 10 "retained messages come again with each session"
fault_retained() {
    local i before topic payload
    bed
    process_start listener "" mosquitto_sub -V 5 -p "$broker_port" -q 1 -t 'plants/#' -C 1 -F '%t %p'
    plant_begin 2000 4000
    process_wait listener 10
    read -r topic payload <"$servers/listener.log"
    mosquitto_pub -V 5 -p "$broker_port" -q 1 -r -t "$topic" -m "$payload"
    for ((i = 0; i < times; i++)); do
        before=$(connections)
        mosquitto_restart
        expect_true "connected again" wait_until 20 connected_more_than "$before"
    done
    fault_over
    plant_end 30
    bed_check
    bed_end
}

# ---- a broker that does one thing wrong (sham.c), and then is a good one

# A good broker in its place, and all that is published then is stored.
sham_over() {
    process_end sham KILL 5
    local before
    before=$(connections)
    mosquitto_start
    expect_true "connected" wait_until 20 connected_more_than "$before"
    plant_begin 1000 4000
    fault_over
    plant_end 30
    bed_check
    bed_end
}

# sham_bed FAULT WORDS [KEY=VALUE ...]: until abated has said the words.
sham_bed() {
    local port
    port=$(free_port)
    rm -f "$servers/sham.log"
    bed own=nobroker "broker_port=$port" broker.connect_timeout=2s "${@:3}"
    broker_port_of[mosquitto]=$port
    process_start sham "" "$(program sham)" "$port" "$1"
    abated_start
    expect_true "said: $2" wait_until 20 log_has abated "$2"
    sleep 1
    expect_true "no storm" test "$(grep -c connection "$servers/sham.log")" -le 8
    expect_true "alive" is_alive abated
    sham_over
}

sham() { # NAME FAULT WORDS WHAT [KEY=VALUE ...]
    fault "sham_$1" 1 3 "$4"
    eval "fault_sham_$1() { sham_bed '$2' '$3' ${*:5}; }"
}
sham user user "trying again" "the broker refuses the user"
sham forbidden forbidden "Not authorized" "the broker does not let us in"
sham qos0 qos0 "maximum QoS 0" "the broker has no QoS 1"
sham expiry expiry "keeps our session for 1h only" "the broker keeps sessions for an hour"
sham granted0 granted0 "granted at QoS 0, wanted 1" "the broker grants QoS 0"
sham refused refused "refused: Not authorized" "the broker refuses a filter"
sham taken taken "another client took our session" "the session is taken over, and we are told"
sham mute mute "no answer in time" "the broker takes the link and says nothing"
sham silent silent "no sign of life within the keepalive" "the broker answers no PINGREQ" broker.keepalive=5s
sham garbage garbage "trying again" "the broker talks nonsense"
sham broken broken "trying again" "the broker sends a malformed packet"
sham huge huge "trying again" "a packet of 256 MB that never ends" broker.keepalive=5s
sham suback suback "SUBACK does not fit" "a SUBACK with too many codes"

# The broker sends on and reads no acknowledgement: abated keeps few of them, reads no more, and goes on when they are read.
highest_kib() {
    sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${process[abated]}/status"
}

fault sham_deaf 1 3 "the broker sends on and reads no acknowledgement"
fault_sham_deaf() {
    local port before told
    port=$(free_port)
    bed own=nobroker "broker_port=$port" broker.connect_timeout=10s
    broker_port_of[mosquitto]=$port
    process_start sham "" "$(program sham)" "$port" deaf
    abated_start
    before=$(highest_kib)
    wait_until 60 log_has sham "sent " || faults_fail "the acknowledgements do not come"
    told=$(tail -n 1 "$servers/sham.log")
    printf 'note: %s: %s; KiB of abated: %s before, %s at the most\n' "$fault_name" "$told" "$before" "$(highest_kib)"
    expect_true "each is acknowledged: $told" grep -qE '^sent ([0-9]{4,}) acknowledged \1$' <<<"$told"
    expect_true "and memory is as before" test "$(($(highest_kib) - before))" -le 8192
    sham_over
}
