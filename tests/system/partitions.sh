#!/usr/bin/env bash
# The months samples are kept in: listed, made ahead, and let go by whoever may; never what an open breach, an hour that is
# still to be judged, or the journal needs.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

partitions() { # what it says: $servers/ctl.out and .err; its exit status: $status
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" partitions "$@" >"$servers/ctl.out" 2>"$servers/ctl.err" </dev/null || status=$?
}

at_terminal() { # ANSWER ARGUMENT...: as partitions, at a terminal
    local answer=$1
    shift
    status=0
    printf '%s\n' "$answer" | script -qec "$(printf '%q ' "$(program abatectl)" -c "$servers/abated.conf" partitions "$@")" /dev/null \
        >"$servers/ctl.out" 2>&1 || status=$?
}

said() {
    grep -qF -e "$1" "$servers/ctl.out" "$servers/ctl.err"
}

json() { # JSONPATH of each line of ctl.out
    psql_value "select string_agg(jsonb_path_query_array(line::jsonb, '$1')::text, ' ') from regexp_split_to_table(\$json\$$(cat "$servers/ctl.out")\$json\$, E'\\n') line where line <> ''"
}

store() { # FROM COUNT HOURS: hourly values of one monitor
    local n at
    for ((n = 0; n < $2; n++)); do
        at=$(date -u -d "$1 + $((n * $3)) hours" +%Y-%m-%dT%H:%M:%SZ)
        message plants/sim/SIM/SIM000001 "{\"time\":\"$at\",\"period\":\"minute\",\"readings\":{\"a21002\":20}}"
    done >"$servers/lines"
    publish "$servers/lines"
    process_wait publish 30
}

servers_begin_all
simulate_register 1 3
owner="host=$PGHOST dbname=abate user=keeper"
psql_value "create role keeper login in role abate_owner"
conf_set "$servers/abated.conf" judge interval=1s
abated_start
wait_until 30 log_has abated "writer: ready"

story "listed, and how far they reach"
partitions
expect "exit status" "$status" 0
expect_true "months ahead, as the daemon makes them" said "abate.sample reaches 2 months past this one (UTC)"
partitions ahead --conninfo "$owner" 4
expect "two more" "$(grep -c '^made abate.sample_' "$servers/ctl.out")" 2
partitions ahead --conninfo "$owner" 4
expect_true "once" said "all of them were there"
partitions list --json
expect "for machines" "$(json '$.state' | tr ' ' '\n' | sort -u)" '["attached"]'
expect_true "of each a line" test "$(wc -l <"$servers/ctl.out")" -ge 5

story "old months"
store 2019-01-31T20:00:00Z 12 1
store 2019-03-05T00:00:00Z 5 24
message plants/sim/SIM/SIM000002 '{"time":"2019-02-03T04:00:00Z","period":"minute","readings":{"a21002":20}}' >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
rejected_is() {
    [[ $(rows_of rejected_message) -eq $1 ]]
}
expect_true "and one of a monitor nobody knows" wait_until 30 rejected_is 1
expect_true "stored" wait_until 30 stored_is 17
judged() {
    [[ $(rows_of touched_hour) -eq 0 && $(rows_of touched_day) -eq 0 ]]
}
expect_true "judged" wait_until 60 judged

story "refused: no terminal, no rights, no month"
partitions drop --conninfo "$owner" 2019-03
expect "exit status" "$status" 1
expect_true "what would go, exactly" said "to be dropped: 2 partitions of abate.sample, 12 rows from 2019-01-31 20:00:00Z to 2019-02-01 07:00:00Z"
expect_true "and why it does not" said "nothing was dropped: there is no terminal to ask at; hint: --yes"
partitions drop --yes 2019-03
expect "the daemon's role may not" "$status $(grep -c 'role "abated" may not let samples go' "$servers/ctl.err")" "1 1"
partitions drop --yes --conninfo "$owner" 2019-13
expect "no month" "$status $(grep -c '"2019-13" is no month: write YYYY-MM' "$servers/ctl.err")" "1 1"
partitions drop --yes --conninfo "$owner" "$(date -u +%Y-%m)"
expect "not the last month" "$status $(grep -c 'the last month, the month that is now, and those after it, are not to be let go' "$servers/ctl.err")" "1 1"
at_terminal "yes" drop --conninfo "$owner" 2019-03
expect "another answer than the month" "$status $(grep -c 'nothing was dropped: the answer was "yes"' "$servers/ctl.out")" "1 1"
expect "all is there" "$(stored_count)" 17

