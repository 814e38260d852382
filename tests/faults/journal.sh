# shellcheck shell=bash disable=SC2034,SC2154
# Faults of the journal's disk, and of the journal on it.
#
# A small disk is a tmpfs in a mount namespace of its own, which the process "disk" holds: it goes with it. What begins
# with under_ runs the next abated under something.

# ---- the disk

disk= # where it is; as others see it: /proc/PID of "disk"/root

disk_begin() { # OPTION of mount, size=4m
    disk=$servers/disk
    mkdir -p "$disk"
    # shellcheck disable=SC2016 # for the inner shell
    process_start disk "" unshare "$([[ $(id -u) -eq 0 ]] && echo --mount || echo --map-root-user)" --mount \
        --propagation private sh -c 'mount -t tmpfs -o "$1" none "$2" && touch "$2/there" && exec sleep infinity' \
        sh "$1" "$disk"
    wait_until 10 disk_is_there || { show_log disk; faults_fail "no disk of our own"; }
    disk_files=/proc/${process[disk]}/root$disk
    abated_under=(nsenter --target "${process[disk]}" --mount --)
}

disk_is_there() {
    [[ -e /proc/${process[disk]}/root$disk/there ]]
}

disk_remount() { # OPTIONS
    nsenter --target "${process[disk]}" --mount -- mount -o "remount,$1" "$disk"
}

# Somebody else's file takes all the room; and gives it back.
disk_fill() {
    head -c 64M /dev/zero >>"$disk_files/ballast" 2>/dev/null || true
}

disk_free() {
    rm -f "$disk_files/ballast"
}

# ---- abated on it

under_strace() { # STRACE'S INJECTION: CALL:WHAT:WHEN
    abated_under=(strace -D -f -qq -o "$servers/strace" -e "trace=pwrite64,fdatasync,fsync,renameat,renameat2,ftruncate,sendto"
        -e "inject=$1")
}

# abated has ended of itself, and not well.
ends_with_failure() {
    wait_until 20 is_over abated || faults_fail "abated goes on"
    ended=0
    wait "${process[abated]}" 2>/dev/null || ended=$?
    unset "process[abated]"
    expect_true "abated ends with a failure, $ended" test "$ended" -ne 0
}

# refused WORDS...: it does not start, and its log says each.
refused() {
    local word
    : >"$servers/abated.log"
    abated_launch
    ends_with_failure
    for word in "$@"; do
        expect_true "the log says \"$word\"" log_has abated "$word"
    done
}

abated_log_grows() { # TEXT COUNT
    log_times abated "$1"
    [[ $found -gt $2 ]]
}

log_count() { # TEXT
    log_times abated "$1"
    printf '%s' "$found"
}

# full_next ... full_wait ... room_wait: full once more, and then not any more.
full_next() {
    full_said=$(log_count "nothing is read from the brokers")
    room_said=$(log_count "there is room again")
}

full_wait() {
    wait_until 20 abated_log_grows "nothing is read from the brokers" "$full_said" || faults_fail "never full"
}

# A segment that was stored may go meanwhile, and its room be taken.
is_full_again() {
    disk_fill
    abated_log_grows "nothing is read from the brokers" "$full_said"
}

room_wait() {
    wait_until 20 abated_log_grows "there is room again" "$room_said" || faults_fail "full for ever"
}

# Nothing can be stored until the writer is let go: the journal alone keeps.
writer_hold() {
    process_start hold "" "$postgres_bin/psql" -Xq -d "$bed_database" -c "begin; lock table abate.sample;
        select pg_sleep(600)"
    wait_until 10 writer_is_held
}

