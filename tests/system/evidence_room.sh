#!/usr/bin/env bash
# What is not recorded is not deleted, also not for want of room, as long as it can still be recorded. Where the database
# refuses that for good, what comes is worth more; and what went unrecorded can be seen for ever.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

say() { # COUNT: so many in all
    simulate --monitors 20 --readings 3 --messages "$1" --rate 1000
    process_wait simulate 60 && wait_until 60 stored_is "$1"
}

verify() { # ARGUMENT...
    "$(program abatectl)" -c "$servers/abated.conf" journal verify "$@" >"$servers/verify.log" 2>&1
}

journal_size() {
    cat "$servers"/journal/*.seg | wc -c
}

recorded_all() { # all segments of the journal in use but the open one, up to where that begins
    local last
    last=$(find "$servers/journal" -name '*.seg' | sort | tail -n 1)
    [[ $(psql_value "select max(end_position) from abate.journal_segment join abate.journal_position using (journal_id)
                      where retired is null") == $((10#$(basename "$last" .seg))) ]]
}

servers_begin_all
abate_conf "$servers/abated.conf" segment=16k size=256k
simulate_register 20 3

story "recorded: what is stored goes where room is wanted"
abated_start
expect_true "stored" say 2000
expect_true "the oldest went" log_has abated "segments retired"
expect "unrecorded" "$(grep -c 'unrecorded' "$servers/abated.log")" 0
abated_stop
expect_true "whole: what went for want of room is not missed" verify

story "not recorded: it stays above three quarters of the cap"
psql_value "revoke execute on function abate.record_segment from abate_writer"
cp "$servers/abated.log" "$servers/before.log"
rm -r "$servers/journal"
psql_value "select abate.retire_journal('test'); truncate abate.sample"
: >"$servers/abated.log"
abated_start
expect_true "stored" say 1020
expect_true "said" wait_until 10 log_has abated "segments are not recorded any more"
expect_true "above three quarters" test "$(journal_size)" -gt $((192 * 1024))
expect "retired" "$(grep -c 'retired' "$servers/abated.log")" 0

story "not recorded, and no room: what comes is worth more"
expect_true "all are stored" say 3000
expect_true "said" log_has abated "segments retired, unrecorded, for there was no room"
expect "recorded" "$(rows_of journal_segment "journal_id = (select journal_id from abate.journal_position where retired is null)")" 0
abated_stop

story "put right: the chain begins where the journal does"
psql_value "grant execute on function abate.record_segment to abate_writer"
abated_start
expect_true "recorded" wait_until 30 recorded_all
abated_stop
expect_true "whole" verify

story "a gap in the chain is seen for ever"
last=$(psql_value "select max(end_position) from abate.journal_segment join abate.journal_position using (journal_id) where retired is null")
psql_value "revoke execute on function abate.record_segment from abate_writer"
abated_start
expect_true "stored" say 6000
abated_stop
psql_value "grant execute on function abate.record_segment to abate_writer"
abated_start
expect_true "recorded" wait_until 30 recorded_all
expect_true "the log says where it goes on" log_has abated "were deleted before they were recorded"
abated_stop
expect_true "found" eval "! verify"
expect "just this" "$(grep -c ': position ' "$servers/verify.log") $(grep -c "position $last: positions $last to .* were deleted before they were recorded" "$servers/verify.log")" "1 1"
next=$(psql_value "select min(first_position) from abate.journal_segment join abate.journal_position using (journal_id) where retired is null and first_position > $last")
expect_true "behind it all is whole" verify --from "$(psql_value "select end_position from abate.journal_segment join abate.journal_position using (journal_id) where retired is null and first_position = $next")"
story_end
