#!/usr/bin/env bash
# Evidence: closed segments are recorded in a chain; whatever is changed afterwards, in a file or in a row, is found and
# named; and from a breach the very bytes that came are found again, and say what is stored.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly TOPIC=plants/sim/SIM/SIM000001

ctl() { # ARGUMENT...: its output and error, and its status
    local status=0
    "$(program abatectl)" -c "$servers/abated.conf" "$@" >"$servers/ctl.out" 2>&1 || status=$?
    return "$status"
}

said() { # WORDS
    grep -qF -e "$1" "$servers/ctl.out"
}

of() { # EXPRESSION: of `lines`, what evidence --json told
    json_of "$servers/ctl.out" "$1"
}

say_more() { # COUNT: made-up messages, so many in all; the breach has three of its own
    simulate --monitors 20 --readings 3 --messages "$1" --rate 8000
    process_wait simulate 60 && wait_until 30 stored_is $(($1 + 3))
}

segment() { # N: the file, from 1 in order; -1 is the last
    find "$servers/journal" -name '*.seg' | sort | if [[ $1 -gt 0 ]]; then sed -n "$1p"; else tail -n "${1#-}" | head -n 1; fi
}

first_of() { # FILE: the position in its name
    echo $((10#$(basename "$1" .seg)))
}

unsigned() { # FILE OFFSET BYTES
    od -An -tu"$3" -j"$2" -N"$3" "$1" | tr -d ' '
}

record_at() { # FILE KIND N: the byte at which its Nth record of that kind begins
    local at=64 n=0 size
    size=$(stat -c %s "$1")
    while [[ $at -lt $size ]]; do
        [[ $(unsigned "$1" $((at + 32)) 1) != "$2" ]] || n=$((n + 1))
        [[ $n -lt $3 ]] || break
        at=$((at + $(unsigned "$1" $((at + 4)) 4)))
    done
    echo "$at"
}

flip() { # FILE OFFSET
    local byte
    byte=$(unsigned "$1" "$2" 1)
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# row_changed SQL: as only a superuser can who wants to.
row_changed() {
    psql_value "alter table abate.journal_segment disable trigger user; $1; alter table abate.journal_segment enable trigger user"
}

# found NAME WHERE POSITION WORDS: verify fails and says just this, and nothing else.
found() {
    local status=0 got
    ctl journal verify || status=$?
    got="$status $(grep -c ': position ' "$servers/ctl.out") $(grep -F "$2: position $3: " "$servers/ctl.out" | grep -cF "$4")"
    expect "$1: fails, one fault, this one" "$got" "1 1 1"
    [[ $got == "1 1 1" ]] || sed 's/^/    /' "$servers/ctl.out"
}

# As everything was.
whole_again() {
    rm -rf "$servers/journal"
    cp -a "$servers/journal.kept" "$servers/journal"
    row_changed "delete from abate.journal_segment; insert into abate.journal_segment select * from public.kept"
}

recorded_all() { # all segments but the open one
    [[ $(rows_of journal_segment) == $(($(find "$servers/journal" -name '*.seg' | wc -l) - 1)) ]]
}

servers_begin_all
abate_conf "$servers/abated.conf" segment=32k
simulate_register 20 3
limit_set 100
abated_start
wait_until 30 log_has abated "connected, session"

story "recorded as they are closed, and read beside the daemon"
simulate --monitors 20 --readings 3 --messages 4000 --rate 2000
runs=0
while is_alive simulate; do
    ctl journal verify || break
    runs=$((runs + 1))
done
expect_true "published" process_wait simulate 60
expect_true "whole while it grows, $runs times" test "$runs" -ge 3
expect_true "stored" wait_until 30 stored_is 4000
expect_true "every closed segment is recorded" wait_until 10 recorded_all
expect "each as sha256sum has it" \
    "$(psql_value "select lpad(first_position::text, 20, '0') || '.seg ' || encode(digest, 'hex') from abate.journal_segment order by 1" | sha256sum)" \
    "$(cd "$servers/journal" && sha256sum ./*.seg | sed '$d; s,\([^ ]*\)  ./\(.*\),\2 \1,' | sha256sum)"
expect "the chain, reckoned by sha256sum" \
    "$(psql_value "select encode(chain, 'hex') from abate.journal_segment order by first_position limit 1")" \
    "$(psql_value "select repeat('00', 32) || replace(uuid::text, '-', '') || lpad(to_hex(first_position), 16, '0')
                          || lpad(to_hex(end_position), 16, '0') || encode(digest, 'hex')
                     from abate.journal_segment join abate.journal_position using (journal_id) order by first_position limit 1" |
        sed 's/../\\x&/g' | xargs -0 printf | head -c 96 | sha256sum | cut -d' ' -f1)"

story "a breach, and what came of it"
printf '{ "time": "2021-03-01T12:%02d:00Z", "period":"minute",\n "readings": {"a21002": %s} }' 1 140.50 >"$servers/sent.1"
printf '{"time":"2021-03-01T20:%02d:00+08:00","period":"minute","readings":{"a21002":{"value":%s,"unit":"mg/m3"}}}' 2 150 >"$servers/sent.2"
printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute","readings":{"a21002":%s}}' 3 20 >"$servers/sent.3"
for n in 1 2 3; do
    message "$TOPIC" "$(cat "$servers/sent.$n")"
done >"$servers/lines"
publish "$servers/lines"
expect_true "published" process_wait publish 30
expect_true "stored" wait_until 30 stored_is 4003
breach=$(psql_value "select breach_id from abate.breach where worst = 150")
expect_true "its messages can be read at once, in the open segment" ctl evidence "$breach"
expect_true "said so" said "still open, to be recorded when it is closed"
expect_true "more messages, so that it is closed" say_more 5000
expect_true "recorded" wait_until 10 recorded_all
expect_true "evidence" ctl evidence --raw "$servers/raw" "$breach"
for n in 1 2 3; do
    expect_true "the very bytes of message $n are printed" grep -qzF -e "$(cat "$servers/sent.$n")" "$servers/ctl.out"
done
expect "each proved" "$(grep -c 'decoded again, the message says the same' "$servers/ctl.out")" 3
expect "each in a sealed file" "$(grep -c 'its SHA-256 is the one recorded' "$servers/ctl.out")" 3
expect_true "whose it is" said "SIM000001"
expect_true "the topic" said "$TOPIC"
expect "sha256sum takes the manifest" "$(cd "$servers/raw" && sha256sum -c SHA256SUMS | grep -c ': OK$')" 3
expect "the bytes as files" "$(cat "$servers"/raw/*.payload | sha256sum)" "$(cat "$servers"/sent.[123] | sha256sum)"
expect_true "for machines" ctl evidence --json --raw "$servers/raw.again" "$breach"
expect "the breach" "$(of '[lines[0][m] for m in ("breach_id", "rule", "plant_code", "monitor_code", "parameter_code", "worst_at", "worst", "bound", "unit", "plan_code")]')" \
    "[$breach, 'early', 'SIM', 'SIM000001', 'a21002', '2021-03-01 12:02:00Z', 150, 100, 'mg/m3', None]"
expect "an object a message, as the words have them" "$(of '[(l["position"], l["topic"], l["seal"], l["missing"], l["arrived"][-1]) for l in lines[1:-1]]')" \
    "[$(psql_value "select string_agg(format('(%s, ''$TOPIC'', ''recorded'', None, ''Z'')', p), ', ' order by p)
          from (select distinct position as p from abate.breach_message($breach)) x")]"
expect "the very bytes" "$(of '"".join(l["payload"] for l in lines[1:-1])')" "$(cat "$servers"/sent.[123])"
expect "each proved" "$(of '[(r["at"], r["name"], r["value"], r["unit"], r["mark"], r["proved"], r["why"], r["counts"]) for l in lines[1:-1] for r in l["readings"]]')" \
    "[('2021-03-01 12:01:00Z', 'a21002', 140.5, 'mg/m3', 'N', True, None, True), ('2021-03-01 12:02:00Z', 'a21002', 150, 'mg/m3', 'N', True, None, True), ('2021-03-01 12:03:00Z', 'a21002', 20, 'mg/m3', 'N', True, None, True)]"
expect "the whole" "$(of 'lines[-1]')" "{'messages': 3, 'readings': 3, 'gone': 0, 'lost': 0, 'unproved': 0, 'altered': 0, 'proved': True}"
expect "the same files" "$(cat "$servers/raw.again/SHA256SUMS")" "$(cat "$servers/raw/SHA256SUMS")"
expect_true "an unknown breach is refused" eval "! ctl evidence 999999"

story "killed, it goes on where it was"
for count in 5500 6000; do
    abated_kill
    abated_start
    expect_true "more" say_more "$count"
done
abated_stop
expect_true "recorded when it ends" recorded_all
expect_true "whole" ctl journal verify
expect_true "and says so" said "whole: "
head=$(psql_value "select chain from abate.evidence_head")
expect_true "up to the value kept outside" ctl journal verify --head "$head"

story "ls"
expect_true "with the database" ctl journal ls
expect "states" "$(grep -c ' recorded  ' "$servers/ctl.out") $(grep -c ' open' "$servers/ctl.out")" "$(rows_of journal_segment) 1"
expect_true "for machines" ctl journal ls --json
expect "as JSON" "$(psql_value "select count(*) from jsonb_path_query(\$\$$(cat "$servers/ctl.out")\$\$::jsonb, '\$.segments[*] ? (@.state == \"recorded\")')")" \
    "$(rows_of journal_segment)"
expect_true "for machines, too" ctl journal verify --json
expect "verify as JSON" "$(psql_value "select j->'whole', jsonb_array_length(j->'faults') from (select \$\$$(cat "$servers/ctl.out")\$\$::jsonb) j (j)")" "true|0"

cp -a "$servers/journal" "$servers/journal.kept"
psql_value "create table public.kept as select * from abate.journal_segment"
a=$(segment 3) b=$(segment 4)

story "a file changed"
at=$(record_at "$a" 1 2)
flip "$a" $((at + 60))
found "a byte of a message" "$(basename "$a")" $(($(first_of "$a") + at - 64)) "do not read as they were written"
expect_true "between its neighbours" said "on topic \"plants/sim/SIM/SIM0000"
whole_again
at=$(record_at "$a" 2 1)
flip "$a" $((at + 20))
found "a byte of a mark" "$(basename "$a")" $(($(first_of "$a") + at - 64)) "48 bytes do not read as they were written"
whole_again
flip "$a" 45
found "a byte of the header" "$(basename "$a")" "$(first_of "$a")" "its header does not read as it was written"
whole_again
flip "$a" 62
found "a byte of the header's own sum" "$(basename "$a")" "$(first_of "$a")" "its header does not read as it was written"
whole_again
truncate -s -48 "$a"
found "its end cut off" "$(basename "$a")" $(($(first_of "$b") - 48)) "its last 48 bytes are missing"
whole_again
printf 'more' >>"$a"
found "something behind its end" "$(basename "$a")" "$(first_of "$b")" "it has grown by 4 bytes"
whole_again
rm "$a"
found "deleted" "$(basename "$a")" "$(first_of "$a")" "missing: recorded up to position $(first_of "$b")"
whole_again
rm "$(segment 1)"
found "the oldest deleted" 00000000000000000000.seg 0 "within the retention of 30d"
whole_again
mv "$a" "$servers/between" && mv "$b" "$a" && mv "$servers/between" "$b"
expect_true "two exchanged" eval "! ctl journal verify"
for f in "$a" "$b"; do
    expect_true "named" eval "grep -qF '$(basename "$f"): position $(first_of "$f"): its header says another position' '$servers/ctl.out'"
done
whole_again
expect_true "whole again" ctl journal verify

story "a row changed"
p=$(first_of "$a")
row="abate.journal_segment $p"
row_changed "update abate.journal_segment set digest = sha256('') where first_position = $p"
expect_true "its digest" eval "! ctl journal verify"
expect_true "altered" said "$row: position $p: altered: its chain value does not follow"
expect_true "and the file is not to blame" said "$row: position $p: its digest was altered: with the SHA-256 of \"$(basename "$a")\""
expect "no more than that" "$(grep -c ': position ' "$servers/ctl.out")" 2
whole_again
row_changed "update abate.journal_segment set chain = sha256('') where first_position = $p"
found "its chain value" "$row" "$p" "altered: its chain value does not follow"
whole_again
row_changed "update abate.journal_segment set closed = closed - interval '1 day' where first_position = $p"
found "its time" "$row" "$p" "closed at another time"
whole_again
row_changed "update abate.journal_segment set bytes = bytes + 1 where first_position = $p"
found "its size" "$row" "$p" "altered: its bytes"
whole_again
row_changed "delete from abate.journal_segment where first_position = $p"
expect_true "deleted" eval "! ctl journal verify"
expect_true "seen in the chain" said "abate.journal_segment $(first_of "$b"): position $p: rows before it were deleted"
expect_true "seen at the file" said "$(basename "$a"): position $p: it has no row in abate.journal_segment"
whole_again
expect_true "a value from outside that no row has" eval "! ctl journal verify --head $(printf '%064d' 7)"
expect_true "said" said "no row has the chain value that was kept outside"

story "all of it forged: only what is kept outside tells"
at=$(record_at "$a" 1 2)
flip "$a" $((at + 60))
row_changed "delete from abate.journal_segment"
abated_start
expect_true "recorded anew" wait_until 20 recorded_all
abated_stop
expect_true "found by its sum all the same" eval "! ctl journal verify --head $head"
expect_true "and by the chain" said "no row has the chain value that was kept outside"
whole_again

story "a row of the last segment changed: what comes is stored, and the log says what is not done"
row_changed "update abate.journal_segment set end_position = end_position + 8 where end_position = (select max(end_position) from abate.journal_segment)"
abated_start
expect_true "more" say_more 7000
expect_true "said" log_has abated "segments are not recorded any more"
abated_stop
expect "exit status" "$ended" 0
row_changed "delete from abate.journal_segment; insert into abate.journal_segment select * from public.kept"
abated_start
expect_true "put right, it goes on" wait_until 20 recorded_all
abated_stop
expect_true "whole" ctl journal verify --head "$head"

story "yesterday's database, put back: the chain comes out the same"
psql_value "create database yesterday template abate" postgres
abated_start
expect_true "more" say_more 8000
abated_stop
chain=$(psql_value "select line from abate.evidence_head")
psql_value "drop database abate" postgres
psql_value "alter database yesterday rename to abate" postgres
abated_start
expect_true "stored again" wait_until 30 stored_is 8003
expect_true "recorded again" wait_until 20 recorded_all
abated_stop
expect "the same" "$(psql_value "select line from abate.evidence_head")" "$chain"
expect_true "whole" ctl journal verify --head "$head"

story "a stored value changed"
psql_value "update abate.sample set value[(select slot from abate.series where series_id = b.series_id)] = 90 from abate.breach b where b.breach_id = $breach and at = b.worst_at and feed_id = (select feed_id from abate.series where series_id = b.series_id)"
expect_true "found" eval "! ctl evidence $breach"
expect_true "and named" said "90 mg/m3: DIFFERS: the message says 150"
expect "the others are right" "$(grep -c 'the message says the same' "$servers/ctl.out")" 2
expect_true "for machines" eval "! ctl evidence --json $breach"
expect "named" "$(of '[(r["value"], r["proved"], "the message says 150" in (r["why"] or "")) for l in lines[1:-1] for r in l["readings"]], lines[-1]["unproved"], lines[-1]["proved"]')" \
    "([(140.5, True, False), (90, False, True), (20, True, False)], 1, False)"

story "what is not kept any more is said"
position=$(psql_value "select first_position from abate.breach where breach_id = $breach")
for f in "$servers"/journal/*.seg; do
    [[ $(first_of "$f") -gt $position ]] || rm "$f"
done
ctl evidence "$breach" || true
expect_true "as it is" said "not kept any more: the journal begins at position"
expect_true "for machines" ctl evidence --json "$breach"
expect "neither proved nor not" "$(of '[(l["topic"], l["payload"], l["seal"], "not kept any more" in l["missing"], [r["proved"] for r in l["readings"]]) for l in lines[1:-1]], lines[-1]["gone"], lines[-1]["proved"]')" \
    "([$(printf '(None, None, None, True, [None]), %.0s' 1 2)(None, None, None, True, [None])], 3, None)"

story "a payload that is no text"
echo 'feed "frames" { topic = "frames/{plant}/{monitor}" form = hj212 past = 50y }' >>"$servers/abated.conf"
printf '##0119QN=20210301210000001;ST=31;CN=2051;PW=123456;MN=SIM000001;Flag=4;CP=&&DataTime=20210301210000;a21002-Avg=170;\321\314-Avg=2&&1A40' >"$servers/frame"
frame=$(od -An -v -tx1 "$servers/frame" | tr -d ' \n')
printf 'message\tframes/SIM/SIM000001\t%s\n' "$frame" >"$servers/lines"
abated_start
publish "$servers/lines"
expect_true "stored" wait_until 30 stored_is 8004
abated_stop
breach=$(psql_value "select breach_id from abate.breach where worst = 170")
expect_true "said in words" ctl evidence "$breach"
expect_true "in hexadecimal" said "bytes that are no text, in hexadecimal $frame"
expect_true "for machines" ctl evidence --json "$breach"
expect "likewise" "$(of '[(l["payload"], l["payload_hex"]) for l in lines[1:-1]]')" "[(None, '$frame')]"

story "without a database"
postgres_stop
expect_true "verify cannot say that all is well" eval "! ctl journal verify"
expect_true "but reads the files" said "the files were held against nothing that is recorded"
expect_true "ls works" ctl journal ls
expect_true "and says what it does not know" said "what is stored and recorded is not known"
story_end
