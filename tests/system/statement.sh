#!/usr/bin/env bash
# What agencies report: figures, a correction, a milestone; what is wrong is rejected with its reason, statement by
# statement; what is delivered twice counts once.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

say() { # AGENCY PAYLOAD ...: waits until all of it is in
    local agency=$1 payload
    shift
    : >"$servers/say"
    for payload in "$@"; do
        message "indicators/$agency" "$payload" >>"$servers/say"
    done
    publish "$servers/say"
    process_wait publish 30
    wait_until 30 all_in
}

before=0
all_in() { # the position has moved, and does not any more
    [[ $(psql_value "select position from abate.journal_position") -gt $before ]] || return 1
    before=$(psql_value "select position from abate.journal_position")
    sleep 0.3
    [[ $(psql_value "select position from abate.journal_position") -eq $before ]]
}

figures() {
    psql_value "select concat_ws(' ', indicator_code, region_code, period_from, period_to, value, source, author, agency_code)
                  from abate.indicator_value order by indicator_value_id"
}

reasons() {
    psql_value "select concat_ws(' ', times, faults, kept, reason) from abate.rejected_message order by reason collate \"C\""
}

servers_begin_all
cat >>"$servers/abated.conf" <<'END'
feed "indicators" {
    topic = "indicators/{agency}"
    form = statement
}
END
psql_value "insert into abate.region values ('410100', '郑州市', 'Zhengzhou')"
psql_value "insert into abate.agency (agency_code, name_zh, region_code) values ('stats', '统计局', '410100'), ('rest', '其他', null)"
psql_value "insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('energy_total', '能耗', 'energy', 'tce', 'sum')"
psql_value "insert into abate.plan (plan_code, region_code) values ('little', '410100')"
psql_value "insert into abate.plan_version (plan_code, version, issued, source, digest) values ('little', 1, '2019-01-01', 's', 'd')"
psql_value "insert into abate.commitment_version (plan_version_id, ordinal, commitment_code, clause, quotation, name_en, kind, telemetry, is_soft)
            values (1, 1, 'A', '1', 'q', 'n', 'milestone', 'reported', false)"
abated_start
wait_until 30 log_has abated "connected, session" || true

figure() { # VALUE [MORE]
    printf '{"indicator":"energy_total","region":"410100","year":2019,"value":%s,"unit":"tce","source":"bulletin","author":"Li"%s}' "$1" "${2:-}"
}

story "a figure, delivered twice, and its correction"
say stats "$(figure 12.5)" "$(figure 12.5)"
say stats "$(figure 12.5)"
say stats "$(figure 13)"
expect "figures" "$(figures)" "$(printf '%s\n' 'energy_total 410100 2019-01-01 2020-01-01 12.5 bulletin Li stats' \
    'energy_total 410100 2019-01-01 2020-01-01 13 bulletin Li stats')"
expect "each says where it stands" "$(rows_of indicator_value 'journal_id is not null and position is not null')" 2

story "a milestone"
say stats '{"plan":"little","commitment":"A","started":"2019-05-01"}' '{"plan":"little","commitment":"A","done":"2019-06-30","evidence":"protocol 7"}'
expect "milestones" "$(psql_value "select concat_ws(' ', commitment_code, started, done, evidence, author) from abate.milestone order by milestone_id")" \
    "$(printf '%s\n' 'A 2019-05-01 stats' 'A 2019-05-01 2019-06-30 protocol 7 stats')"
expect "rejected" "$(reasons)" ""

story "what is wrong is rejected with its reason"
say stats '{' '[]' '"figure"' '{"indicator":"enrgy_total","year":2019,"value":1,"unit":"tce"}' "$(figure 1 ',"unit":"t"')" \
    '{"indicator":"energy_total","year":2019,"value":"1","unit":"tce"}' \
    '{"indicator":"energy_total","from":"2019-01-01","to":"2019-12-31","value":1,"unit":"tce"}' \
    '{"indicator":"energy_total","year":2019,"value":1,"unit":"kg"}' \
    '{"plan":"little","commitment":"Z","done":"2019-06-30"}' \
    '{"plan":"little","commitment":"A","done":"2150-06-30"}' \
    '{"plan":"little","commitment":"A","plant":"P9","done":"2019-06-30"}' \
    "[$(figure 13),5,{\"indicator\":7}]"
