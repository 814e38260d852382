#!/usr/bin/env bash
# A plant says what it said wrongly once more, and that it is a correction (RF=1 of HJ 212, "reissue" of JSON): it takes
# effect, what was there stays on record, a breach that rested on it is weighed again, and the evidence has both messages.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

crc_of() { # of HJ 212
    local crc=65535 i _
    for ((i = 0; i < ${#1}; i++)); do
        crc=$(((crc >> 8) ^ $(printf '%d' "'${1:i:1}")))
        for _ in 1 2 3 4 5 6 7 8; do
            crc=$((crc & 1 ? (crc >> 1) ^ 40961 : crc >> 1))
        done
    done
    printf '%04X' "$crc"
}

# frame MINUTE VALUE [RF]: of the minute, as HJ 212 frames it.
frame() {
    local data
    data="QN=20210301200000001;ST=31;CN=2051;PW=123456;MN=SIM000001;Flag=8;${3:-}"
    data+="CP=&&DataTime=202103012$(printf '%03d' "$1")00;a21002-Avg=$2,a21002-Flag=N&&"
    printf '##%04d%s%s\r\n' ${#data} "$data" "$(crc_of "$data")"
}

json() { # MINUTE VALUE [MEMBER]
    printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute",%s"readings":{"a21002":%s}}' "$1" "${3:-}" "$2"
}

# say TOPIC PAYLOAD [TOPIC PAYLOAD ...]: in this order, and behind them a reading of another monitor: it is stored, so all are.
say() {
    marks=$((marks + 1))
    while [[ $# -gt 0 ]]; do
        message "$1" "$2"
        shift 2
    done >"$servers/lines"
    message plants/sim/SIM/SIM000002 "$(json "$marks" 1)" >>"$servers/lines"
    publish "$servers/lines"
    expect_true "published" process_wait publish 20
    wait_until 30 is_marked || { show_log abated; psql_value "select reason from abate.rejected_message"; servers_fail "not stored"; }
}

is_marked() {
    [[ $(psql_value "select count(*) from abate.latest_reading where monitor_code = 'SIM000002'
        and at = '2021-03-01 12:00Z'::timestamptz + interval '$marks min'") == 1 ]]
}

kept() { # MINUTE
    psql_value "select value from abate.reading where monitor_code = 'SIM000001' and at = '2021-03-01 12:00Z'::timestamptz + interval '$1 min'"
}

revisions() {
    psql_value "select string_agg(value || '/' || kept_value || case when reissue_position is null then '' else '!' end, ' ' order by position, value)
        from abate.revision"
}

breach() {
    psql_value "select worst, count, closed is null, coalesce(withdrawn_why, '-') from abate.breach"
}

readonly JSON=plants/sim/SIM/SIM000001 FRAMES=frames/sim/SIM/SIM000001
marks=0

servers_begin_all
abate_conf "$servers/abated.conf"
echo 'feed "frames" { topic = "frames/{region}/{plant}/{monitor}" form = hj212 past = 50y }' >>"$servers/abated.conf"
simulate_register 2 3
limit_set 100
abated_start

story "a breach of two readings, and its end"
say "$JSON" "$(json 1 140)" "$JSON" "$(json 2 120)" "$JSON" "$(json 3 20)"
expect "it stands" "$(breach)" "140|2|f|-"
psql_value "delete from abate.touched_hour"

story "what merely differs waits for a person"
say "$JSON" "$(json 1 130)" "$FRAMES" "$(frame 1 135)"
expect "the first one counts" "$(kept 1)" 140
expect "the others stand beside it" "$(revisions)" "130/140 135/140"

story "a reissue takes effect: in JSON, and by RF=1 in a frame"
say "$JSON" "$(json 1 110 '"reissue":true,')"
expect "it counts" "$(kept 1)" 110
expect "so does the breach" "$(breach)" "120|2|f|-"
expect_true "its hour is to be judged again" test "$(rows_of touched_hour "feed_id = (select feed_id from abate.feed join abate.monitor using (monitor_id)
    where monitor_code = 'SIM000001' and period = 'minute')")" -ge 1
say "$FRAMES" "$(frame 2 90 'RF=1;')"
expect "that of the frame, too" "$(kept 2)" 90
expect "the breach is one reading less" "$(breach)" "110|1|f|-"
say "$FRAMES" "$(frame 1 95 'RF=1;')"
expect "nothing is past the limit any more" "$(breach)" "110|1|f|a corrected reading says otherwise"

story "said again, nothing changes"
before="$(revisions)"
changes=$(rows_of change "table_name = 'sample'")
say "$FRAMES" "$(frame 1 95 'RF=1;')" "$JSON" "$(json 1 140)" "$FRAMES" "$(frame 2 120)"
expect "what counts" "$(kept 1) $(kept 2)" "95 90"
expect "what stands beside it" "$(revisions)" "$before"
expect "changes on record" "$(rows_of change "table_name = 'sample'")" "$changes"
expect "each says whose it is" "$(psql_value "select string_agg(distinct changed_by, ' ') || ' ' || count(*) from abate.change where table_name = 'sample'")" \
    "plant SIM, by reissue 3"

story "the evidence has the messages as they came, those that were corrected and those that correct"
"$(program abatectl)" -c "$servers/abated.conf" evidence "$(psql_value "select breach_id from abate.breach")" >"$servers/evidence" 2>&1 || true
for said in "$(json 1 140)" "$(json 2 120)" "$(json 1 110 '"reissue":true,')" "$(frame 2 90 'RF=1;' | tr -d '\r')" "$(frame 1 95 'RF=1;' | tr -d '\r')"; do
    expect_true "the bytes of ${said:0:70}..." grep -qF -e "$said" "$servers/evidence"
done
expect "readings that are not as their message says" "$(grep -c DIFFERS "$servers/evidence" || true)" 0

story "the journal read once more into an older database comes to the same"
state() {
    psql_value "select md5(string_agg(s::text, ' ' order by feed_id, at)), (select string_agg(withdrawn_why, ', ') from abate.breach) from abate.sample s"
    revisions
}
before=$(state)
abated_stop
psql_value "set client_min_messages = warning; truncate abate.sample, abate.revision, abate.breach, abate.watch_state cascade; update abate.journal_position set position = 0"
abated_start
expect_true "stored again" wait_until 30 eval '[[ $(kept 3) == 20 && $(kept 1) == 95 && $(kept 2) == 90 ]]'
expect "the same" "$(state)" "$before"
abated_stop
expect "exit status" "$ended" 0
story_end
