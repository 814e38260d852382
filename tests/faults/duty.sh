# shellcheck shell=bash disable=SC2034,SC2154,SC2317,SC2329
# Faults of several daemons at one broker: those that share a duty, of which one at a time is connected, and those that share
# the work. Sourced by tests/system/faults.sh; bed.sh tells how a fault is written. The daemons are "abated" and "other".

# duty_bed [KEY=VALUE ...]: of bed's. abated is on duty, other stands by.
#
# limits=no where one ends with messages in its journal that are stored behind later ones of the other: the watch on single
# readings passes them by.
duty_bed() {
    bed own=no "$@"
    abate_conf "$servers/other.conf" instance=other journal="$servers/other.journal"
    sed -i '1i duty = "north"' "$servers/abated.conf" "$servers/other.conf"
    rm -rf "$servers"/other.{journal,log}
    abated_start
    bed_connected
    abated_start other "$servers/other.conf"
    expect_true "the other stands by" wait_until 10 log_has other "-> standing by"
    expect "and is not connected" "$(lines_of other "connected, session")" 0
}

duty_end() {
    local name
    for name in abated other; do
        is_alive "$name" || abated_start "$name" "$servers/$name.conf"
    done
    fault_over
    plant_finish 60
    bed_check
    abated_stop other
    expect "the other ends with" "$ended" 0
    bed_end
}

lines_of() { # NAME WORDS
    grep -csF -e "$2" "$servers/$1.log" || true
}

# taken_over NAME COUNT: within ten seconds it has connected once more than COUNT times.
taken_over() {
    local since=$(date +%s%N)
    expect_true "$1 takes over" wait_until 10 log_past "$1" "connected, session" "$2"
    printf 'taken over after %d ms\n' $((($(date +%s%N) - since) / 1000000))
}

# duty_swap LIMITS COMMAND: called with the name of the one on duty, $times times; each time the other takes over.
duty_swap() { # LIMITS COMMAND
    local i on=abated by=other before
    duty_bed limits="$1"
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 600
        before=$(lines_of "$by" "connected, session")
        "$2" "$on"
        taken_over "$by" "$before"
        is_alive "$on" || abated_start "$on" "$servers/$on.conf"
        read -r on by <<<"$by $on"
    done
    duty_end
}

fault duty_killed 4 100 "kill -9 of the daemon on duty: another takes over"
fault_duty_killed() {
    duty_swap no abated_kill
}

fault duty_stopped 2 50 "SIGTERM of the daemon on duty: another takes over"
fault_duty_stopped() {
    duty_swap yes abated_stop
}

# What the standby has of its last duty cannot be stored, so it does not end at once: while it stops it learns that nobody is
# on duty any more.
fault duty_ending 1 20 "kill -9 of the daemon on duty while the standby stops"
fault_duty_ending() {
    local i before stood
    duty_bed limits=no
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        before=$(lines_of other "connected, session")
        abated_kill
        taken_over other "$before"
        writer_hold
        pause_ms 300 600
        before=$(lines_of abated "connected, session")
        abated_kill other
        abated_start
        taken_over abated "$before"
        stood=$(lines_of other "-> standing by")
        abated_start other "$servers/other.conf"
        expect_true "the other stands by" wait_until 10 log_past other "-> standing by" "$stood"
        dies_amid_stop "$i"
        writer_let_go
        abated_stop other
        expect "it ends with" "$ended" 0
        abated_start
        abated_start other "$servers/other.conf"
    done
    duty_end
}

dies_amid_stop() { # HOW_OFTEN_BEFORE
    local before given
    before=$(lines_of other "connected, session")
    given=$(lines_of other "-> on duty")
    kill -TERM "${process[other]}"
    expect_true "it is stopping" wait_until 10 log_past other "stopping" "$1"
    abated_kill
    expect_true "it is given the duty" wait_until 10 log_past other "-> on duty" "$given"
    sleep 1
    expect "and does not take it" "$(lines_of other "connected, session")" "$before"
}

fault duty_hangs 1 20 "the daemon on duty hangs for a while"
fault_duty_hangs() {
    local i on=abated by=other before stood
    duty_bed limits=no
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        before=$(lines_of "$by" "connected, session")
        stood=$(lines_of "$on" "-> standing by")
        kill -STOP "${process[$on]}"
        taken_over "$by" "$before"
        kill -CONT "${process[$on]}"
        expect_true "$on stands by" wait_until 10 log_past "$on" "-> standing by" "$stood"
        read -r on by <<<"$by $on"
    done
    duty_end
}

fault duty_database 2 30 "the database restarts under two that share a duty"
fault_duty_database() {
    local i
    duty_bed own=postgres limits=no
    plant_begin 10000000 1500
    for ((i = 0; i < times; i++)); do
        pause_ms 300 800
        postgres_stop fast postgres_own
        pause_ms 100 1500
        postgres_start postgres_own
    done
    duty_end
}

# Only the one on duty: the other takes it, and the session at the broker with it.
fault duty_cut_off 1 20 "the daemon on duty loses the database, not the broker"
fault_duty_cut_off() {
    local i before left stood
    link_port=$(free_port)
    proxy_start link "$link_port" "$PGHOST/.s.PGSQL.5432"
    duty_bed limits=no database.statement_timeout=1s "database.conninfo=host=127.0.0.1 port=$link_port dbname=$bed_database user=abated"
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        before=$(lines_of other "connected, session")
        left=$(lines_of abated "-> away: the database is away, and another client")
        stood=$(lines_of abated "-> standing by")
        proxy_say link hold
        taken_over other "$before"
        expect_true "abated leaves the broker to it" wait_until 20 log_past abated "-> away: the database is away, and another client" "$left"
        proxy_say link pass
        expect_true "and stands by again" wait_until 30 log_past abated "-> standing by" "$stood"
        abated_kill other
        before=$(lines_of abated "connected, session")
        taken_over abated "$before"
        abated_start other "$servers/other.conf"
    done
    duty_end
}

# ---- shared work

fault shared_killed 2 50 "two share the monitors: kill -9 of one"
fault_shared_killed() {
    local i name
    bed own=no
    abate_conf "$servers/abated.conf" topic='odd/{region}/{plant}/{monitor}'
    abate_conf "$servers/other.conf" topic='even/{region}/{plant}/{monitor}' instance=other journal="$servers/other.journal"
    rm -rf "$servers"/other.{journal,log}
    for name in abated other; do
        abated_start "$name" "$servers/$name.conf"
        expect_true "$name is connected" wait_until 20 log_has "$name" "connected, session"
    done
    plant_begin 10000000 2000 --split
    for ((i = 0; i < times; i++)); do
        pause_ms 200 600
        name=abated
        [[ $((i % 2)) -eq 0 ]] || name=other
        abated_kill "$name"
        pause_ms 100 600
        abated_start "$name" "$servers/$name.conf"
    done
    duty_end
}
