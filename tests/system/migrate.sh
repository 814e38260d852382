#!/usr/bin/env bash
# abated on a database whose schema is none, older, or newer: it takes messages, keeps them in the journal, says why, and stores
# each once when the schema is there. And abatectl migrate says what it does.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
migrations=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../sql/migrations" && pwd)
newest=$(find "$migrations" -name '*.sql' | sort | tail -n 1)
newest=$(basename "$newest" .sql)
want=$((10#${newest%%_*}))

migrate() {
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=abate user=postgres" "$@" \
        >"$servers/ctl.out" 2>"$servers/ctl.err" || status=$?
}

schema_to() { # NUMBER: all migrations up to it, as they were applied in their time; no functions
    local file name
    for file in "$migrations"/*.sql; do
        name=$(basename "$file" .sql)
        [[ $((10#${name%%_*})) -le $1 ]] || break
        { cat "$file"; printf "insert into abate.schema_migration (number, name, sha256) values (%s, '%s', '%s');\n" \
            "$((10#${name%%_*}))" "$name" "$(sha256sum "$file" | cut -d ' ' -f 1)"; } >"$servers/step.sql"
        "$postgres_bin/psql" -Xq1 -v ON_ERROR_STOP=1 -d abate -f "$servers/step.sql" >/dev/null
    done
}

send() { # FROM TO: minutes
    local n
    for ((n = $1; n <= $2; n++)); do
        message plants/sim/SIM/SIM000001 "$(printf '{"time":"2021-03-01T12:%02d:00Z","period":"minute","readings":{"a21002":20}}' "$n")"
    done >"$servers/lines"
    publish "$servers/lines"
    process_wait publish 30
}

health_says() { # WORDS
    curl -sS -m 5 "http://127.0.0.1:$port/health" >"$servers/answer" 2>&1 || true
    grep -qF -e "$1" "$servers/answer"
}

taken() { # COUNT: acknowledged to the broker, so on disk
    curl -sS -m 5 "http://127.0.0.1:$port/metrics" 2>/dev/null | awk -v want="$1" '/^abate_broker_messages_total/ { n += $NF } END { exit n != want }'
}

servers_begin
postgres_start
mosquitto_start
abate_conf
port=$((20000 + RANDOM % 20000))
conf_set "$servers/abated.conf" http "listen=127.0.0.1:$port"
psql_value "create database abate" postgres
psql_value "create role abated login" postgres

story "no schema yet"
abated_start
wait_until 30 log_has abated "connected, session"
expect_true "said in the log, with what to do" wait_until 20 log_has abated "schema is at 0, this program wants $want; hint: run abatectl migrate"
send 1 5
expect_true "messages are taken" wait_until 20 taken 5
expect_true "and health says why they are not stored" health_says "{\"about\":\"database\",\"reason\":\"schema: schema is at 0, this program wants $want; hint: run abatectl migrate\"}"
expect_true "degraded, not down" health_says '"status":"degraded"'
migrate --dry-run
expect "a dry run" "$status $(grep -c '^  0' "$servers/ctl.out") $(head -n 1 "$servers/ctl.out")" "0 $(find "$migrations" -name '*.sql' | wc -l) there is no schema yet; this version wants $want"
expect "makes nothing" "$(psql_value "select count(*) from pg_namespace where nspname = 'abate'")" 0

story "an older schema"
schema_to 20
psql_value "grant abate_writer to abated"
simulate_register 1 3
expect_true "said anew, as it is another" wait_until 60 log_has abated "schema is at 20, this program wants $want; hint: run abatectl migrate"
send 6 9
expect_true "messages are taken" wait_until 20 taken 9
abated_kill
abated_start
expect_true "also after it was killed" wait_until 20 health_says "schema is at 20"
migrate --dry-run
expect "those that are missing, by number and name" "$status $(sed -n '1p; 2p' "$servers/ctl.out" | paste -sd '|') $(grep -cF "  $newest" "$servers/ctl.out")" \
    "0 schema 20; this version wants $want|  0021_delivery 1"
listed=$(sed -n "s/^  \(.*\)/'\1'/p" "$servers/ctl.out" | paste -sd , | sed 's/,/, /g')
migrate --dry-run --json
expect "the same for machines" "$status $(json_of "$servers/ctl.out" "len(lines), lines[0]")" \
    "0 (1, {'have': 20, 'want': $want, 'migrations': [$listed], 'functions': $(find "$migrations/../functions" -name '*.sql' | wc -l), 'dry': True})"

story "migrated while it waits"
script -qec "$(printf '%q ' "$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=abate user=postgres")" /dev/null \
    >"$servers/ctl.out" 2>&1 </dev/null || show_log ctl
expect_true "the list before" grep -qF "  0021_delivery" "$servers/ctl.out"
expect_true "each as it goes" grep -qE "^$newest \.\.\. [0-9.]+ s" "$servers/ctl.out"
expect_true "and the end" grep -qE "functions and views \.\.\. [0-9.]+ s" "$servers/ctl.out"
expect_true "all is stored, without a restart" wait_until 60 stored_is 9
expect_true "healthy" wait_until 20 health_says '"status":"ready"'
expect "once" "$(psql_value "select count(distinct position) || ' ' || count(*) from abate.sample")" "9 9"
migrate
[[ $status -eq 0 ]] || cat "$servers/ctl.err"
expect "nothing to do" "$status $(grep -c 'schema: 0 migrations applied' "$servers/ctl.err")" "0 1"

story "a newer schema"
abated_stop
psql_value "insert into abate.schema_migration (number, name, sha256) values ($((want + 1)), 'of tomorrow', 'x')"
abated_start
expect_true "said in the log, with what to do" wait_until 20 log_has abated "schema is at $((want + 1)), this program knows it up to $want; hint: it is older than the database: upgrade it"
send 10 12
expect_true "health says it" wait_until 20 health_says "this program knows it up to $want"
migrate
expect "an older abatectl leaves it alone" "$status $(grep -c "schema is at $((want + 1)), this program knows it up to $want" "$servers/ctl.err")" "1 1"
psql_value "delete from abate.schema_migration where number > $want; update abate.schema_migration set sha256 = reverse(sha256) where number = 21"
migrate --dry-run --json
expect "an object only when all is well" "$status $(cat "$servers/ctl.out") $(grep -c 'migration 0021_delivery is not what was applied' "$servers/ctl.err")" "1  1"
psql_value "update abate.schema_migration set sha256 = reverse(sha256) where number = 21"
migrate --json
expect "what is done, for machines" "$status $(json_of "$servers/ctl.out" "len(lines), lines[0]['have'], lines[0]['migrations'], lines[0]['dry']")" "0 (1, $want, [], False)"
expect_true "stored once it fits" wait_until 60 stored_is 12
abated_stop
expect "exit status" "$ended" 0
story_end
