#!/usr/bin/env bash
# Two daemons where there may be one: the second is refused, and the first is not disturbed.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

says_refused() { # NAME WORDS
    log_has "$1" "$2"
}

servers_begin_all
simulate_register 20 10
abated_start
simulate --monitors 20 --messages 1000
expect_true "published" process_wait simulate 30
expect_true "stored" wait_until 30 stored_is 1000

story "the same journal"
abated_launch twin
expect_true "the second ends" wait_until 10 is_over twin
process_end twin TERM 1
expect "exit status" "$ended" 1
expect_true "and says why" grep -qi 'lock\|another' "$servers/twin.log"
sed 's/^/    /' "$servers/twin.log"

# No broker for these, so that they do not take the session over.
nowhere=$(free_port)
story "another journal, the same instance"
abate_conf "$servers/other.conf" journal="$servers/other.journal" broker_port="$nowhere"
abated_launch other "$servers/other.conf"
expect_true "is refused by the database" wait_until 20 says_refused other 'instance "test" has journal'
process_wait other 20 >/dev/null 2>&1 || true
expect "exit status" "$ended" 1
expect_true "nothing may go on in it" test -s "$servers/other.journal/condemned"

story "a copy of the journal"
cp -r "$servers/journal" "$servers/copy.journal"
abate_conf "$servers/copy.conf" journal="$servers/copy.journal" broker_port="$nowhere"
abated_start copy "$servers/copy.conf"
expect_true "is refused by the database" wait_until 20 says_refused copy 'another daemon of instance'
# The first one goes; the copy, with the older position in its hands, must find that the database is further.
simulate --monitors 20 --messages 2000
expect_true "published" process_wait simulate 30
expect_true "the first goes on" wait_until 30 stored_is 2000
abated_kill
expect_true "is told so" wait_until 40 log_has copy "before the stored position"
expect "the copy stores nothing" "$(stored_count)" 2000
abated_stop copy

story "the first one comes back"
abated_start
simulate --monitors 20 --messages 3000
expect_true "published" process_wait simulate 30
expect_true "stored" wait_until 40 stored_is 3000
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0

story "an instance of its own beside it takes the same feed into the same tables once"
abate_conf "$servers/beside.conf" instance=beside journal="$servers/beside.journal"
abated_start beside "$servers/beside.conf"
wait_until 20 log_has beside "connected, session"
simulate --monitors 20 --messages 4000
expect_true "published" process_wait simulate 30
expect_true "stored" wait_until 40 stored_is 4000
abated_stop
abated_stop beside
expect "two journals" "$(psql_value "select count(*) from abate.journal_position where retired is null")" 2
expect "messages" "$(stored_count)" 4000
expect "revisions" "$(rows_of revision)" 0
story_end
