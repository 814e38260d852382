# shellcheck shell=bash disable=SC2154
# Faults of the process itself: its end, its limits, its clock, its company.

# pause_ms LEAST MOST: at random.
pause_ms() {
    local ms=$(($1 + RANDOM % ($2 - $1 + 1)))
    pause "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
}

# What most of these end with.
process_check() {
    fault_over
    plant_finish 60
    bed_check $((60 + times))
    bed_end
}

# ---- ends

fault kill_random 8 400 "kill -9 at any moment"
fault_kill_random() {
    local i
    bed judge.interval=200ms
    plant_begin 10000000 4000
    for ((i = 0; i < times; i++)); do
        # Now and then before it has even begun, mostly in full work.
        if ((RANDOM % 5 == 0)); then pause_ms 0 60; else pause_ms 60 500; fi
        abated_kill
        abated_launch
    done
    process_check
}

fault kill_start 12 300 "kill -9 while it starts and recovers"
fault_kill_start() {
    local i
    bed segment=64k
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        ((i % 6 != 0)) || pause_ms 100 300 # let it get through for once
        abated_kill
        abated_launch
        pause_ms 1 40
    done
    process_check
}

fault kill_twice 4 100 "kill -9 twice within one recovery"
fault_kill_twice() {
    local i
    bed segment=256k
    plant_begin 10000000 4000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        abated_kill
        abated_launch
        pause_ms 3 25
        abated_kill
        abated_launch
        pause_ms 3 25
        abated_kill
        abated_start
    done
    process_check
}

# end_under_load SIGNAL: drains, ends with 0; nothing it took is sent to it again.
end_under_load() {
    local i taken=0
    bed
    plant_begin 10000000 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 600
        process_end abated "$1" 20
        expect "exit status" "$ended" 0
        abated_start
    done
    fault_over
    plant_finish 60
    bed_check
    abated_stop
    expect "exit status" "$ended" 0
    taken=$(sed -n 's/.*stopped: \([0-9]*\) messages taken.*/\1/p' "$servers/abated.log" | awk '{ n += $1 } END { print n }')
    expect "messages taken, in all" "$taken" "$bed_messages"
    bed_end
}

fault sigterm_under_load 3 50 "SIGTERM under load: it drains"
fault_sigterm_under_load() {
    end_under_load TERM
}

fault sigint_under_load 2 50 "SIGINT under load: it drains"
fault_sigint_under_load() {
    end_under_load INT
}

fault sighup_under_load 20 2000 "SIGHUP under load"
fault_sighup_under_load() {
    local i
    bed
    plant_begin 10000000 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 10 60
        kill -HUP "${process[abated]}"
    done
    expect_true "lives" is_alive abated
    process_check
}

fault stopped 1 3 "SIGSTOP for longer than the broker waits"
fault_stopped() {
    local i seconds=3
    [[ $times -eq 1 ]] || seconds=20 # its keepalive is 10 s here: after 15 s the broker lets it go
    bed broker.keepalive=10s
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        pause_ms 300 600
        kill -STOP "${process[abated]}"
        sleep "$seconds"
        kill -CONT "${process[abated]}"
    done
    process_check
}

# As systemd sees it: a socket it tells its state on, and an end when nothing comes.
fault hangs 1 3 "it hangs: no word to systemd, which ends it"
fault_hangs() {
    local i words
    bed own=no
    # shellcheck disable=SC2016 # perl's
    process_start systemd "" perl -MSocket -e '$| = 1; socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die;
        print "listening\n"; while (defined recv(S, $word, 4096, 0)) { print "$word\n" }' "$servers/notify.$bed_number"
    wait_until 10 log_has systemd listening
    abated_under=(env "LD_PRELOAD=$ABATE_BUILD/tests/faults/shim.so" "SHIM_HANG=$servers/hang"
        "NOTIFY_SOCKET=$servers/notify.$bed_number")
    abated_start
    bed_connected
    expect_true "ready is said" wait_until 5 log_has systemd READY=1
    plant_begin 10000000 500
    for ((i = 0; i < times; i++)); do
        words=$(grep -c WATCHDOG=1 "$servers/systemd.log")
        expect_true "a sign of life" wait_until 15 log_past systemd WATCHDOG=1 "$words"
        touch "$servers/hang"
        pause 0.5
        words=$(grep -c WATCHDOG=1 "$servers/systemd.log")
        sleep 6
        expect "signs of life while it hangs" "$(grep -c WATCHDOG=1 "$servers/systemd.log")" "$words"
        process_end abated ABRT 10
        expect "ended by SIGABRT" "$ended" $((128 + 6))
        rm "$servers/hang"
        abated_start
    done
    process_check
    abated_under=()
}

# ---- limits

fault files_at_start 9 60 "out of file descriptors at the start"
fault_files_at_start() {
    local i
    bed
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        abated_kill
        abated_under=(prlimit "--nofile=$((4 + i % 20))")
        abated_launch
        pause_ms 100 300
    done
    abated_kill
    abated_under=()
    abated_start
    process_check
}

