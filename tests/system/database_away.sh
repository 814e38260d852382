#!/usr/bin/env bash
# PostgreSQL away and back: the journal grows, nothing is lost, nothing comes twice.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=30000

servers_begin_all
simulate_register 20 10

story "PostgreSQL cut off twice under load"
abated_start
simulate --monitors 20 --messages "$MESSAGES" --rate 4000 --duplicate 1
wait_until 30 stored_at_least 2000
postgres_stop immediate
sleep 2
postgres_start
before=$(stored_count)
wait_until 30 stored_at_least $((before + 2000))
postgres_kill
sleep 1
postgres_start
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is "$MESSAGES"
expect_true "abated is still the same process" is_alive abated
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
expect_true "the log says that it went" log_has abated "database"

story "its sessions ended in the middle of their work"
simulate --monitors 20 --messages $((MESSAGES + 5000)) --duplicate 1 --rate 8000 --seed 1
for _ in 1 2 3 4 5 6; do
    sleep 0.5
    psql_value "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'abated'" \
        >>"$servers/terminated"
done
expect_true "published, most of it a second time" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 5000))
expect_true "sessions were ended" test -s "$servers/terminated"
expect "revisions" "$(rows_of revision)" 0

story "started while PostgreSQL is away"
abated_stop
expect "exit status" "$ended" 0
postgres_stop fast
abated_start
simulate --monitors 20 --messages $((MESSAGES + 10000)) --duplicate 1 --seed 1
expect_true "published" process_wait simulate 60
expect_true "not stored yet, and alive" is_alive abated
postgres_start
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 10000))
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0

story "stopped while PostgreSQL is away"
simulate --monitors 20 --messages $((MESSAGES + 15000)) --duplicate 1 --seed 1
sleep 0.5
postgres_stop fast
expect_true "published" process_wait simulate 60
abated_stop
expect "exit status" "$ended" 0
postgres_start
abated_start
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 15000))
expect "revisions" "$(rows_of revision)" 0

story "a month begins behind the first rows of a batch"
postgres_stop fast
simulate --monitors 20 --messages 8000 --start 2020-05-31T22:00:00Z --seed 2
expect_true "published" process_wait simulate 60
postgres_start
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 23000))
expect "of them in June" "$(psql_value "select count(*) from abate.sample where at >= '2020-06-01 00:00Z'")" 5600
expect "none was refused for want of its month" "$(grep -c "no partition of relation" "$servers/postgres.log")" 0

story "a COPY fails at its begin, while its rows are still decoded"
psql_value "create sequence abate.fault;
    create function abate.fault() returns trigger language plpgsql security definer as
        'begin if nextval(''abate.fault'') <= 3 then raise ''made to fail''; end if; return null; end';
    create trigger fault before insert on abate.sample for each statement execute function abate.fault()"
postgres_stop fast
simulate --monitors 20 --messages 1200 --start 2020-06-10T00:00:00Z --seed 3
expect_true "published" process_wait simulate 60
postgres_start
expect_true "all are stored" wait_until 60 stored_is $((MESSAGES + 24200))
expect "it has failed" "$(grep -c "ERROR:  made to fail" "$servers/postgres.log")" 3
story_end
