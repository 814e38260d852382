# shellcheck shell=bash disable=SC2154,SC2317,SC2329
# Plants that resend until they hold a receipt lose nothing, whatever the broker forgets. Beside them a plant that trusts the
# broker's PUBACK, for comparison: what it loses is printed below the table.

# trusting_begin: SIM000011, by PUBACK alone.
trusting_begin() {
    process_start trusting "" "$(program plant)" --run trusting --file "$servers/trusting" --port "$broker_port" --monitors 1 \
        --monitor 11 --messages 10000000 --rate 200
    bed_rejects="r.topic like '%/SIM000011'"
    wait_until 10 test -e "$servers/trusting" || faults_fail "the trusting plant does not begin"
}

trusting_end() { # prints what it lost; after bed_check, when all has come that will
    local lost
    lost=$({
        echo "create temp table trusted (a bigint, b bigint);"
        echo "copy trusted from stdin (delimiter ' ');"
        cat "$servers/trusting"
        echo '\.'
        echo "select count(*) || ' of ' || (select sum(b - a + 1) from trusted) from trusted, generate_series(a, b) i
               where i % 50 <> 49
                 and not exists (select from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id)
                                  where monitor_code = 'SIM000011' and value[1] = i);"
    } | "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$bed_database")
    printf 'note: %s: beside it, of what the broker acknowledged to a plant that trusts it, lost: %s\n' "$fault_name" "$lost"
}

connections() {
    log_times abated "connected, session"
    printf '%s' "$found"
}

connected_again() { # BEFORE
    log_times abated "connected, session"
    [[ $found -gt $1 ]]
}

# The broker is back, and abated with it, and works for a while.
receipt_back() { # BEFORE
    wait_until 20 connected_again "$1" || faults_fail "abated does not connect again"
    pause_ms 100 400
}

receipt_bed() { # [KEY=VALUE ...]
    bed receipts=on retry=200ms "$@"
    plant_begin 10000000 1000 --receipts --again 1000
    trusting_begin
}

receipt_over() {
    process_end trusting TERM 5
    fault_over
    plant_finish 60
    bed_check
    trusting_end
    plant_says acknowledged
    expect_true "receipts: $found" plant_at_least acknowledged "$((times * 20))"
    bed_end
}

fault receipt_broker 5 100 "kill -9 of a broker that saves nothing"
fault_receipt_broker() {
    local i before
    receipt_bed
    for ((i = 0; i < times; i++)); do
        pause_ms 50 400
        before=$(connections)
        mosquitto_kill
        mosquitto_start
        receipt_back "$before"
    done
    receipt_over
}

fault receipt_forgetful 3 30 "broker restarted that keeps no session"
fault_receipt_forgetful() {
    local i before
    receipt_bed "broker=persistence false"
    for ((i = 0; i < times; i++)); do
        pause_ms 50 400
        before=$(connections)
        mosquitto_stop
        mosquitto_start mosquitto "persistence false"
        receipt_back "$before"
    done
    receipt_over
}

fault receipt_wiped 3 30 "broker's saved sessions deleted"
fault_receipt_wiped() {
    local i before
    receipt_bed
    for ((i = 0; i < times; i++)); do
        pause_ms 50 400
        before=$(connections)
        mosquitto_stop
        rm "$servers/mosquitto/mosquitto.db"
        mosquitto_start
        receipt_back "$before"
    done
    receipt_over
}

fault receipt_overflow 3 30 "broker drops: its queue is full"
fault_receipt_overflow() {
    local i
    receipt_bed "broker=max_queued_messages 100"
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        kill -STOP "${process[abated]}"
        pause_ms 500 800
        kill -CONT "${process[abated]}"
    done
    receipt_over
}

# killed_at POINT...: abated dies there in turn, the time it comes there drawn at random, and starts again.
killed_at() {
    local i points=("$@")
    receipt_bed own=no
    for ((i = 0; i < times; i++)); do
        abated_under=(env "ABATE_CRASH=${points[i % $#]}:$((1 + RANDOM % 40))") abated_program=abated_crash
        abated_launch
        wait_until 120 is_over abated || faults_fail "abated does not come to \"${points[i % $#]}\""
        process_end abated KILL 1
    done
    abated_under=() abated_program=abated
    abated_start
    bed_connected
    receipt_over
}

fault receipt_synced 4 60 "abated killed between message and receipt"
fault_receipt_synced() {
    killed_at "before write" "before sync" "before release" "after release"
}

fault receipt_committed 4 60 "abated killed between commit and receipt"
fault_receipt_committed() {
    killed_at "after commit"
}

fault receipt_away 1 20 "receipts while PostgreSQL is away"
fault_receipt_away() {
    local i before
    receipt_bed own=postgres
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        postgres_stop immediate "$bed_postgres"
        plant_says acknowledged
        before=$found
        wait_until 10 plant_at_least acknowledged $((before + 500)) || faults_fail "no receipts without PostgreSQL"
        postgres_start "$bed_postgres"
    done
    receipt_over
}