fault files_while_running 3 40 "out of file descriptors while it runs"
fault_files_while_running() {
    local i ended=0
    bed segment=64k
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        prlimit --pid "${process[abated]}" --nofile=3:1024
        pause_ms 100 300
        # No new segment, and no new connection either.
        psql_value "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'abated'" postgres >"$servers/ended"
        pause_ms 300 800
        prlimit --pid "${process[abated]}" --nofile=1024:1024 || true
        # One that ends has its last words to say.
        [[ $(log_count "exiting, nothing that is not on disk") -eq $ended ]] || wait_until 20 is_over abated
        is_alive abated || { ended=$((ended + 1)) && abated_start; }
    done
    process_check
}

fault malloc_fails 30 1000 "the Nth malloc fails"
fault_malloc_fails() {
    local i before died=0
    bed
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        abated_kill
        abated_under=(env "LD_PRELOAD=$ABATE_BUILD/tests/faults/shim.so" "SHIM_MALLOC=$((1 + i * 37 + RANDOM % 37))")
        abated_readies abated
        before=$found
        abated_launch
        wait_until 20 abated_ready abated "$before"
        pause_ms 10 60
        is_alive abated || died=$((died + 1))
    done
    expect_true "it made $died of them end" test "$died" -gt 0
    abated_kill
    abated_under=()
    abated_start
    process_check
}

fault memory_limit 4 40 "no more address space"
fault_memory_limit() {
    local i size died=0
    bed database.batch_bytes=64M
    for ((i = 0; i < times; i++)); do
        plant_begin 4000 0
        size=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${process[abated]}/status")
        prlimit --pid "${process[abated]}" --as=$(((size + RANDOM % 512) * 1024)):unlimited
        pause_ms 300 600
        prlimit --pid "${process[abated]}" --as=unlimited:unlimited 2>/dev/null || true
        pause_ms 100 100 # what was ending has ended
        is_alive abated || { died=$((died + 1)) && abated_start; }
        plant_end 60
    done
    echo "it ended $died times"
    fault_over
    bed_check
    bed_end
}

# A group of its own, for memory: $group, or none; its files, of either version.
group_begin() {
    local at names limit used
    for at in /sys/fs/cgroup/memory /sys/fs/cgroup; do
        group=$at/abate.$BASHPID
        mkdir "$group" 2>/dev/null || continue
        for names in "memory.limit_in_bytes memory.usage_in_bytes" "memory.max memory.current"; do
            read -r limit used <<<"$names"
            group_limit=$group/$limit group_used=$group/$used
            [[ -w $group_limit ]] && return 0
        done
        rmdir "$group"
    done
    group=
    return 1
}

fault memory_group 4 40 "killed by the kernel: no more memory in its group"
fault_memory_group() {
    local i died=0 group group_limit group_used
    group_begin || { echo "note: $fault_name: left out: no memory group can be made here"; return 0; }
    bed own=no database.batch_bytes=64M
    abated_start
    bed_connected
    for ((i = 0; i < times; i++)); do
        abated_kill
        echo 64M >"$group_limit"
        # shellcheck disable=SC2016 # for the inner shell
        abated_under=(sh -c 'echo $$ >"$0"; exec "$@"' "$group/cgroup.procs")
        abated_start
        echo $(($(<"$group_used") + 100000 + RANDOM % 400000)) >"$group_limit"
        plant_begin 4000 0
        wait_until 3 is_over abated && died=$((died + 1))
        abated_kill
        abated_under=()
        abated_start
        plant_end 60
    done
    rmdir "$group"
    expect_true "it ended $died times" test "$died" -gt 0
    fault_over
    bed_check
    bed_end
}

fault cpu_starved 1 3 "no time on the processor"
fault_cpu_starved() {
    local i j
    bed
    plant_begin 10000000 500
    for ((i = 0; i < times; i++)); do
        taskset -pc 0 "${process[abated]}" >"$servers/taskset"
        renice -n 19 -p "${process[abated]}" >>"$servers/taskset"
        for ((j = 0; j < 6; j++)); do
            process_start "spin$j" "" taskset -c 0 sh -c 'while :; do :; done'
        done
        sleep 3
        for ((j = 0; j < 6; j++)); do
            process_end "spin$j" KILL 5
        done
    done
    expect_true "lives" is_alive abated
    process_check
}

# ---- company

fault two_one_journal 3 30 "a second daemon with the same journal"
fault_two_one_journal() {
    local i
    bed
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        abated_launch twin
        wait_until 10 is_over twin || true
        process_end twin KILL 1
        expect "exit status of the second" "$ended" 1
        expect_true "says why" grep -q "in use by another process" "$servers/twin.log"
    done
    process_check
}

