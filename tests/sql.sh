#!/usr/bin/env bash
# The SQL stories (tests/sql) against a private PostgreSQL.
#
#     sql.sh [FILE.sql ...]       no file: all of them, and the queries
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/servers.sh"

servers_begin
# No story is about these; plan_load.sql checks a hundred folders in one transaction, which keeps the locks of all their tables.
postgres_start postgres fsync=off full_page_writes=off jit=off max_locks_per_transaction=128
unset PGDATABASE
PATH=$postgres_bin:$PATH "$here/sql/run.sh" "$@"