writer_is_held() {
    [[ $(psql_value "select count(*) from pg_locks where granted and relation = 'abate.sample'::regclass
                      and mode = 'AccessExclusiveLock'" "$bed_database") -eq 1 ]]
}

writer_let_go() {
    process_end hold TERM 5
    psql_value "select pg_terminate_backend(pid) from pg_locks where granted
                 and relation = 'abate.sample'::regclass and mode = 'AccessExclusiveLock'" "$bed_database" >/dev/null
}

# ---- the journal's files

last_segment() {
    find "$servers/journal" -name '*.seg' | sort | tail -n 1
}

nth_segment() { # FROM 1
    find "$servers/journal" -name '*.seg' | sort | sed -n "$1p"
}

segment_count() {
    find "$servers/journal" -name '*.seg' | wc -l
}

segments_at_least() { # COUNT
    [[ $(segment_count) -ge $1 ]]
}

# The byte behind the last mark: what follows is not acknowledged.
behind_last_mark() { # FILE
    local at
    at=$(LC_ALL=C grep -obUaP 'abR1\x30\x00\x00\x00' "$1" | tail -n 1 | cut -d : -f 1)
    echo $((at + 48))
}

byte_at() { # FILE OFFSET
    od -An -v -tu1 -j "$2" -N 1 "$1" | tr -d ' '
}

byte_put() { # FILE OFFSET VALUE
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %02x "$3")" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

bit_flip() { # FILE OFFSET
    byte_put "$1" "$2" $(($(byte_at "$1" "$2") ^ (1 << RANDOM % 8)))
}

crc32c() { # HEX: of its bytes
    local crc=$((0xffffffff)) i k
    for ((i = 0; i < ${#1}; i += 2)); do
        crc=$((crc ^ 0x${1:i:2}))
        for ((k = 0; k < 8; k++)); do
            crc=$((crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1))
        done
    done
    echo $((crc ^ 0xffffffff))
}

# A journal of some segments, all stored, abated stopped; a copy of it in $servers/journal.good.
journal_make() {
    bed segment=64k
    plant_begin 1500 4000
    plant_end 30
    bed_check
    abated_stop
    rm -rf "$servers/journal.good"
    cp -a "$servers/journal" "$servers/journal.good"
}

# The good one again, and then on with it.
journal_put_back() {
    rm -rf "$servers/journal"
    cp -a "$servers/journal.good" "$servers/journal"
    fault_over
    abated_start
}

journal_goes_on() {
    journal_put_back
    bed_connected
    plant_begin 500 4000
    plant_end 30
    bed_check
    bed_end
}

# ---- full

# Until the disk has no room, and nothing is stored that could go instead.
disk_full_bed() {
    bed own=no
    disk_begin size=4m
    abate_conf "$servers/abated.conf" journal="$disk/journal" segment=128k
    abated_start
    bed_connected
    wait_until 20 log_has abated "writer: ready" || faults_fail "the writer does not get ready"
    full_next
    writer_hold
    plant_begin 5000 5000
    pause_ms 50 150
    wait_until 20 is_full_again || faults_fail "never full"
    expect_true "it lives" is_alive abated
}

fault journal_disk_full 2 20 "the journal's disk is full, and free again"
fault_journal_disk_full() {
    local i
    for ((i = 0; i < times; i++)); do
        disk_full_bed
        disk_free
        writer_let_go
        fault_over
        room_wait
        plant_end 60
        bed_check
        bed_end
    done
}

fault journal_full_and_killed 2 20 "killed while the journal's disk is full"
fault_journal_full_and_killed() {
    local i
    for ((i = 0; i < times; i++)); do
        disk_full_bed
        abated_kill
        abated_start
        disk_free
        writer_let_go
        fault_over
        plant_end 60
        bed_check
        bed_end
    done
}

fault journal_none_and_full 2 10 "a new journal on a full disk"
fault_journal_none_and_full() {
    local i
    bed own=no
    disk_begin size=1m
    disk_fill
    abate_conf "$servers/abated.conf" journal="$disk/journal"
    for ((i = 0; i < times; i++)); do
        refused "No space left on device"
    done
    disk_free
    fault_over
    abated_start
    bed_connected
    plant_begin 1000 4000
    plant_end 30
    bed_check
    bed_end
}

fault journal_cap 1 5 "the journal's cap is reached: nothing can be stored"
fault_journal_cap() {
    local i
    bed segment=64k size=512k # little more than the burst of all that a broker may have on its way
    for ((i = 0; i < times; i++)); do
        writer_hold
        full_next
        plant_begin 8000 8000
        full_wait
        writer_let_go
        fault_over
        room_wait
        plant_end 60
        wait_until 60 is_all_stored || true # or it is full still, and does not say it again
    done
    bed_check
    bed_end
}

fault journal_file_limit 1 10 "a limit on the size of files"
fault_journal_file_limit() {
    local i
    bed own=no
    abated_under=(prlimit --fsize=100000:unlimited --)
    for ((i = 0; i < times; i++)); do
        rm -f "$servers/abated.log"
        abated_start
        bed_connected
        plant_begin 2000 4000
        wait_until 20 log_has abated "File too large" || faults_fail "never too large"
        prlimit --pid "${process[abated]}" --fsize=unlimited
        fault_over
        plant_end 60
        wait_until 60 is_all_stored || true # what waits in the broker would be too large at once
        abated_stop
        abated_under=(prlimit --fsize=$((100000 + $(stat -c %s "$servers"/journal/*.seg | sort -n | tail -n 1))):unlimited --)
    done
    abated_under=()
    abated_start
    bed_check
    bed_end
}

fault journal_inodes 2 10 "the journal's disk has no inode left"
fault_journal_inodes() {
    local i n
    bed own=no
    disk_begin size=16m,nr_inodes=24
    abate_conf "$servers/abated.conf" journal="$disk/journal" segment=64k
    abated_start
    bed_connected
    for ((i = 0; i < times; i++)); do
        full_next
        writer_hold
        plant_begin 10000000 3000 # what is retired for room makes room, too
        for ((n = 0; n < 30; n++)); do
            { : >"$disk_files/ballast.$n"; } 2>/dev/null || break
        done
        full_wait
        rm -f "$disk_files"/ballast.*
        writer_let_go
        fault_over
        room_wait
        plant_finish 60
        wait_until 60 is_all_stored || true # or it is full still, and does not say it again
    done
    bed_check
    bed_end
}

# ---- errors

# Ends at the error; what the plants were told before is kept; the next start is under nothing.
error_at() { # INJECTION
    local before
    under_strace "$1"
    abated_launch
    ends_with_failure
    expect_true "the log says why" log_has abated "Input/output error"
    abated_under=()
}

# When the error comes is drawn: at the first calls of a start, or among those of the line.
error_often() { # CALL MOST
    local i
    bed own=no segment=32k receive_maximum=20 # small bursts: many syncs
    abated_start # the broker keeps for it from now on
    bed_connected
    abated_stop
    for ((i = 0; i < times; i++)); do
        rm -f "$servers/abated.log"
        plant_begin 1000 4000
        error_at "$1:error=EIO:when=$((1 + RANDOM % $2))"
        [[ $1 != fdatasync ]] || expect "syncs after the one that failed" "$(syncs_after_failure)" 0
        plant_end 60
    done
    fault_over
    abated_start
    bed_check $((60 + times))
    bed_end
}

syncs_after_failure() {
    sed '1,/fdatasync.*INJECTED/d' "$servers/strace" | grep -c 'fdatasync' || true
}

fault journal_write_error 3 100 "the journal's disk: a write fails"
fault_journal_write_error() {
    error_often pwrite64 50
}

fault journal_sync_error 4 200 "the journal's disk: a sync fails, once"
fault_journal_sync_error() {
    error_often fdatasync 30
}

fault journal_directory_error 3 100 "the journal's disk: a directory's sync fails"
fault_journal_directory_error() {
    error_often fsync 5
}

fault journal_rename_error 2 50 "the journal's disk: a segment gets no name"
fault_journal_rename_error() {
    error_often renameat,renameat2 3
}

fault journal_interrupted 1 5 "the journal's disk: writes are interrupted"
fault_journal_interrupted() {
    bed own=no segment=64k
    under_strace pwrite64:error=EINTR:when=2+2
    abated_start
    bed_connected
    plant_begin $((times * 3000)) 3000
    fault_over
    plant_end 60
    expect_true "there were some" wait_until 10 grep -q 'EINTR.*INJECTED' "$servers/strace"
    bed_check
    bed_end
}

fault journal_short_writes 1 5 "the journal's disk: writes are short"
fault_journal_short_writes() {
    bed own=no segment=64k
    abated_under=(env LD_PRELOAD="$(program short_writes.so)")
    abated_start
    bed_connected
    plant_begin $((times * 3000)) 3000
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault journal_slow 1 10 "the journal's disk: each sync takes 1 s"
fault_journal_slow() {
    bed own=no receive_maximum=200
    under_strace fdatasync:delay_exit=1000000:when=2+1
    abated_start
    bed_connected
    plant_begin $((times * 1000)) 2000
    fault_over
    plant_end 120
    expect_true "there were some" grep -q 'fdatasync.*DELAYED' "$servers/strace"
    expect "connections" "$(log_count "connected, session")" 1
    bed_check $((times * 10 + 60))
    bed_end
}

fault journal_read_only 2 20 "the journal's disk becomes read-only"
fault_journal_read_only() {
    local i
    bed own=no
    disk_begin size=16m
    abate_conf "$servers/abated.conf" journal="$disk/journal" segment=32k
    abated_start
    bed_connected
    plant_begin $((times * 2000)) 2000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        abated_kill # a file open for writing keeps a disk from it
        disk_remount ro
        refused "Read-only file system"
        disk_remount rw
        abated_start
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# ---- what stands in it

fault journal_torn 4 100 "killed in a sync, the tail torn by hand"
fault_journal_torn() {
    local i file from size
    bed own=no segment=64k receive_maximum=20
    abated_start
    bed_connected
    abated_stop
    for ((i = 0; i < times; i++)); do
        plant_begin 1000 4000
        under_strace "fdatasync:signal=SIGKILL:when=$((3 + RANDOM % 20))"
        abated_launch
        wait_until 20 is_over abated || faults_fail "it lives"
        process_end abated KILL 1
        file=$(last_segment)
        from=$(behind_last_mark "$file")
        size=$(stat -c %s "$file")
        [[ $from -gt 48 && $from -le $size ]] || from=$size
        size=$((from + RANDOM % (size - from + 1)))
        truncate -s "$size" "$file"
        ((RANDOM % 2)) || head -c $((RANDOM % 600)) /dev/urandom >>"$file"
        plant_end 60
    done
    abated_under=()
    fault_over
    abated_start
    bed_check
    bed_end
}

# A bit of the part that was on disk for sure: before the last mark but one.
fault journal_bit_durable 3 100 "a flipped bit in the last segment"
fault_journal_bit_durable() {
    local i file most at
    journal_make
    file=$(last_segment)
    most=$(($(behind_last_mark "$file") - 96))
    for ((i = 0; i < times; i++)); do
        at=$((64 + RANDOM % (most - 64)))
        bit_flip "$file" "$at"
        refused "$file" "rotten at position" "put the file back from a copy"
        expect "torn tails" "$(find "$servers/journal" -name '*.torn' | wc -l)" 0
        cp -a "$servers/journal.good/${file##*/}" "$file"
    done
    journal_goes_on
}

# Closed before it was stored: the writer finds it.
fault journal_bit_sealed 1 20 "a flipped bit in a closed segment"
fault_journal_bit_sealed() {
    local i file at was
    bed segment=32k
    for ((i = 0; i < times; i++)); do
        [[ $i -eq 0 ]] || { abated_start; bed_connected; }
        writer_hold
        plant_begin 1500 4000
        plant_end 30
        abated_kill
        writer_let_go
        file=$(nth_segment $(($(segment_count) - 1)))
        at=$((64 + RANDOM % ($(stat -c %s "$file") - 64)))
        was=$(byte_at "$file" "$at")
        bit_flip "$file" "$at"
        refused "$file" "rotten at position"
        byte_put "$file" "$at" "$was"
        rm -f "$servers/journal/condemned"
    done
    fault_over
    abated_start
    bed_check
    bed_end
}

fault journal_header_bit 3 60 "a flipped bit in a segment's header"
fault_journal_header_bit() {
    local i file
    journal_make
    for ((i = 0; i < times; i++)); do
        file=$(nth_segment $((1 + RANDOM % $(segment_count))))
        bit_flip "$file" $((RANDOM % 64))
        refused "$file"
        cp -a "$servers/journal.good/${file##*/}" "$file"
    done
    journal_goes_on
}

fault journal_segment_missing 1 10 "a segment in the middle is missing"
fault_journal_segment_missing() {
    local i
    journal_make
    for ((i = 0; i < times; i++)); do
        rm "$(nth_segment $((2 + RANDOM % ($(segment_count) - 2))))"
        refused "a gap" "put back from a copy"
        rm -r "$servers/journal" && cp -a "$servers/journal.good" "$servers/journal"
    done
    journal_goes_on
}

fault journal_segments_swapped 1 10 "two segments have changed their names"
fault_journal_segments_swapped() {
    local i n a b
    journal_make
    for ((i = 0; i < times; i++)); do
        n=$((1 + RANDOM % ($(segment_count) - 1)))
        a=$(nth_segment "$n") b=$(nth_segment $((n + 1)))
        mv "$a" "$servers/swap" && mv "$b" "$a" && mv "$servers/swap" "$b"
        refused "its header says another position than its name"
        rm -r "$servers/journal" && cp -a "$servers/journal.good" "$servers/journal"
    done
    journal_goes_on
}

fault journal_older 1 10 "an older copy of the journal is put back"
fault_journal_older() {
    local i
    bed segment=64k
    plant_begin 1000 4000
    plant_end 30
    bed_check
    abated_stop
    cp -a "$servers/journal" "$servers/journal.old"
    abated_start
    plant_begin 1000 4000
    plant_end 30
    bed_check
    abated_stop
    rm -rf "$servers/journal.good"
    cp -a "$servers/journal" "$servers/journal.good"
    for ((i = 0; i < times; i++)); do
        rm -r "$servers/journal" && cp -a "$servers/journal.old" "$servers/journal"
        refused "an older copy put back" "restore it"
        refused "condemned" "delete this file"
    done
    rm -r "$servers/journal.old"
    journal_goes_on
}

fault journal_emptied 1 10 "the journal's directory has been emptied"
fault_journal_emptied() {
    local i
    journal_make
    for ((i = 0; i < times; i++)); do
        rm -r "$servers/journal"
        refused "nothing was in its directory" "call abate.retire_journal" # a new one may not go on where the old one was
        expect "the position is the old journal's" \
            "$(psql_value "select count(distinct journal_id) from abate.journal_position" "$bed_database")" 1
        refused "condemned"
    done
    journal_goes_on
}

fault journal_not_ours 1 5 "the journal's directory is others' to write"
fault_journal_not_ours() {
    journal_make
    chmod 0777 "$servers/journal"
    refused "chmod go-w it"
    chmod 0700 "$servers/journal"
    if [[ $(id -u) -eq 0 ]]; then
        chown 1 "$servers/journal"
        refused "belongs to user 1"
    fi
    journal_goes_on
}

fault journal_newer 1 5 "a segment of a later version"
fault_journal_newer() {
    local file hex crc i
    journal_make
    file=$(last_segment)
    byte_put "$file" 8 2
    hex=$(head -c 60 "$file" | od -An -v -tx1 | tr -d ' \n')
    crc=$(crc32c "$hex")
    for ((i = 0; i < 4; i++)); do
        byte_put "$file" $((60 + i)) $((crc >> 8 * i & 255))
    done
    refused "$file" "version 2"
    journal_goes_on
}

# Nothing wrong with the file: it is tried again after 10 s, however much is stored meanwhile; and with a new connection.
fault journal_unreadable 1 5 "a closed segment cannot be opened for a while"
fault_journal_unreadable() {
    local i file began tries
    bed segment=64k database.batch_messages=50 # many transactions
    for ((i = 0; i < times; i++)); do
        psql_value "revoke execute on function abate.record_segment from abate_writer"
        plant_begin 1000 4000
        plant_end 30
        bed_check
        file=$(nth_segment $(($(rows_of journal_segment) + 1)))
        mv "$file" "$servers/kept.seg"
        ln -s "${file##*/}" "$file" # to itself
        process_start trace "" strace -f -qq -o "$servers/trace" -e trace=openat -p "${process[abated]}"
        wait_until 10 is_traced abated
        psql_value "grant execute on function abate.record_segment to abate_writer"
        sessions_end
        expect_true "said" wait_until 20 log_past abated "segments wait to be recorded" "$i"
        began=$SECONDS
        plant_begin 4000 3000
        plant_end 30
        bed_check
        process_end trace INT 5
        tries=$(grep -c 'ELOOP' "$servers/trace")
        expect_true "tries within $((SECONDS - began)) s: $tries" test "$tries" -le $((2 + (SECONDS - began) / 10))
        mv "$servers/kept.seg" "$file"
        sessions_end
        expect_true "all are recorded" wait_until 20 all_recorded
    done
    fault_over
    bed_check
    bed_end
}

is_traced() { # NAME
    ! grep -q '^TracerPid:.0$' "/proc/${process[$1]}/status"
}

all_recorded() {
    [[ $(rows_of journal_segment) -eq $(($(segment_count) - 1)) ]]
}

fault journal_in_use 2 20 "a second abated on the same journal"
fault_journal_in_use() {
    local i
    bed
    plant_begin $((times * 1000)) 1000
    for ((i = 0; i < times; i++)); do
        abated_launch second
        wait_until 20 is_over second || faults_fail "two on one journal"
        process_end second KILL 1
        expect_true "refused" test "$ended" -ne 0
        expect_true "with a word" log_has second "in use by another process"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}
