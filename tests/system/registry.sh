#!/usr/bin/env bash
# The registry and the limits changed while abated runs: seen at once, nothing lost.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# send MINUTE VALUE
send() {
    message plants/sim/SIM/SIM000001 "$(printf \
        '{"time":"2026-01-01T00:%02d:00Z","period":"minute","readings":{"a21002":%s}}' "$1" "$2")" >"$servers/message"
    publish "$servers/message"
    process_wait publish 20
}

rejects_are() { # COUNT
    [[ $(rows_of rejected_message) == "$1" ]]
}

breaches_are() { # COUNT
    [[ $(rows_of breach) == "$1" ]]
}

breach_closed() {
    [[ $(rows_of breach "closed is not null") == 1 ]]
}

servers_begin_all
abated_start
wait_until 20 log_has abated "writer: ready"

story "a monitor nobody has registered"
send 1 10
expect_true "rejected" wait_until 10 rejects_are 1
echo "    $(psql_value "select reason from abate.rejected_message")"
expect "this month and two more can be written to" "$(psql_value "select count(*) from abate.sample_partition")" 3

story "registered"
simulate_register 1 10
expect_true "seen within seconds" wait_until 5 log_has abated "1 monitors, 10 series"
send 2 10
expect_true "stored" wait_until 10 stored_is 1

story "a limit"
psql_value "insert into abate.emission_limit (parameter_code, period, monitor_id, upper, unit, standard, source)
            select 'a21002', 'minute', monitor_id, 50, 'mg/m3', 'test', 'test' from abate.monitor"
expect_true "seen within seconds" wait_until 5 log_has abated "1 limits"
send 3 60
expect_true "a breach" wait_until 10 breaches_are 1

story "another limit while the breach is open: it goes on"
psql_value "update abate.emission_limit set standard = 'test, amended'"
send 4 70
send 5 20
expect_true "closed" wait_until 10 breach_closed
expect "one breach, with its worst value" "$(psql_value "select count(*) || ' ' || max(worst) from abate.breach")" "1 70"

# reading MINUTE CODE JSON
reading() {
    message plants/sim/SIM/SIM000001 "$(printf '{"time":"2026-01-01T00:%02d:00Z","period":"minute","readings":{"%s":%s}}' \
        "$1" "$2" "$3")" >"$servers/message"
    publish "$servers/message"
    process_wait publish 20
}
stored_at() { # MINUTE PARAMETER VALUE
    [[ $(psql_value "select round(value::numeric, 9)::float8 || ' ' || unit from abate.reading where parameter_code = '$2'
                      and at = '2026-01-01T00:00:00Z'::timestamptz + $1 * interval '1 minute'") == "$3" ]]
}
refused_with() { # REASON
    [[ $(psql_value "select count(*) from abate.rejected_message where reason = '$1'") == 1 ]]
}

story "units: stored in that of the parameter, whatever a message declares"
reading 10 a21026 '{"value":12.5,"unit":"μg/m³"}'
expect_true "micrograms" wait_until 10 stored_at 10 a21026 "0.0125 mg/m3"
reading 11 a21026 '{"value":100,"unit":"ppm"}'
expect_true "a volume fraction of a gas with a molar mass" wait_until 10 stored_at 11 a21026 "285.794592665 mg/m3"
reading 12 a34013 '{"value":100,"unit":"ppm"}'
expect_true "of dust there is none" wait_until 10 refused_with \
    '"readings"."a34013": unit "ppm" without its molar mass (abate.parameter.molar_mass) cannot become "mg/m3"'
reading 13 a21026 '{"value":1,"unit":"kWh"}'
expect_true "another quantity" wait_until 10 refused_with '"readings"."a21026": unit "kWh" cannot become "mg/m3"'

story "a device that sends another unit and does not say so"
psql_value "update abate.series set sent_unit = 'Pa' where parameter_code = 'a01013';
            update abate.series set sent_unit = 'kWh' where parameter_code = 'a01014'"
expect_true "what cannot be is said at once" wait_until 5 log_has abated \
    '1 series are sent in a unit that cannot become theirs, and will be refused: monitor "SIM000001": "a01014": unit "kWh" cannot become "%"'
reading 14 a01013 -350
expect_true "pascals become kilopascals" wait_until 10 stored_at 14 a01013 "-0.35 kPa"
reading 15 a01014 9
expect_true "the other is refused" wait_until 10 refused_with '"readings"."a01014": unit "kWh" cannot become "%"'
status=0
"$(program abatectl)" -c "$servers/abated.conf" check >"$servers/check" 2>&1 || status=$?
expect_true "and abatectl check says it" grep -q 'monitor "SIM000001", feed "minute": "a01014": unit "kWh" cannot become "%"' "$servers/check"
expect_true "with how many are" grep -q '^units: 2 series are sent in another unit than is stored, 1 of them cannot be converted$' "$servers/check"
expect "abatectl check: exit status" "$status" 1

story "names: a code of 2005, a Chinese one, a bureau's own"
reading 20 02 7
expect_true "a code of 2005" wait_until 10 stored_at 20 a21026 "7 mg/m3"
reading 21 二氧化硫 8
expect_true "a name" wait_until 10 stored_at 21 a21026 "8 mg/m3"
reading 22 某厂的硫 9
expect_true "one that nobody knows" wait_until 10 refused_with \
    '"readings"."某厂的硫": unknown parameter: the monitor'"''"'s feed "minute" has no such series'
psql_value "insert into abate.parameter_alias values ('某厂的硫', 'a21026', 'the plant')"
reading_is_known() {
    reading 23 某厂的硫 9
    stored_at 23 a21026 "9 mg/m3"
}
expect_true "until somebody says what it is" wait_until 10 reading_is_known
reading 24 a21026 '9.5,"SO2":9.5'
expect_true "two names of one series" wait_until 10 refused_with '"readings"."SO2": twice in one measurement'
abated_stop
expect "exit status" "$ended" 0
story_end
