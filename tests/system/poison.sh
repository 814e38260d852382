#!/usr/bin/env bash
# Messages that PostgreSQL alone refuses: they become rejects with the server's words, and the rest of their batch is
# stored.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=3000
readonly TOPIC=plants/sim/SIM/SIM000001

test_rejects() { # COUNT
    [[ $(rows_of rejected_message) == "$1" ]]
}

payload() { # TIME VALUE
    printf '{"monitor":"SIM000001","time":"%s","period":"minute","readings":{"a34013":%s,"a21026":1.5}}' "$1" "$2"
}

servers_begin_all
simulate_register 20 10
psql_value "alter table abate.sample add constraint no_poison check (value[1] is distinct from 666)"

story "two poisonous messages in one batch of $MESSAGES good ones"
# All in the journal before PostgreSQL is there: so they come in one batch.
postgres_stop fast
abated_start
simulate --monitors 20 --messages $((MESSAGES / 2))
expect_true "published" process_wait simulate 60
{
    message "$TOPIC" "$(payload 2019-06-01T00:00:00Z 666)"
    message "$TOPIC" "$(payload 2019-06-01T00:01:00Z 5)"
    message "$TOPIC" "$(payload 2019-06-01T00:02:00Z 666)"
} >"$servers/poison"
publish "$servers/poison"
expect_true "published" process_wait publish 60
simulate --monitors 20 --messages "$MESSAGES"
expect_true "published" process_wait simulate 60
postgres_start
expect_true "all good ones are stored" wait_until 60 stored_is $((MESSAGES + 1))
expect_true "rejected" wait_until 30 test_rejects 2
expect "in the server's words" "$(rows_of rejected_message "reason like '%no_poison%'")" 2
expect "with their bytes" "$(rows_of rejected_message "convert_from(payload, 'UTF8') like '%666%'")" 2
expect "revisions" "$(rows_of revision)" 0
psql_value "select '    ' || reason from abate.rejected_message limit 1"

story "one that comes late, into an instant that is stored already"
{
    message "$TOPIC" "$(payload 2019-06-01T00:00:30Z 666)"
    message "$TOPIC" "$(payload 2019-06-01T00:01:30Z 7)"
} >"$servers/poison"
publish "$servers/poison"
expect_true "published" process_wait publish 60
expect_true "the good one is stored" wait_until 30 stored_is $((MESSAGES + 2))
expect_true "the bad one is rejected" wait_until 30 test_rejects 3

story "the fault mended, the same message is taken"
psql_value "alter table abate.sample drop constraint no_poison"
publish "$servers/poison"
expect_true "published" process_wait publish 60
expect_true "stored" wait_until 30 stored_is $((MESSAGES + 3))

story "in a batch larger than a socket takes at once"
# A trigger makes the server slow, so that the answer comes while most is still to be sent.
psql_value "create function abate.refuse() returns trigger language plpgsql as
                'begin if new.value[1] = 666 then raise check_violation using message = ''no_poison''; end if; return new; end'"
psql_value "create trigger refuse before insert on abate.sample for each row execute function abate.refuse()"
stored=$(stored_count)
rejected=$(rows_of rejected_message)
postgres_stop fast
message "$TOPIC" "$(payload 2026-06-01T00:00:00Z 666)" >"$servers/poison" # newest of all: straight into the table
simulate --monitors 20 --messages $((MESSAGES + 7500))
expect_true "published" process_wait simulate 60
publish "$servers/poison"
expect_true "published" process_wait publish 60
simulate --monitors 20 --messages $((MESSAGES + 15000))
expect_true "published" process_wait simulate 60
postgres_start
expect_true "all good ones are stored" wait_until 60 stored_is $((stored + 15000))
expect_true "the bad one is rejected" wait_until 30 test_rejects $((rejected + 1))
abated_stop
expect "exit status" "$ended" 0

story "a partition dropped by hand is made anew, nothing is refused"
abated_start
wait_until 20 log_has abated "writer: ready"
psql_value "drop table abate.sample_2018_07" 2>/dev/null || true
message "$TOPIC" "$(payload 2018-07-01T00:00:00Z 1)" >"$servers/poison"
publish "$servers/poison"
process_wait publish 60
expect_true "stored" wait_until 30 stored_is $((stored + 15001))
psql_value "drop table abate.sample_2018_07"
message "$TOPIC" "$(payload 2018-07-01T00:01:00Z 1)" >"$servers/poison"
publish "$servers/poison"
process_wait publish 60
expect_true "stored again" wait_until 30 stored_is $((stored + 15001))
expect "rejects" "$(rows_of rejected_message)" $((rejected + 1))
abated_stop
expect "exit status" "$ended" 0
story_end
