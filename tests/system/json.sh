#!/usr/bin/env bash
# What a machine reads of abatectl: each line is JSON, and says what the words for a person say.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

ctl() { # COMMAND...: $servers/ctl.out
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" "$@" >"$servers/ctl.out" 2>"$servers/ctl.err" </dev/null || status=$?
}

of() { # EXPRESSION
    json_of "$servers/ctl.out" "$1"
}

servers_begin_all
simulate_register 1 3
"$(program abatectl)" -c "$servers/abated.conf" plan load --conninfo "host=$PGHOST dbname=abate user=postgres" \
    "$(dirname "${BASH_SOURCE[0]}")/../plans/littletown-2021" >"$servers/plan.log" 2>&1 || show_log plan
limit_set 10
abated_start
for minute in 1 2 3; do
    message plants/sim/SIM/SIM000001 "{\"time\":\"2021-03-01T12:0$minute:00Z\",\"period\":\"minute\",\"readings\":{\"a21002\":20}}"
done >"$servers/lines"
publish "$servers/lines"
process_wait publish 30
expect_true "stored" wait_until 30 stored_is 3

story "status"
ctl status --json
expect "one object" "$status $(of "len(lines), lines[0]['instance'], lines[0]['at_work'], lines[0]['open_breaches'] > 0, lines[0]['newest_sample'], type(lines[0]['position']).__name__")" \
    "0 (1, 'test', True, True, '2021-03-01 12:03:00Z', 'int')"

story "check"
ctl check --json
expect "no faults, in lines" "$status $(of "sum(l['fault'] for l in lines), any('abated' in l['words'] or 'instance' in l['words'] for l in lines)")" "0 (0, True)"
psql_value "insert into abate.schema_migration (number, name, sha256) values (9999, 'of tomorrow', 'x')"
ctl check --json
expect "a fault" "$status $(of "[l['words'].split(' is ')[0] for l in lines if l['fault']]")" "1 ['database: schema 9999']"
psql_value "delete from abate.schema_migration where number = 9999"

story "plan show"
ctl plan show --json --at 2021-12-31
count=$(of 'len(lines)')
expect "a commitment a line" "$status $count $(of "sorted(lines[0])[:4]")" "0 $(psql_value "select count(*) from abate.plan_status('2021-12-31')") ['actual', 'commitment', 'day', 'deadline']"
ctl plan show --at 2021-12-31
expect_true "as the table has them" grep -q "^$count commitments:" "$servers/ctl.out"

story "judge"
ctl judge --json --from 2021-03-01 --to 2021-03-02
expect "one object" "$status $(of "type(lines[0]['hours']).__name__, lines[0]['breaches_withdrawn'], type(lines[0]['changed']).__name__")" "0 ('int', 0, 'list')"

story "alert list"
psql_value "select abate.prepare_alerts(now())" >/dev/null
ctl alert list --json
expect "an alert a line" "$status $(of "len(lines), [l['rule'] for l in lines if l['monitor'] == 'SIM000001']")" "0 ($(rows_of alert_list), ['early'])"

story "no escape goes where no terminal is"
ctl status
cat "$servers/ctl.out" "$servers/ctl.err" >"$servers/all"
for words in "partitions" "rejects list" "journal ls" "plan show" "migrate --dry-run"; do
    # shellcheck disable=SC2086
    ctl $words
    cat "$servers/ctl.out" "$servers/ctl.err" >>"$servers/all"
done
expect_true "none" eval "! grep -q $'\\033' '$servers/all'"
abated_stop
story_end
