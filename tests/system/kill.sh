#!/usr/bin/env bash
# kill -9 at any moment of a feed: every message once, and every breach once.
#
#     kill.sh [SEED]       the moments come from the seed, which is printed
#
# Two daemons take the same feed: one is killed again and again, one is left alone. In the end both databases must say
# the same.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly MESSAGES=${MESSAGES:-60000} MONITORS=50 READINGS=10 RATE=4000 KILLS=30
seed=${1:-$SRANDOM}
RANDOM=$seed

servers_begin_all
abate_conf "$servers/calm.conf" instance=calm database=calm journal="$servers/calm.journal"
database_make calm
for database in abate calm; do
    simulate_register "$MONITORS" "$READINGS" "$database"
    limit_set 50 45 '2 minutes' "$database"
done

story "killed at least $KILLS times under a feed of $MESSAGES messages (seed $seed)"
# Both have their sessions at the broker before the first message.
abated_start calm "$servers/calm.conf"
wait_until 20 log_has calm "connected, session"
abated_start
wait_until 20 log_has abated "connected, session"
simulate --seed "$seed" --monitors "$MONITORS" --messages "$MESSAGES" --readings "$READINGS" --rate "$RATE" --duplicate 2
kills=0
moments=
while is_alive simulate || [[ $kills -lt $KILLS ]]; do
    # Now and then before it has even begun, mostly in full work.
    moment=$((RANDOM % 5 == 0 ? RANDOM % 60 : 60 + RANDOM % 700))
    sleep "$(printf '0.%03d' "$moment")"
    abated_kill
    abated_launch
    kills=$((kills + 1))
    moments+=" $moment"
done
echo "    killed $kills times, after ms:$moments"
expect_true "published" process_wait simulate 60
expect_true "all are stored" wait_until 60 stored_is "$MESSAGES"
expect_true "all are stored by the one left alone" wait_until 60 stored_is "$MESSAGES" calm
abated_stop
expect "exit status" "$ended" 0
abated_stop calm
expect "messages" "$(stored_count)" "$MESSAGES"
expect "distinct" "$(psql_value "select count(distinct (feed_id, at)) from abate.sample")" "$MESSAGES"
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
expect "position is at the journal's end" "$(psql_value "select count(*) from abate.journal_position where position > 0")" 1

story "the same as if nothing had happened"
expect "samples" "$(stored_digest)" "$(stored_digest calm)"
expect_true "there are breaches" test "$(rows_of breach)" -gt 0
expect "breaches" "$(breaches_digest)" "$(breaches_digest calm)"
expect "how many" "$(rows_of breach)" "$(rows_of breach true calm)"
story_end
