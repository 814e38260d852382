#!/usr/bin/env bash
# A flood of malformed messages between good ones: every good one is stored, every bad one is a reject with its reason,
# and the memory of the daemon stays as it is.
#
#     FLOOD=N bad_between_good.sh      N malformed messages (50000), and a fifth as many good ones
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly FLOOD=${FLOOD:-50000}
readonly GOOD=$((FLOOD / 5))
readonly RSS_GROWTH_KIB=8192

all_is_there() {
    [[ $(psql_value "select (select count(*) from abate.sample) = $GOOD
                        and (select coalesce(sum(messages), 0) from abate.reject_day) >= $FLOOD") == t ]]
}

servers_begin_all
simulate_register 20 10
abated_start
"$(program malformed)" --region sim --plant SIM --monitor SIM000001 --period minute "$FLOOD" 7 \
    >"$servers/flood"
expect "flood" "$(wc -l <"$servers/flood")" "$FLOOD"

story "$FLOOD malformed messages of $(cut -f 1 "$servers/flood" | sort -u | wc -l) kinds between $GOOD good ones"
curve=()
publish "$servers/flood"
simulate --monitors 20 --messages "$GOOD" --rate $((GOOD / 5))
end=$((SECONDS + 180))
until all_is_there || [[ $SECONDS -gt $end ]] || ! is_alive abated; do
    curve+=("$(rss_kib abated)")
    sleep 0.5
done
expect_true "abated is alive" is_alive abated
expect_true "bad ones published" process_wait publish 60
expect_true "good ones published" process_wait simulate 60
expect "good ones stored" "$(stored_count)" "$GOOD"
expect "bad ones rejected" "$(psql_value "select sum(messages) from abate.reject_day")" "$FLOOD"
expect "rejects without a reason" "$(rows_of rejected_message "reason = ''")" 0
expect "revisions" "$(rows_of revision)" 0
echo "    most frequent reasons:"
psql_value "select format('    %7s  %s', sum(messages), left(min(reason), 90)) from abate.reject_day
             group by kind order by sum(messages) desc limit 20"
day_most=$(psql_value "select abate.threshold('reject_rows_a_day', null, now())::int")
expect "rows kept of those the register knows" "$(rows_of rejected_message "sender <> ''")" "$day_most"
strangers=$(psql_value "select sum(messages) from abate.reject_day where sender = ''")
expect "and of strangers" "$(rows_of rejected_message "sender = ''")" $((strangers < day_most ? strangers : day_most))

story "memory stays flat"
curve+=("$(rss_kib abated)")
echo "    resident, KiB: ${curve[*]}"
if [[ -n $(nm "$(program abated)" 2>/dev/null | grep __asan_init) ]]; then
    echo "    not judged with sanitizers: they keep what is freed"
else
    expect_true "no more than $RSS_GROWTH_KIB KiB between a third of the way and the end" \
        test $((curve[-1] - curve[${#curve[@]} / 3])) -le "$RSS_GROWTH_KIB"
fi

story "and goes on"
simulate --monitors 20 --messages $((GOOD + 1000))
expect_true "published" process_wait simulate 60
expect_true "stored" wait_until 30 stored_is $((GOOD + 1000))
abated_stop
expect "exit status" "$ended" 0
story_end
