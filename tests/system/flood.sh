#!/usr/bin/env bash
# One plant floods, with rubbish and then with good messages: the others do not wait for it without bound.
#
#     FLOOD=N flood.sh      N bad messages (40000), and twice as many good ones
#
# Counted, not timed: when a probe of another plant is published, the position is noted up to which all is stored; the
# probe's own position says how much was stored before it. In messages of the flood, and in transactions of 10000.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

FLOOD=${FLOOD:-40000}
readonly BATCH=10000
# One in a transaction, one on its way. What waits longer waits for the flood's end.
readonly WAIT_MOST=$((2 * BATCH))

position() {
    psql_value "select position from abate.journal_position"
}

# probes MONITOR: one after the other while process `flood` runs; how many, in `probed`.
probes() {
    local monitor=$1 at
    probed=0
    mkfifo "$servers/$monitor"
    process_start "$monitor" "" sh -c "exec mosquitto_pub -h 127.0.0.1 -p $broker_port -q 1 -l -t plants/x/B/$monitor <$servers/$monitor"
    exec 7>"$servers/$monitor"
    while is_alive "$flood" && [[ $probed -lt 1000 ]]; do
        at=$(position)
        printf '{"monitor":"%s","time":"%s","period":"minute","readings":{"a21026":%d}}\n' "$monitor" \
            "$(date -u -d "2020-01-01 00:00Z + $probed minutes" +%Y-%m-%dT%H:%M:%SZ)" "$probed" >&7
        echo "$monitor $probed $at" >>"$servers/noted"
        probed=$((probed + 1))
        sleep 0.02
    done
    exec 7>&-
    process_wait "$monitor" 60
}

