#!/usr/bin/env bash
# The gate: no PUBACK and no receipt leaves before the fdatasync that covers its message. This holds the installed libmosquitto to the
# behaviour that daemon/mqtt.c relies on.
#
# All reads, writes and syncs of abated are traced and followed: a message is born when its PUBLISH was read from the
# broker's socket, is on disk once a file its payload was written to was synced, and may be acknowledged only then. A receipt
# names its message by the "id" in the payload.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=3000
readonly TOLD=500

# check_order TRACE PORT LEAST [RECEIPTS]: true if at least LEAST messages came and each was on disk when it was acknowledged,
# and if there were at least RECEIPTS receipts, each of a message on disk.
check_order() {
    awk -v port="$2" -v least="$3" -v least_told="${4:-0}" '
        function value(hex,    i, n) {
            for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        # A variable byte integer of s at `at` (in hex digits); sets `next_at`. -1: not all there.
        function varint(s, at,    n, worth, byte) {
            worth = 1
            do {
                if (at + 1 > length(s)) return -1
                byte = value(substr(s, at, 2)); at += 2
                n += (byte % 128) * worth; worth *= 128
            } while (byte >= 128)
            next_at = at
            return n
        }
        # All text arguments of a call in hex, as much as took effect.
        function bytes(line, took,    hex, part) {
            while (match(line, /"(\\x[0-9a-f][0-9a-f])*"/)) {
                part = substr(line, RSTART + 1, RLENGTH - 2)
                line = substr(line, RSTART + RLENGTH)
                gsub(/\\x/, "", part)
                hex = hex part
            }
            return substr(hex, 1, 2 * took)
        }
        function publish(packet,    qos, at, id, properties) {
            qos = int(value(substr(packet, 1, 2)) / 2) % 4
            varint(packet, 3); at = next_at
            if (qos == 0 && substr(packet, at + 4, 10) == "245359532f") return # $SYS/: the broker of itself
            at += 4 + 2 * value(substr(packet, at, 4))
            if (qos != 1) { print "a message at QoS " qos; wrong++; return }
            id = value(substr(packet, at, 4)); at += 4
            properties = varint(packet, at)
            body[id] = substr(packet, next_at + 2 * properties)
            born[id] = 1
            received++
        }
        function acknowledge(packet,    id) {
            varint(packet, 3)
            id = value(substr(packet, next_at, 4))
            acknowledged++
            if (id in born) {
                if (wrong++ < 5) print "line " NR ": message " id " acknowledged before it was on disk"
            } else if (!(id in safe) && wrong++ < 5) {
                print "line " NR ": message " id " acknowledged, but it never came"
            }
            delete born[id]; delete safe[id]
        }
        # Every "id":"..." in a payload, in hex, into ids[1 ..]; how many.
        function find_ids(payload,    n, at) {
            while (at = index(payload, "226964223a22")) {
                payload = substr(payload, at + 12)
                at = 1
                while (substr(payload, at, 2) != "22" && at < length(payload)) at += 2
                ids[++n] = substr(payload, 1, at - 1)
            }
            return n
        }
        function tell(packet,    n, i) {
            n = find_ids(packet)
            for (i = 1; i <= n; i++) {
                told++
                if (!(ids[i] in durable) && untrue++ < 5) print "line " NR ": a receipt before its message was on disk"
            }
        }
        # Cuts whole packets off a stream.
        function packets(stream, direction,    size, packet, kind) {
            while (length(stream) >= 4) {
                size = varint(stream, 3)
                if (size < 0 || length(stream) < next_at - 1 + 2 * size) break
                packet = substr(stream, 1, next_at - 1 + 2 * size)
                stream = substr(stream, length(packet) + 1)
                kind = substr(packet, 1, 1)
                if (direction == "in" && kind == "3") publish(packet)
                if (direction == "out" && kind == "4") acknowledge(packet)
                if (direction == "out" && kind == "3") tell(packet)
            }
            return stream
        }
        function sync(file,    id) {
            for (id in born) {
                if (body[id] == "" || !index(unsynced[file], body[id])) continue
                if (find_ids(body[id])) durable[ids[1]] = 1
                safe[id] = 1
                delete born[id]
            }
            unsynced[file] = ""
            syncs++
        }
        !match($0, /^[0-9]+ +[a-z0-9_]+\([0-9]+/) || !/ = -?[0-9]+/ { next }
        {
            call = $2; sub(/\(.*/, "", call)
            fd = $0; sub(/^[0-9]+ +[a-z0-9_]+\(/, "", fd); sub(/[^0-9].*/, "", fd)
            result = $0; sub(/.*\) += /, "", result); result = result + 0
        }
        call == "connect" && index($0, "sin_port=htons(" port ")") { broker = fd; incoming = outgoing = ""; next }
        call == "close" { if (fd == broker) broker = ""; unsynced[fd] = ""; next }
        (call == "fdatasync" || call == "fsync") { if (result == 0) sync(fd); next }
        result <= 0 { next }
        fd == broker && call ~ /^(read|recv|readv)/ { incoming = packets(incoming bytes($0, result), "in"); next }
        fd == broker && call ~ /^(write|send|writev)/ { outgoing = packets(outgoing bytes($0, result), "out"); next }
        call ~ /^(write|pwrite)/ { unsynced[fd] = unsynced[fd] bytes($0, result) }
        END {
            printf "    %d messages read, %d acknowledged, %d syncs, %d wrong; %d receipts, %d wrong\n", received,
                acknowledged, syncs, wrong, told, untrue
            exit wrong > 0 || untrue > 0 || acknowledged < least || told < least_told
        }' "$1"
}

# receipts_break TRACE: true if the checker finds receipts that came too early.
receipts_break() {
    grep -F "a receipt before" < <(check_order "$1" "$broker_port" 0)
}

breaks() { # TRACE: true if the checker finds fault with it
    ! check_order "$1" "$broker_port" "$MESSAGES"
}

calls=read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync,connect,close,epoll_wait
traced=(strace -D -f -xx -s 16777216 -e "trace=$calls")

trace_is_whole() { # TRACE: strace has written its last line
    grep -q '+++ exited with' "$1"
}

servers_begin_all
simulate_register 10 10

story "every PUBACK comes after the sync that covers its message"
abated_under=("${traced[@]}" -o "$servers/trace")
abated_start
# Slowly, for many small bursts, so many syncs.
simulate --monitors 10 --messages "$MESSAGES" --rate 1000
expect_true "published" process_wait simulate 60
expect_true "stored" wait_until 60 stored_is "$MESSAGES"
abated_stop
expect "exit status" "$ended" 0
abated_under=()
wait_until 20 trace_is_whole "$servers/trace"
expect_true "$MESSAGES acknowledgements in order" check_order "$servers/trace" "$broker_port" "$MESSAGES"

story "the checker sees what is wrong"
grep -vE 'fd?a?t?a?sync\(' "$servers/trace" >"$servers/trace.none"
expect_true "no sync at all" breaks "$servers/trace.none"
sed -E '/f(data)?sync\(/s/ = 0$/ = -1 EIO (Input\/output error)/' "$servers/trace" >"$servers/trace.failed"
expect_true "every sync failed" breaks "$servers/trace.failed"
# From the fourth sync on, each comes behind the acknowledgement that follows it.
awk '/ f(data)?sync\(/ && ++syncs > 3 && held == "" { held = $0; next }
     { print }
     held != "" && /"\\x40\\x02/ { print held; held = "" }' "$servers/trace" >"$servers/trace.late"
expect_true "syncs after their acknowledgements" breaks "$servers/trace.late"

story "so does every receipt"
for ((i = 0; i < TOLD; i++)); do
    printf 'message\tplants/sim/SIM/SIM%06d\t' $((1 + i % 10))
    printf '{"id":"n-%d","time":0}' "$i" | od -An -v -tx1 | tr -d ' \n'
    echo
done >"$servers/named"
abate_conf "$servers/abated.conf" receipts=on receive_maximum=5 # many small bursts
abated_under=("${traced[@]}" -o "$servers/trace.told")
abated_start
publish "$servers/named"
expect_true "published" process_wait publish 60
told_all() { [[ $(rows_of rejected_message) -ge $TOLD ]]; }
expect_true "taken" wait_until 60 told_all
abated_stop
expect "exit status" "$ended" 0
abated_under=()
wait_until 20 trace_is_whole "$servers/trace.told"
expect_true "$TOLD receipts in order" check_order "$servers/trace.told" "$broker_port" "$TOLD" "$TOLD"
# From the fourth sync on, each comes behind the receipts that follow it.
awk '/ f(data)?sync\(/ && ++syncs > 3 && held == "" { held = $0; next }
     { print }
     held != "" && /"\\x32/ { print held; held = "" }' "$servers/trace.told" >"$servers/trace.early"
expect_true "the checker sees receipts before their sync" receipts_break "$servers/trace.early"

# How often the broker's socket was read and written, and in how many turns of the loop.
calls_of() { # TRACE
    awk -v port="$broker_port" '
        { fd = $0; sub(/^[0-9]+ +[a-z0-9_]+\(/, "", fd); sub(/[^0-9].*/, "", fd) }
        $2 ~ /^connect/ && index($0, "sin_port=htons(" port ")") { broker = fd; next }
        $2 ~ /^(read|recv|write|send)/ && fd == broker { calls++ }
        $2 ~ /^epoll_wait/ { turns++ }
        END { print calls + 0, turns + 0 }' "$1"
}

story "a backlog is read and acknowledged in bulk"
abate_conf
psql_value "truncate abate.sample"
simulate --monitors 10 --messages "$MESSAGES" --seed 3
expect_true "published" process_wait simulate 60
abated_under=("${traced[@]}" -o "$servers/trace.bulk")
abated_start
expect_true "stored" wait_until 60 stored_is "$MESSAGES"
abated_stop
abated_under=()
wait_until 20 trace_is_whole "$servers/trace.bulk"
expect_true "in order" check_order "$servers/trace.bulk" "$broker_port" "$MESSAGES"
# A broker that is slow to send has more turns: a turn has two reads at most, the second finding nothing, and a write.
read -r calls turns < <(calls_of "$servers/trace.bulk")
expect_true "$calls calls in $turns turns for $MESSAGES messages and acknowledgements" [ "$calls" -gt 0 -a "$calls" -le $((3 * turns)) ]

story "the library, left to itself, acknowledges first"
process_start listener "" "${traced[@]}" -o "$servers/trace.sub" mosquitto_sub -V 5 -p "$broker_port" -q 1 -i listener \
    -t 'plants/#' -C "$MESSAGES"
wait_until 10 grep -qs '\\x90' "$servers/trace.sub"
simulate --monitors 10 --messages "$MESSAGES" --seed 2
expect_true "published" process_wait simulate 60
expect_true "received" process_wait listener 30
wait_until 20 trace_is_whole "$servers/trace.sub"
expect_true "mosquitto_sub is found out" breaks "$servers/trace.sub"
story_end
