# shellcheck shell=bash
# Faults of the process itself.

# pause_ms LEAST MOST: at random.
pause_ms() {
    local ms=$(($1 + RANDOM % ($2 - $1 + 1)))
    sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
}

fault kill_random 8 400 "kill -9 of abated, at any moment"
fault_kill_random() {
    local i
    bed
    plant_begin $((times * 1000)) 4000
    for ((i = 0; i < times; i++)); do
        # Now and then before it has even begun, mostly in full work.
        if ((RANDOM % 5 == 0)); then pause_ms 0 60; else pause_ms 60 500; fi
        abated_kill
        abated_launch
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault sigterm_under_load 3 50 "SIGTERM under load: it drains"
fault_sigterm_under_load() {
    local i
    bed
    plant_begin $((times * 2000)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 600
        abated_stop
        expect "exit status" "$ended" 0
        abated_start
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}
