#!/bin/sh
# Runs the SQL stories: makes a database from sql/migrations and sql/functions, then runs each *.sql of this folder in a
# copy of it.
#
#     PGHOST=... PGPORT=... PGUSER=... tests/sql/run.sh [FILE.sql ...]
#
# The server must be one to play with, PGUSER a superuser, and pgTAP installed. The output is TAP, a plan for each
# file. Exit status: 0 if every story came out ok and every plan was kept.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
sql=$here/../../sql
work=$(mktemp -d)
model=abate_model_$$
PGDATABASE=abate_story_$$
ABATE_SQL=$sql
ABATE_WORK=$work
PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"
export PGDATABASE ABATE_SQL ABATE_WORK PGOPTIONS

away() {
    for database in "$PGDATABASE" "$model"; do
        dropdb --if-exists --force "$database" >/dev/null 2>&1 || true
    done
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

optional() {
    session "$@" -f "$sql/optional/$ABATE_OPTIONAL.sql" >"$work/optional"
    cat "$sql"/functions/*.sql | session -1 "$@" -f -
    session "$@" -c 'drop table if exists abate.sample_before'
}

# Copied as files where that can be chosen: half of what it takes through the log.
fresh() {
    session -d postgres -c "drop database if exists $PGDATABASE with (force)" \
        -c "create database $PGDATABASE template $1 encoding 'UTF8' $strategy"
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
    fresh template0
    session -c "grant create on database $PGDATABASE to abate_plain_$$"
    status=0
    migrate -U "abate_plain_$$" >"$work/plain" 2>&1 || status=$?
    owners=$(session -c "select string_agg(distinct relowner::regrole::text, ' ')
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

# Every query can be asked by the writer, and those that load a folder by the owner: a COPY takes an empty binary file, a single statement can be prepared, a
# script can be run. What comes of them is told in query.sql.
queries() {
    fresh "$model"
    printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377' >"$work/empty"
    n=0
    for file in "$sql"/queries/*.sql; do
        n=$((n + 1))
        role=abate_writer
        prepare="select abate.prepare_session()"
        case $(basename "$file") in
            begin_folder.sql | prepare_folder.sql | copy_folder_cell.sql | check_folder.sql | take_folder.sql | \
                read_folder_change.sql | read_given_unit.sql)
                role=abate_owner
                prepare="begin; select abate.prepare_folder('plan')"
                ;;
        esac
        case $(basename "$file") in
            begin_folder.sql) statement="commit; $(cat "$file")" ;;
            copy_* | begin.sql | prepare_duty.sql | prepare_judge.sql | prepare_notifier.sql | prepare_session.sql) statement=$(cat "$file") ;;
            commit.sql | rollback.sql) statement="begin; $(cat "$file")" ;;
            *) statement="prepare asked as $(cat "$file")" ;;
        esac
        session -c "set role $role" -c "$prepare" -c "$statement" \
            <"$work/empty" >"$work/query" 2>&1 || printf 'not '
        echo "ok $n - $(basename "$file")"
        sed '/^$/d; s/^/# /' "$work/query"
    done >"$work/queries.tap"
    echo "1..$n" >>"$work/queries.tap"
    judge queries 0 <"$work/queries.tap"
}

# Functions and views are applied again after every migration.
again() {
    status=0
    cat "$sql"/functions/*.sql | session -1 -d "$model" -f - >"$work/again" 2>&1 || status=$?
    {
        echo 1..1
        [ "$status" -eq 0 ] || printf 'not '
        echo 'ok 1 - functions and views can be applied over themselves'
        sed 's/^/# /' "$work/again"
    } >"$work/again.tap"
    judge again 0 <"$work/again.tap"
}

strategy=
[ "$(session -d postgres -c 'show server_version_num')" -lt 150000 ] || strategy='strategy file_copy'
createdb --template template0 --encoding UTF8 "$model"
session -d "$model" -c 'create extension pgtap'
migrate -d "$model"
[ -z "${ABATE_OPTIONAL:-}" ] || optional -d "$model"

if [ $# -eq 0 ]; then
    again
    plain
    queries
    set -- "$here"/*.sql
fi
for file in "$@"; do
    fresh "$model"
    status=0
    session -f "$file" >"$work/out" 2>&1 || status=$?
    judge "$(basename "$file")" "$status" <"$work/out"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
