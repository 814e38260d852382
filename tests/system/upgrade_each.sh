#!/usr/bin/env bash
# From every version of the schema, with rows in it, to this one: no row is lost, what was to be judged is, and the schema is that
# of a new database.
#
#     upgrade_each.sh [NNNN ...]     these versions alone
#
# tests/upgrade/NNNN.sql puts rows into what migration NNNN brings, and makes those functions and views of then that have other
# arguments or columns now. One database goes from version to version; of each there is a copy that is migrated.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/servers.sh
. "$here/servers.sh"

session() { # DATABASE ARGUMENT...
    "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$@"
}

# step FILE: a migration as the migrator applies it, and the rows of then.
step() {
    local name rows
    name=$(basename "$1" .sql)
    rows=$here/upgrade/${name%%_*}.sql
    session chain -1 -f "$1" -c "insert into abate.schema_migration (number, name, sha256) values
        (${name%%_*}, '${name#*_}', '$(sha256sum "$1" | cut -d ' ' -f 1)')" >/dev/null
    [[ ! -f $rows ]] || session chain -1 -f "$rows" >/dev/null
}

migrated() { # DATABASE
    "$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=$1 user=postgres" >"$servers/migrate.log" 2>&1 ||
        { show_log migrate; false; }
}

# Each table as it is: what is in it, and in which columns.
keep() { # DATABASE
    session "$1" <<'SQL'
create schema kept;
select format('create table kept.%1$I as table abate.%1$I', relname)
  from pg_class where relnamespace = 'abate'::regnamespace and relkind in ('r', 'p') and not relispartition
\gexec
SQL
}

# What of it is there no more as it was. Of what comes with the schema, a later version may say otherwise: routes, inhibitions, the
# words of messages.
lost() { # DATABASE
    session "$1" <<'SQL'
select format('select %L || l::text from (select %s from kept.%I %s except select %2$s from abate.%3$I) l',
              table_name || ': ', string_agg(quote_ident(column_name), ', ' order by ordinal_position), table_name,
              case when table_name in ('inhibition', 'route') then 'where source = ''the bureau''' end)
  from information_schema.columns
 where table_schema = 'kept' and not (table_name = 'message_template' and column_name in ('subject', 'body'))
 group by table_name
\gexec
SQL
}

# Without the months, and what is another with each dump.
schema_of() { # DATABASE
    "$postgres_bin/pg_dump" --schema-only -n abate -T 'abate.sample_2*' -T 'abate.hourly_2*' -d "$1" | grep -vE '^(--|\\(un)?restrict |$)'
}

judged() { # DATABASE
    session "$1" -c "begin; select abate.judge('2021-03-05'); select abate.prepare_alerts('2021-03-05');
                     select (select count(*) from abate.touched_hour) || ' hours left'; commit" | tail -n 1
}

servers_begin
postgres_start postgres fsync=off full_page_writes=off jit=off # no story is about these
export PGOPTIONS="-c client_min_messages=warning"
broker_port=1 abate_conf
psql_value "create database fresh template template0 encoding UTF8" postgres
psql_value "create database chain template template0 encoding UTF8" postgres
copying= # as files, where that can be chosen
[[ $(psql_value "show server_version_num" postgres) -lt 150000 ]] || copying="strategy file_copy"
migrated fresh || servers_fail "a new database cannot be migrated"
schema_of fresh >"$servers/fresh.sql"

for file in "$here"/../sql/migrations/*.sql; do
    version=$(basename "$file" .sql)
    step "$file"
    [[ $# -eq 0 || " $* " == *" ${version%%_*} "* ]] || continue
    story "from $version"
    psql_value "create database before template chain $copying" postgres
    keep before
    expect_true "migrated" migrated before
    expect "rows lost" "$(lost before)" ""
    expect "another schema than that of a new database" "$(diff <(schema_of before) "$servers/fresh.sql" | head -n 20)" ""
    expect "judged" "$(judged before)" "0 hours left"
    psql_value "drop database before" postgres
done
story_end