fault two_one_instance 1 10 "a second daemon, the same instance, a copied journal"
fault_two_one_instance() {
    local i nowhere
    bed
    for ((i = 0; i < times; i++)); do
        plant_begin 3000 3000
        pause_ms 200 700
        rm -rf "$servers/copy.journal"
        cp -r "$servers/journal" "$servers/copy.journal"
        nowhere=$(free_port)
        abate_conf "$servers/copy.conf" journal="$servers/copy.journal" broker_port="$nowhere"
        abated_launch copy "$servers/copy.conf"
        plant_end 60
        wait_until 20 log_has copy "another daemon of instance" || is_over copy || expect "the second" wrote refused
        process_end copy KILL 5
        rm -f "$servers/copy.log"
    done
    process_check_whole
}

# As process_check, when the plants are through.
process_check_whole() {
    fault_over
    bed_check
    bed_end
}

# ---- the clock

clock_set() { # SECONDS
    printf '%+020d' "$1" 1<>"$servers/clock"
}

# clock_jumps SECONDS...: to each of them in turn.
clock_jumps() {
    local i jump
    bed own=no past=100y
    clock_set 0
    abated_under=(env "LD_PRELOAD=$ABATE_BUILD/tests/faults/shim.so" "SHIM_CLOCK=$servers/clock" "TZ=${clock_zone:-UTC}")
    abated_start
    bed_connected
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        for jump in "$@"; do
            clock_set "$jump"
            pause_ms 150 400
        done
        abated_kill
        abated_start
    done
    clock_set 0
    expect_true "lives" is_alive abated
    process_check
    abated_under=()
}

fault clock_hour 2 40 "the clock jumps an hour, there and back"
fault_clock_hour() {
    clock_jumps 3600 0 -3600 0
}

fault clock_year 2 40 "the clock jumps a year, there and back"
fault_clock_year() {
    clock_jumps 31536000 -31536000 0 31536000
}

fault clock_leap 1 20 "a leap second: the last one of a day comes twice"
fault_clock_leap() {
    local to
    to=$(($(date -ud '2028-12-31T23:59:58Z' +%s) - $(date +%s)))
    clock_jumps "$to" "$((to + 1))" "$((to + 1))" "$to" "$((to + 1))"
}

fault clock_2038 1 10 "the clock passes 2038, and 2100"
fault_clock_2038() {
    local to last
    to=$((2147483647 - $(date +%s)))
    last=$(($(date -ud '2100-02-28T23:59:59Z' +%s) - $(date +%s)))
    clock_jumps "$((to - 1))" "$to" "$((to + 1))" "$last" "$((last + 1))"
}

fault clock_summer 2 40 "summer time ends, in a zone that has it"
fault_clock_summer() {
    local to
    to=$(($(date -ud '2026-10-25T00:59:59Z' +%s) - $(date +%s)))
    clock_zone=Europe/Berlin clock_jumps "$to" "$((to + 1))" "$((to - 3600))" "$((to + 3600))"
}

# ---- what is under it

fault journal_removed 1 10 "the journal's directory removed under it"
fault_journal_removed() {
    local i
    bed
    for ((i = 0; i < times; i++)); do
        plant_begin 1000 2000
        plant_end 30
        wait_until 30 is_all_stored
        rm -rf "$servers/journal"
        plant_begin 1000 2000
        wait_until 20 is_over abated || true
        process_end abated KILL 5
        expect "exit status" "$ended" 1
        expect_true "says why" log_has abated "nothing that is not on disk was acknowledged"
        plant_end 30
        psql_value "select abate.retire_journal('test')" >"$servers/retired"
        abated_start
    done
    process_check_whole
}

# By the broker's log, where its own cannot be read.
broker_connects() {
    grep -c "as abated-test " "$servers/mosquitto.log" || true
}

broker_connected_more() { # COUNT
    [[ $(broker_connects) -gt $1 ]]
}

fault log_closed 2 30 "nobody reads its log any more"
fault_log_closed() {
    local i before
    bed own=no
    abated_start
    bed_connected
    abated_stop
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        before=$(broker_connects)
        # shellcheck disable=SC2016 # for the inner shell
        process_start abated "" bash -c 'exec "$0" -c "$1" 2> >(head -n 1 >/dev/null)' "$(program abated)" "$servers/abated.conf"
        expect_true "connects" wait_until 20 broker_connected_more "$before"
        pause_ms 0 300
        expect_true "lives" is_alive abated
        process_end abated TERM 20
        expect "exit status" "$ended" 0
    done
    abated_start
    process_check
}

fault log_full 2 30 "its log cannot be written: no space"
fault_log_full() {
    local i before
    bed
    abated_stop
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        before=$(broker_connects)
        # shellcheck disable=SC2016 # for the inner shell
        process_start abated "" bash -c 'exec "$0" -d -c "$1" >/dev/full 2>&1' "$(program abated)" "$servers/abated.conf"
        expect_true "connects" wait_until 20 broker_connected_more "$before"
        pause_ms 0 300
        expect_true "lives" is_alive abated
        process_end abated TERM 20
        expect "exit status" "$ended" 0
    done
    abated_start
    process_check
}
