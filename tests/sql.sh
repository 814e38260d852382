#!/usr/bin/env bash
# The SQL stories (tests/sql) against a private PostgreSQL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/servers.sh"

servers_begin
postgres_start postgres fsync=off full_page_writes=off jit=off # no story is about these
unset PGDATABASE
PATH=$postgres_bin:$PATH "$here/sql/run.sh"