say nobody "$(figure 1)"
say rest '{"indicator":"energy_total","year":2019,"value":1,"unit":"tce"}'
expect "reasons" "$(reasons)" "$(cat <<'END'
1 1 0 "commitment": plan "little" has no "Z"
1 1 0 "indicator": no such indicator: "enrgy_total"
1 1 0 "plant": no such plant: "P9"
1 1 0 "region": missing
1 1 0 "started", "done": lie in the future
1 1 0 "to": 2019-12-31 is the last day of a month; it must be the first day after the period, 2020-01-01
1 1 0 "unit": "kg", but "energy_total" is in "tce"
1 1 0 "value": not a number but "1"
1 2 1 [1]: not an object but 5
1 1 0 empty array
1 1 0 neither a JSON object nor an array of them: "\x22figure\x22"
1 1 0 no such agency: "nobody", which the topic names
1 1 0 not JSON: line 1, column 121: a member twice near "unit"
1 1 0 not JSON: line 1, column 1: it ends too early (cut off on its way?)
END
)"
expect "nothing of it is stored" "$(rows_of indicator_value) $(rows_of milestone)" "2 2"

story "the same again, after a kill in between"
times=$(psql_value "select sum(times) from abate.rejected_message")
abated_kill
abated_start
say stats "$(figure 13)" '{"indicator":"enrgy_total","year":2019,"value":1,"unit":"tce"}'
expect "figures" "$(rows_of indicator_value)" 2
expect "one row of the reject, counted twice" "$(rows_of rejected_message "times = 2") $(psql_value "select sum(times) from abate.rejected_message")" "1 $((times + 1))"

story "read anew, when more has been said: each stands where it came"
retry() { # what it says of each
    "$(program abatectl)" -c "$servers/abated.conf" rejects retry "$@" | sed '/read anew:/d; s/^reject [0-9]*: //'
}
other() { # INDICATOR VALUE
    printf '{"indicator":"%s","region":"410100","year":2018,"value":%s,"unit":"tce","source":"bulletin","author":"Li"}' "$1" "$2"
}
eighteen() {
    psql_value "select string_agg(indicator_code || ' ' || value, ', ' order by indicator_value_id) from abate.indicator_value where period_from = '2018-01-01'"
}
say stats "[$(other energy_total 7),$(other water_total 5)]" "$(other steel 1)"
say stats "$(other energy_total 8)"
psql_value "insert into abate.indicator (indicator_code, name_zh, name_en, unit, folds) values ('water_total', '水', 'water', 'tce', 'sum'), ('steel', '钢', 'steel', 'tce', 'sum')"
say stats "$(other steel 2)"
expect "what was left out of one" "$(retry --reason water_total)" "stored now"
expect "again: all of it is there" "$(retry "$(psql_value "select reject_id from abate.rejected_message where reason like '%water_total%'")")" "duplicate: all of it was there"
expect "one that is outdone" "$(retry --reason steel)" "outdone: a later statement is on record"
expect "it is settled" "$("$(program abatectl)" -c "$servers/abated.conf" rejects list --json --reason steel)" ""
expect "with that as its outcome" "$("$(program abatectl)" -c "$servers/abated.conf" rejects list --json --all --reason steel | grep -o '"outcome": *"[a-z]*"' | tr -d ' ')" '"outcome":"outdone"'
expect "nothing twice, nothing outdone" "$(eighteen)" "energy_total 7, energy_total 8, steel 2, water_total 5"

abated_stop
expect "exit status" "$ended" 0
story_end
