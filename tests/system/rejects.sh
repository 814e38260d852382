#!/usr/bin/env bash
# What was rejected: listed, and read anew when the registry, a unit or the configuration was mended. Stored once, and the trail kept.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

rejects() { # $servers/ctl.out, $status
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" rejects "$@" >"$servers/ctl.out" 2>"$servers/ctl.err" </dev/null || status=$?
}

said() {
    grep -qF -e "$1" "$servers/ctl.out" "$servers/ctl.err"
}

lines() {
    wc -l <"$servers/ctl.out"
}

rejected_is() {
    [[ $(psql_value "select coalesce(sum(times), 0) from abate.rejected_message") == "$1" ]]
}

at() { # MINUTE READINGS
    printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute","readings":{%s}}' "$1" "$2"
}

# What is counted to another takes a number, too: so they are asked for.
nth() { # N: the number of the nth of them
    psql_value "select reject_id from abate.rejected_message order by reject_id offset $1 - 1 limit 1"
}

outcomes() {
    psql_value "select string_agg((select count(*) from abate.rejected_message r where r.reject_id <= t.reject_id) || ' ' || outcome, ', ' order by retry_id)
        from abate.reject_retry t"
}

servers_begin_all
cat >>"$servers/abated.conf" <<'END'
profile "now" { time = arrival period = minute readings = "/v/*" reading "z77777" { from = "NOx" unit = "mg/m3" } }
feed "now" { topic = "now/{plant}/{monitor}" profile = now }
END
abated_start
wait_until 30 log_has abated "connected, session"

story "rejected"
{
    for minute in 1 2 3 3 3; do
        message plants/sim/SIM/SIM000001 "$(at $minute '"a21002":20')"
    done
    message plants/sim/SIM/SIM000001 'no JSON'
    printf 'message\t%s\t%s\n' plants/sim/SIM/SIM000001 ff00fe
    message plants/sim/SIM/SIM000002 "$(at 9 '"a21002":20')"
} >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
expect_true "all of them" wait_until 30 rejected_is 8

story "listed"
rejects list
expect "six rows and the heads" "$status $(lines)" "0 7"
expect_true "folded" grep -qE '^ *3 +.* SIM000001 +3 +0 ' <(sed 's,plants/sim/SIM/,,' "$servers/ctl.out")
expect_true "the payload can be read" said 'no JSON'
expect_true "also where it is no text" said 'ff00fe'
rejects list --json --limit 3
expect "for machines, so many" "$(psql_value "select string_agg(concat_ws(' ', l::jsonb ->> 'reject', l::jsonb ->> 'times', coalesce(l::jsonb ->> 'payload_hex', left(l::jsonb ->> 'payload', 8))), ', ')
    from regexp_split_to_table(\$j\$$(cat "$servers/ctl.out")\$j\$, e'\\n') l where l <> ''")" "$(nth 6) 1 {\"time\":, $(nth 5) 1 ff00fe, $(nth 4) 1 no JSON"
rejects list --json --topic SIM000002
expect "by topic" "$(lines)" 1
rejects list --json --reason 'MONITOR "SIM'
expect "by reason" "$(lines)" 4
rejects list --json --feed telemetry --since 2020-01-01
expect "by feed, and since" "$(lines)" 6
rejects list --json --since 2100-01-01
expect "nothing since then" "$(lines)" 0
rejects list --feed none
expect "no such feed" "$status $(grep -c 'there is no feed "none"' "$servers/ctl.err")" "1 1"

story "read anew before anything was mended"
rejects retry
expect "which ones must be said" "$status" 2
rejects retry --topic SIM000002
expect_true "rejected again, and why" said "reject $(nth 6): rejected again: unknown monitor \"SIM000002\""
rejects retry 77
expect_true "no such one" said 'there is no rejected message 77 of instance "test"'

story "the monitor is registered: stored now"
simulate_register 1 3
rejects retry --reason 'monitor "' --json
expect "exit status" "$status" 0
expect "what came of each" "$(psql_value "select string_agg(concat_ws(' ', l::jsonb ->> 'reject', l::jsonb ->> 'outcome', l::jsonb ->> 'stored'), ', ')
    from regexp_split_to_table(\$j\$$(cat "$servers/ctl.out")\$j\$, e'\\n') l where l <> ''")" "$(nth 1) stored 1, $(nth 2) stored 1, $(nth 3) stored 1, $(nth 6) rejected 0"
expect "stored" "$(stored_count)" 3
expect "each with the position of its message" "$(psql_value "select count(*) from abate.sample s join abate.rejected_message r using (journal_id, position)")" 3
expect_true "its hours are judged, or to be" test $(($(rows_of touched_hour) + $(rows_of hourly))) -ge 1
rejects retry --all
expect_true "what is stored is not read again" said "3 messages read anew: 0 stored, 0 in part, 0 duplicate, 0 differs, 0 outdone, 3 rejected"
expect "once" "$(stored_count)" 3
rejects retry "$(nth 3)"
expect_true "but if it is asked for: all there" said "reject $(nth 3): duplicate: all of it was there"
rejects list --json
expect "what is stored is not listed" "$(lines)" 3
rejects list --json --all
expect "but kept" "$(lines)" 6
expect "the trail" "$(outcomes)" "6 rejected, 1 stored, 2 stored, 3 stored, 6 rejected, 4 rejected, 5 rejected, 6 rejected, 3 duplicate"
expect "with who" "$(psql_value "select distinct retried_by from abate.reject_retry")" abated

