#!/usr/bin/env bash
# An older copy of the journal put back: its end is before what PostgreSQL has stored. abated ends, and does not begin
# again until somebody has looked, however often it is started: else new messages would fill the gap and be taken for old.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=2000

run_and_end() {
    abated_launch
    wait_until 20 is_over abated
    process_end abated KILL 1
}

servers_begin_all
simulate_register 20 10
abated_start
simulate --monitors 20 --messages "$MESSAGES"
expect_true "published" process_wait simulate 60
expect_true "stored" wait_until 20 stored_is "$MESSAGES"
abated_stop
cp -a "$servers/journal" "$servers/journal.old"
abated_start
simulate --monitors 20 --messages $((2 * MESSAGES)) --seed 1
expect_true "published" process_wait simulate 60
expect_true "stored" wait_until 20 stored_is $((2 * MESSAGES))
abated_stop
mv "$servers/journal" "$servers/journal.new"
mv "$servers/journal.old" "$servers/journal"

story "it ends, and says why"
run_and_end
expect_true "the end is missing" log_has abated "before the stored position"
expect "of the database nothing is said" "$(grep -c 'database: ' "$servers/abated.log")" 0
expect_true "a mark is left" test -f "$servers/journal/condemned"

story "and does not begin again"
simulate --monitors 20 --messages $((3 * MESSAGES)) --seed 1
expect_true "published" process_wait simulate 60
for _ in 1 2 3; do
    run_and_end
done
expect "refused at the first line" "$(grep -c 'when that is mended, delete this file' "$servers/abated.log")" 3

story "the right journal put back: nothing is missing"
rm -r "$servers/journal"
mv "$servers/journal.new" "$servers/journal"
abated_start
expect_true "all are stored" wait_until 20 stored_is $((3 * MESSAGES))
expect "revisions" "$(rows_of revision)" 0
abated_stop
expect "exit status" "$ended" 0
story_end
