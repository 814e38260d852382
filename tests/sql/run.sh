#!/bin/sh
# Runs the SQL stories: a database of its own from sql/migrations and sql/functions, then each *.sql of this folder in it.
#
#     PGHOST=... PGPORT=... PGUSER=... tests/sql/run.sh [FILE.sql ...]
#
# The server must be one to play with, PGUSER a superuser, and pgTAP installed. The output is TAP, a plan for each
# file. Exit status: 0 if every story came out ok and every plan was kept.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
sql=$here/../../sql
work=$(mktemp -d)
PGDATABASE=abate_story_$$
ABATE_SQL=$sql
ABATE_WORK=$work
export PGDATABASE ABATE_SQL ABATE_WORK
PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"
export PGOPTIONS

away() {
    dropdb --if-exists --force "$PGDATABASE" >/dev/null 2>&1 || true
    dropdb --if-exists --force "${PGDATABASE}_plain" >/dev/null 2>&1 || true
    dropuser --if-exists "abate_plain_$$" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap away EXIT
trap 'exit 1' HUP INT TERM

session() {
    psql -qAtX -v ON_ERROR_STOP=1 -P pager=off "$@"
}

# As the migrator does: each migration with its row of schema_migration in one transaction, then all functions in one.
migrate() {
    for file in "$sql"/migrations/*.sql; do
        name=$(basename "$file" .sql)
        session -1 "$@" -f "$file" -c "insert into abate.schema_migration (number, name, sha256) values
            (${name%%_*}, '${name#*_}', '$(sha256sum "$file" | cut -d ' ' -f 1)')"
    done
    cat "$sql"/functions/*.sql | session -1 "$@" -f -
}

migrate_again() {
    cat "$sql"/functions/*.sql | session -1 -f -
}

passed=0
failed=0

# judge NAME STATUS < TAP: passes the lines on, and counts.
judge() {
    tap=$work/tap
    cat >"$tap"
    echo "# $1"
    cat "$tap"
    ok=$(grep -c '^ok ' "$tap" || true)
    bad=$(grep -c '^not ok ' "$tap" || true)
    plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$tap")
    if [ "$2" -ne 0 ]; then
        echo "# $1: psql ended with status $2"
        bad=$((bad + 1))
    elif [ -z "$plan" ]; then
        echo "# $1: no plan"
        bad=$((bad + 1))
    elif [ $((ok + bad)) -ne "$plan" ]; then
        echo "# $1: planned $plan, ran $((ok + bad))"
        bad=$((bad + 1))
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
}

# A migrator that is no superuser: it may create roles, and schemas in its database.
plain() {
    createuser --createrole --no-superuser "abate_plain_$$"
    createdb --template template0 --encoding UTF8 "${PGDATABASE}_plain"
    session -d "${PGDATABASE}_plain" -c "grant create on database ${PGDATABASE}_plain to abate_plain_$$"
    status=0
    migrate -d "${PGDATABASE}_plain" -U "abate_plain_$$" >"$work/plain" 2>&1 || status=$?
    owners=$(session -d "${PGDATABASE}_plain" -c "select string_agg(distinct relowner::regrole::text, ' ')
        from pg_class where relnamespace = 'abate'::regnamespace" 2>&1) || true
    {
        echo 1..2
        [ "$status" -eq 0 ] || printf 'not '
        echo 'ok 1 - a role with createrole, no superuser, can migrate'
        [ "$owners" = abate_owner ] || printf 'not '
        echo 'ok 2 - what it made belongs to abate_owner'
        sed 's/^/# /' "$work/plain"
    } >"$work/plain.tap"
    judge migrator 0 <"$work/plain.tap"
}

# The COPY queries take the columns they name: an empty binary file goes through each.
copies() {
    printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377' >"$work/empty"
    n=0
    for file in "$sql"/queries/copy_*.sql; do
        n=$((n + 1))
        session -c 'set role abate_writer' -c 'select abate.prepare_session()' -c "$(cat "$file")" \
            <"$work/empty" >"$work/copy" 2>&1 || printf 'not '
        echo "ok $n - $(basename "$file") as abate_writer"
        sed '/^$/d; s/^/# /' "$work/copy"
    done >"$work/copies.tap"
    echo "1..$n" >>"$work/copies.tap"
    judge copies 0 <"$work/copies.tap"
}

createdb --template template0 --encoding UTF8 "$PGDATABASE"
session -c 'create extension pgtap'
migrate
migrate_again

if [ $# -eq 0 ]; then
    plain
    copies
    set -- "$here"/*.sql
fi
for file in "$@"; do
    status=0
    session -f "$file" >"$work/out" 2>&1 || status=$?
    judge "$(basename "$file")" "$status" <"$work/out"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