story "in part, and what differs"
message plants/sim/SIM/SIM000001 "$(at 20 '"a21002":20,"a34013":7,"z99999":1')" >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
expect_true "rejected in part" wait_until 30 rejected_is 9
psql_value "insert into abate.parameter_alias (alias, parameter_code, source) select 'z99999', parameter_code, 'test' from abate.series where parameter_code not in ('a21002', 'a34013') limit 1"
rejects retry --reason z99999
expect_true "the name is known now" said "reject $(nth 7): stored now"
expect "one row, filled" "$(stored_count) $(psql_value "select cardinality(array_remove(value, null)) from abate.sample where at = '2021-03-01 12:20Z'")" "4 3"
psql_value "update abate.sample set value = '{1,1,1}' where at = '2021-03-01 12:01Z'"
rejects retry "$(nth 1)"
expect_true "another value waits for a person" said "reject $(nth 1): differs from what is there"
expect "and changes nothing" "$(psql_value "select value from abate.sample where at = '2021-03-01 12:01Z'") $(rows_of revision)" "{1,1,1} 1"

story "the same several times, of which the time is the arrival"
for value in 20 20 21 20; do
    message now/SIM/SIM000001 '{"v":{"NOx":'$value'}}'
done >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
expect_true "rejected" wait_until 30 rejected_is 13
psql_value "insert into abate.parameter_alias (alias, parameter_code, source) values ('z77777', 'a21002', 'test')"
stored=$(stored_count)
rejects retry --topic now/
expect_true "the first of them is stored, the others cannot be" said "reject $(nth 8): stored in part, rejected again: it came 3 times, and its time is its arrival: the first is stored, the others are in the journal alone"
expect_true "what came once is" said "reject $(nth 9): stored now"
expect "so many" "$(($(stored_count) - stored)) $(psql_value "select count(*) from abate.sample join abate.rejected_message using (journal_id, position) where topic like 'now/%' and at = arrived")" "2 2"
rejects retry "$(nth 8)"
expect_true "asked for once more: the same" said "reject $(nth 8): stored in part"
expect "and nothing twice" "$(($(stored_count) - stored))" 2
rejects list --topic now/ --json
expect "it is not settled" "$(lines)" 1

# Somebody else does FIRST, and THEN once a retry waits for him, in one transaction.
meanwhile() { # FIRST THEN
    process_start meanwhile "" "$postgres_bin/psql" -XqAt -d abate -v ON_ERROR_STOP=1 -c "set deadlock_timeout = '1h'" -c begin -c "$1" \
        -c 'select pg_advisory_lock(77)' -c 'do $$ begin for i in 1..1200 loop perform pg_sleep(0.05);
            exit when exists (select from pg_stat_activity where application_name = '\''abatectl'\'' and wait_event_type = '\''Lock'\'');
            perform pg_stat_clear_snapshot(); end loop; end $$' -c "$2" -c commit
    wait_until 30 is_meanwhile
}
is_meanwhile() {
    [[ $(psql_value "select count(*) from pg_locks where locktype = 'advisory' and objid = 77 and granted") -eq 1 ]]
}

story "while others are at work"
{
    message plants/sim/SIM/SIM000001 "$(at 40 '"z88888":1')"
    message plants/sim/SIM/SIM000001 '{"time":"2021-02-01T12:00:00Z","period":"minute","readings":{"a21002":20,"z88888":1}}'
    message plants/sim/SIM/SIM000001 "$(at 41 '"z88888":1')"
} >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
expect_true "rejected" wait_until 30 rejected_is 16
psql_value "insert into abate.parameter_alias (alias, parameter_code, source) values ('z88888', 'a34013', 'test')"
psql_value "alter role abated set deadlock_timeout = '3s'"
trimmed=$(nth 10) let_go=$(nth 11) locked=$(nth 12)
meanwhile "lock table abate.touched_hour" "select from abate.rejected_message where reject_id = $locked for update"
rejects retry "$locked"
expect_true "a deadlock: tried again" process_wait meanwhile 30
expect_true "it was one" log_has postgres "deadlock detected"
expect "stored" "$status $(head -n 1 "$servers/ctl.out")" "0 reject $locked: stored now"
meanwhile "select from abate.rejected_message where reject_id = $let_go for update" "alter table abate.sample detach partition abate.sample_2021_02;
    drop table abate.sample_2021_02; insert into abate.change (table_name, operation, row_key, old) values ('sample', 'delete', 'sample_2021_02', '{}')"
rejects retry "$let_go"
expect_true "its month is let go" process_wait meanwhile 30
expect "rejected again" "$status $(head -n 1 "$servers/ctl.out")" \
    "0 reject $let_go: rejected again: PostgreSQL refuses it: its month was let go: 2021-02 (SQLSTATE 23514)"
meanwhile "delete from abate.rejected_message where reject_id = $trimmed" ""
rejects retry --reason z88888
expect_true "one is trimmed" process_wait meanwhile 30
expect "the others are read" "$status $(cat "$servers/ctl.out")" "0 reject $let_go: rejected again: PostgreSQL refuses it: its month was let go: 2021-02 (SQLSTATE 23514)
1 messages read anew: 0 stored, 0 in part, 0 duplicate, 0 differs, 0 outdone, 1 rejected"

story "a mended configuration: another form"
conf_set "$servers/abated.conf" feed form=hj212
rejects retry --topic SIM000002
expect_true "read by it" grep -qE "reject $(nth 6): rejected again: .*" "$servers/ctl.out"
expect "with another reason" "$(psql_value "select count(distinct reason) from abate.reject_retry where reject_id = $(nth 6)")" 2
abated_stop
expect "exit status" "$ended" 0
story_end