probes_are() { # MONITOR COUNT
    [[ $(psql_value "select count(*) from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id)
                      where monitor_code = '$1'") == "$2" ]]
}

# waits MONITOR BYTES: median, 95th and most of what the probes waited for, in messages of so many bytes.
waits() {
    psql_value "create temporary table noted (monitor text, n float8, at bigint);
                copy noted from '$servers/noted' (delimiter ' ');
                select concat_ws(' ', percentile_disc(0.5) within group (order by w), percentile_disc(0.95) within group (order by w), max(w))
                  from (select greatest(s.position - n.at, 0) / $2 as w
                          from noted n join abate.monitor m on m.monitor_code = n.monitor join abate.feed f using (monitor_id)
                          join abate.sample s on s.feed_id = f.feed_id and s.value[1] = n.n
                         where n.monitor = '$1') w" | tail -n 1
}

flood_over() { # MONITOR BEFORE
    local bytes median often most
    expect_true "the flood is published" process_wait "$flood" 120
    expect_true "$probed probes meanwhile" test "$probed" -ge 20
    expect_true "and all are stored" wait_until 120 probes_are "$1" "$probed"
    expect_true "so is the flood" wait_until 120 flood_is_there
    bytes=$((($(position) - $2) / FLOOD))
    chmod 644 "$servers/noted"
    read -r median often most <<<"$(waits "$1" "$bytes")"
    echo "    before a probe were stored, in messages of $bytes bytes: median $median, 95 % $often, most $most ($(((most + BATCH - 1) / BATCH)) transactions)"
    expect_true "no more than $WAIT_MOST, of $FLOOD" test "$most" -le "$WAIT_MOST"
}

servers_begin_all
simulate_register 20 4
psql_file - <<'END'
insert into abate.region (region_code) values ('x');
insert into abate.plant (plant_code, region_code) values ('B', 'x');
insert into abate.monitor (monitor_code, plant_id, medium) select m, plant_id, 'air' from unnest(array['B1', 'B2']) m, abate.plant where plant_code = 'B';
insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from abate.monitor where monitor_code in ('B1', 'B2');
insert into abate.series (feed_id, parameter_code, unit) select feed_id, 'a21026', 'mg/m3' from abate.feed join abate.monitor using (monitor_id) where monitor_code in ('B1', 'B2');
END
conf_set "$servers/abated.conf" database "batch_messages=$BATCH"
conf_set "$servers/abated.conf" database batch_bytes=2M # so buffers soon are as large as they will be
conf_set "$servers/abated.conf" judge interval=5s # rejects are trimmed behind it
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"

story "a plant sends $FLOOD different bad messages"
"$(program malformed)" --region sim --plant SIM --monitor SIM000001 --period minute "$FLOOD" 7 >"$servers/flood"
flood_is_there() {
    [[ $(psql_value "select coalesce(sum(messages), 0) from abate.reject_day") == "$FLOOD" ]]
}
before=$(position)
flood=publish
publish "$servers/flood"
probes B1
flood_over B1 "$before"
lines=$(wc -l <"$servers/abated.log")
expect_true "the log has few lines: $lines" test "$lines" -lt 40
rows=$(rows_of rejected_message)
expect_true "and the database few rows: $rows" test "$rows" -le 2000

FLOOD=$((FLOOD * 2))
story "a plant sends $FLOOD good messages"
flood_is_there() {
    stored_is $((FLOOD + $(wc -l <"$servers/noted")))
}
before=$(position)
flood=simulate
simulate --monitors 20 --readings 4 --messages "$FLOOD" --rate 8000 # long enough for the probes, where machines are slow, too
probes B2
flood_over B2 "$before"
expect "rejects of others than the flood" "$(rows_of rejected_message "topic like 'plants/x/%'")" 0

story "a monitor sends 1000000 parameters nobody has heard of"
rejects() {
    psql_value "select coalesce(sum(messages), 0) from abate.reject_day"
}
# names FIRST: 600 messages of 1000 new names each, from FIRST on; until they are there.
names() {
    local wanted=$(($(rejects) + 600))
    awk -v first="$1" 'BEGIN {
             for (i = 0; i < 600; i++) {
                 printf "{\"monitor\":\"SIM000002\",\"time\":\"2020-01-01T00:00:00Z\",\"period\":\"minute\",\"readings\":{"
                 for (j = 0; j < 1000; j++)
                     printf "%s\"x_new_%d\":1", j ? "," : "", first + i * 1000 + j
                 print "}}"
             }
         }' | mosquitto_pub -h 127.0.0.1 -p "$broker_port" -q 1 -l -t plants/sim/SIM/SIM000002
    expect_true "each message is a reject" wait_until 60 eval "[[ \$(rejects) == $wanted ]]"
}
series=$(rows_of series)
rows=$(rows_of rejected_message)
names 0 # so that a batch has been as large as it may be
resident=$(rss_kib abated)
names 1000000
names 2000000
expect "series, as before" "$(rows_of series)" "$series"
expect "rows of rejects, as before: the plant's day is full" "$(rows_of rejected_message)" "$rows"
expect "they are counted by their kind" "$(psql_value "select sum(messages) >= 1800 from abate.reject_count where sender = 'SIM' and kind like '%unknown parameter%'")" t
echo "    resident, KiB: $resident before, $(rss_kib abated) after"
# 1.2 million names, were they kept, would be 48 MiB at the least; a batch may come to be larger than those before.
[[ -n $(nm "$(program abated)" 2>/dev/null | grep __asan_init) ]] ||
    expect_true "memory stays" test $(($(rss_kib abated) - resident)) -le 12288
lines=$(wc -l <"$servers/abated.log")
expect_true "the log has few lines: $lines" test "$lines" -lt 40

story "fewer rejects may be kept"
counted=$(rejects)
psql_value "update abate.threshold set value = 100 where threshold_code = 'reject_rows'"
is_trimmed() {
    [[ $(rows_of rejected_message) == 100 ]]
}
expect_true "what is more goes" wait_until 20 is_trimmed
expect "and is counted still" "$(rejects)" "$counted"
abated_stop
story_end