story "refused: what is needed"
breach=$(psql_value "insert into abate.breach (series_id, monitor_id, plant_id, rule, severity, opened, last_at, count, limit_id, bound, worst, worst_at)
    select series_id, monitor_id, plant_id, 'early', 'warning', '2019-02-01 03:00Z', '2019-02-01 07:00Z', 5, null, 10, 20, '2019-02-01 03:00Z'
      from abate.series join abate.feed using (feed_id) join abate.monitor using (monitor_id)
     where parameter_code = 'a21002' and period = 'minute' returning breach_id")
partitions drop --yes --conninfo "$owner" 2019-03
expect "exit status" "$status" 1
expect_true "an open breach" said "breach $breach (early, plant SIM, monitor SIM000001) is open since 2019-02-01 03:00:00Z and rests on samples from 2019-02-01 03:00:00Z on"
partitions detach --yes --conninfo "$owner" 2019-02
expect "the month before it may go" "$status $(grep -c '^detached' "$servers/ctl.out")" "0 1"
psql_value "update abate.breach set closed = last_at where breach_id = $breach"
psql_value "insert into abate.touched_hour (feed_id, hour) values (1, '2019-02-01 03:00Z')"
abated_kill
partitions drop --yes --conninfo "$owner" 2019-03
expect_true "an hour to be judged" said "1 hours of feeds or days of monitors, from 2019-02-01 03:00Z on, are still to be judged"
psql_value "delete from abate.touched_hour; delete from abate.touched_day"
psql_value "update abate.journal_position set position = position - 48"
partitions drop --yes --conninfo "$owner" 2019-03
expect "a journal that is not all stored" "$status $(grep -c 'the others may be of those months; hint: let abated store them first' "$servers/ctl.err")" "1 1"
psql_value "update abate.journal_position set position = position + 48"
mv "$servers/journal" "$servers/journal.away"
partitions drop --yes --conninfo "$owner" 2019-03
expect "a journal that cannot be read" "$status $(grep -c 'cannot be read, and may hold messages that are not stored yet' "$servers/ctl.err")" "1 1"
mv "$servers/journal.away" "$servers/journal"
expect "nothing has gone but what was detached" "$(stored_count) $(rows_of detached_sample_2019_01)" "13 4"

story "dropped, with what was detached before; said, and on record"
partitions list
expect_true "detached" said "abate.detached_sample_2019_01"
at_terminal 2019-03 drop --conninfo "$owner" 2019-03
expect "exit status" "$status" 0
expect_true "warned of a breach that is over" said "1 breaches that are over began before; their evidence cannot be shown"
expect_true "what went" said "dropped: 2 partitions of abate.sample, 12 rows from 2019-01-31 20:00:00Z to 2019-02-01 07:00:00Z"
expect "the rest is there" "$(stored_count)" 5
expect "on record" "$(psql_value "select string_agg(row_key || ' ' || (old ->> 'rows') || ' ' || coalesce(new ->> 'detached', 'dropped') || ' ' || changed_by, ', ' order by change_id)
    from abate.change where table_name = 'sample'")" \
    "sample_2019_01 4 detached_sample_2019_01 keeper, detached_sample_2019_01 4 dropped keeper, sample_2019_02 8 dropped keeper"

story "what was rejected then is not stored alone in its month made again"
simulate_register 2 3
status=0
"$(program abatectl)" -c "$servers/abated.conf" rejects retry --all >"$servers/ctl.out" 2>"$servers/ctl.err" </dev/null || status=$?
expect_true "refused, and why" said "reject 1: rejected again: PostgreSQL refuses it: its month was let go: 2019-02"
expect "no month" "$(psql_value "select count(*) from abate.partition where partition::text like '%sample_2019_02'") $(stored_count)" "0 5"

story "the daemon goes on, and a message that comes late finds its month made again"
abated_start
wait_until 30 log_has abated "writer: ready"
partitions drop --yes --json --conninfo "$owner" 2019-04
expect "for machines" "$status $(json '$.rows') $(json '$.partitions[*].partition')" '0 [5] ["sample_2019_03"]'
store 2019-03-05T00:00:00Z 1 1
expect_true "stored" wait_until 30 stored_is 1
abated_stop
expect "exit status" "$ended" 0
story_end
