#!/usr/bin/env bash
# The register from CSV files: whole or not at all, once, and seen by a daemon that runs.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../sql/registers/example" && pwd)
status=0

# import ARGUMENT...: by a person who may write; words go to $servers/said and $servers/faults, its exit status to `status`.
import() {
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" register import --conninfo "host=$PGHOST dbname=abate user=keeper" "$@" \
        >"$servers/said" 2>"$servers/faults" || status=$?
    sed 's/^/    /' "$servers/said" "$servers/faults"
}

# What is stored of the register, and by what transactions: changes with every write.
state() {
    psql_value "select md5(string_agg(t, e'\n')) from (
                    select concat_ws(' ', 'region', xmin, r) as t from abate.region r
                     union all select concat_ws(' ', 'plant', xmin, p) from abate.plant p
                     union all select concat_ws(' ', 'monitor', xmin, m) from abate.monitor m
                     union all select concat_ws(' ', 'feed', xmin, f) from abate.feed f
                     union all select concat_ws(' ', 'series', xmin, s) from abate.series s
                     union all select concat_ws(' ', 'limit', xmin, l) from abate.emission_limit l
                     union all select concat_ws(' ', 'contact', xmin, c) from abate.contact c
                     union all select concat_ws(' ', 'route', xmin, r) from abate.route r
                     order by t) x"
}

expect_said() { # FILE TEXT
    expect_true "says: $2" grep -qF -e "$2" "$servers/$1"
}

# said_by EXPRESSION: of `lines`, what was said for machines.
said_by() {
    json_of "$servers/said" "$1"
}

# What is wrong, for machines, put together as a person reads it.
faults_said() {
    said_by '"\n".join(l["file"] + (":%d" % l["line"] if l["line"] else "") + ": " + ("column \"%s\": " % l["column"] if l["column"] else "") + l["words"] for l in lines[:-1] if l["fault"] is True)'
}

# file NAME: standard input as $copy/NAME.csv, of a folder to change.
file() {
    mkdir -p "$copy"
    cat >"$copy/$1.csv"
}

# send MONITOR MINUTE READINGS
send() {
    message "plants/410100/P17/$1" "$(printf '{"time":"2026-01-01T00:%02d:00Z","period":"minute","readings":{%s}}' "$2" "$3")" \
        >"$servers/message"
    publish "$servers/message"
    process_wait publish 20
}

rejects_are() { # COUNT
    [[ $(rows_of rejected_message) == "$1" ]]
}
stored_at() { # MINUTE VALUE
    [[ $(psql_value "select value || ' ' || unit from abate.reading where parameter_code = 'a21026'
                      and at = '2026-01-01T00:00:00Z'::timestamptz + $1 * interval '1 minute'") == "$2" ]]
}
breach_is() { # BOUND WORST
    [[ $(psql_value "select bound || ' ' || worst from abate.breach where rule = 'early' order by opened desc limit 1") == "$1 $2" ]]
}

servers_begin_all
copy=$servers/folder
psql_value "create role keeper login in role abate_owner; grant connect on database abate to keeper"
abated_start
wait_until 20 log_has abated "writer: ready"
empty=$(state)

story "nobody knows the monitor"
send 88888880000001 1 '"a21026":12'
expect_true "rejected" wait_until 10 rejects_are 1

story "the daemon's role may not import"
status=0
"$(program abatectl)" -c "$servers/abated.conf" register import "$example" >"$servers/said" 2>"$servers/faults" || status=$?
expect "exit status" "$status" 1
expect_said faults "loading wants a member of abate_owner"

story "a dry run says what would be, and keeps nothing"
import --dry-run "$example"
expect "exit status" "$status" 0
expect_said said "monitors.csv       3 new"
expect_said said "dry run: nothing of this was kept"
expect "what is stored" "$(state)" "$empty"

story "the example: the daemon stores the next message, and warns"
import "$example"
expect "exit status" "$status" 0
expect_said said "series.csv         6 new"
expect_said said "register: 15 new, 0 changed"
expect_true "seen within seconds" wait_until 5 log_has abated "3 monitors, 6 series"
send 88888880000001 2 '"a21026":412'
expect_true "stored" wait_until 10 stored_at 2 "412 mg/m3"
expect_true "a breach" wait_until 10 breach_is 35 412
abated_readies abated
expect "it was not started again" "$found" 1

story "a second time"
before=$(state)
import "$example"
expect "exit status" "$status" 0
expect "what is said" "$(cat "$servers/said")" "register: nothing changed"
expect "what is stored" "$(state)" "$before"

story "what differs is changed where it stands, and seen"
file series <<'END'
monitor_code,period,parameter_code,unit
88888880000001,minute,a21026,ug/m3
END
file monitors <<'END'
monitor_code,plant_code,medium,name_en
88888880000001,P17,air,stack one
88888880000009,P17,air,stack 9
END
printf '\xef\xbb\xbfparameter_code,period,plant_code,upper,unit,standard,source\r\na21026,minute,P17,30,mg/m3,licence 17/2020,page 5\r\n' |
    file limits
before=$(state)
import --json --dry-run "$copy"
expect "for machines: each cell" "$status $(said_by '[(l["file"], l["line"], l["column"], l["was"], l["becomes"]) for l in lines[:-1] if l["change"] is True]')" \
    "0 [('monitors.csv', 2, 'name_en', 'stack 1', 'stack one'), ('series.csv', 2, 'unit', 'mg/m3', 'ug/m3')]"
expect "and the whole" "$(said_by '[lines[-1][m] for m in ("kind", "plan", "version", "faults", "more_faults", "more_changes", "dry")], [(f["file"], f["new"], f["changed"], f["gone"], f["same"]) for f in lines[-1]["files"]]')" \
    "(['register', None, None, 0, 0, 0, True], [('monitors.csv', 1, 1, 0, 0), ('series.csv', 0, 1, 0, 0), ('limits.csv', 0, 1, 0, 0)])"
expect "nothing beside it" "$(cat "$servers/faults")" ""
expect "what is stored" "$(state)" "$before"
import "$copy"
expect "exit status" "$status" 0
expect_said said 'monitors.csv:2: column "name_en": "stack 1" becomes "stack one"'
expect_said said 'series.csv:2: column "unit": "mg/m3" becomes "ug/m3"'
expect_said said "monitors.csv       1 new, 1 changed"
expect_said said "register: 1 new, 3 changed"
expect "a limit that held goes on for what was judged by it" \
    "$(psql_value "select string_agg(upper || case when valid_to = 'infinity' then ' holds' else ' held' end, ', ' order by limit_id) from abate.emission_limit")" \
    "35 held, 30 holds"
expect_true "seen within seconds" wait_until 5 log_has abated "4 monitors, 6 series"
send 88888880000001 3 '"a21026":50000'
expect_true "micrograms" wait_until 10 stored_at 3 "50 mg/m3"

story "every mistake is named with its place, and nothing is taken"
before=$(state)
rm -r "$copy"
file plants <<'END'
plant_code,region_code,size_class
P19,999999,large
P20,410100,huge
P20,410100,small
P21,"410100,small
END
file monitors <<'END'
monitor_code,plant_code,medium,reference_oxygen
8.88889E+13,P17,air,
88888880000010,P99,air,
88888880000011,P17,gas,"3,5"
88888880000012,P17,air
END
file series <<'END'
monitor_code,period,parameter_code,unit
88888880000001,minute,a99999,mg/m3
88888880000001,hour,a21002,kWh
88888880000001,weekly,a21002,mg/m3
END
file contacts <<'END'
name,plant,mail
Li,P17,li at example.org
END
file routes <<'END'
ordinal,name,hears,channel_name
75,night,everybody,fax
END
printf 'parameter_code;period\na21026;minute\n' | file limits
printf 'region_code,name_zh\n410101,\326\320\n' | file regions
printf 'x\n' | file notes
import "$copy"
expect "exit status" "$status" 1
expect_said faults 'plants.csv:2: column "region_code": "999999" is no region of this folder or the register'
expect_said faults 'plants.csv:3: column "size_class": "huge" is none of these: small'
expect_said faults 'plants.csv:4: column "plant_code": stands there a second time with the same plant_code: first in line 3'
expect_said faults 'plants.csv:5: field 2: a quote that is never closed'
expect_said faults 'monitors.csv:2: column "monitor_code": "8.88889E+13" is no code'
expect_said faults 'monitors.csv:3: column "plant_code": "P99" is no plant of this folder or the register'
expect_said faults 'monitors.csv:4: column "medium": "gas" is none of these: air'
expect_said faults 'monitors.csv:4: column "reference_oxygen": "3,5" is no number'
expect_said faults 'monitors.csv:5: has 3 fields, the header has 4'
expect_said faults 'series.csv:2: column "parameter_code": "a99999" is no parameter'
expect_said faults 'series.csv:3: column "unit": unit "kWh" cannot become "mg/m3"'
expect_said faults 'series.csv:4: column "period": "weekly" is none of these: realtime'
expect_said faults 'contacts.csv:1: column "plant": is not known here'
expect_said faults 'contacts.csv:2: column "mail": "li at example.org" is no mail address'
expect_said faults 'routes.csv:1: column "source": is missing'
expect_said faults 'routes.csv:2: column "hears": "everybody" is none of these: plant'
expect_said faults 'routes.csv:2: column "channel_name": "fax" is no channel; there are mail'
expect_said faults 'limits.csv:1: column "parameter_code;period": names columns with ";" between them'
expect_said faults 'regions.csv:2: column "name_zh": is no UTF-8'
expect_said faults 'notes.csv: is no file of the register'
expect_said faults "20 errors, nothing was loaded"
expect "what is stored" "$(state)" "$before"
grep -v ' errors, nothing was loaded' "$servers/faults" >"$servers/words"
import --json "$copy"
expect "for machines: exit status, the whole" "$status $(said_by 'len(lines), lines[-1]["files"], lines[-1]["faults"], lines[-1]["more_faults"], lines[-1]["dry"]')" "1 (21, [], 20, 0, False)"
expect "the same in parts" "$(faults_said)" "$(cat "$servers/words")"
expect "one without a column, one without a line" "$(said_by '[(l["file"], l["line"], l["column"]) for l in lines[:-1] if l["line"] is None or l["file"] == "monitors.csv" and l["column"] is None]')" \
    "[('monitors.csv', 5, None), ('notes.csv', None, None)]"
expect "lines of standard error" "$(grep -c . "$servers/faults") $(grep -c '20 errors, nothing was loaded' "$servers/faults")" "1 1"
expect "what is stored" "$(state)" "$before"

story "one bad row in one of two good files"
rm -r "$copy"
file plants <<<$'plant_code,region_code\nP30,410100'
file monitors <<<$'monitor_code,plant_code,medium\n88888880000030,P30,air\n88888880000031,P31,air'
import "$copy/plants.csv" "$copy/monitors.csv"
expect "exit status" "$status" 1
expect_said faults "1 error, nothing was loaded"
expect "what is stored" "$(state)" "$before"
import "$copy/plants.csv"
expect "the good file alone: exit status" "$status" 0
expect "its plant" "$(rows_of plant "plant_code = 'P30'")" 1
import "$copy" "$copy/plants.csv"
expect "a file twice: exit status" "$status" 1
expect_said faults 'plants.csv: there is another "plants.csv" before it'

story "a thousand mistakes: five hundred are said, all are counted"
{
    echo plant_code,region_code
    seq -f 'T%.0f,nowhere' 1000
} | file plants
import "$copy/plants.csv" >"$servers/shown"
expect "exit status" "$status" 1
expect "lines" "$(grep -c '^plants.csv:' "$servers/faults")" 500
expect_said faults "and 500 more"
expect_said faults "1000 errors, nothing was loaded"
import --json "$copy/plants.csv" >"$servers/shown"
expect "for machines" "$status $(said_by 'len(lines), sum(l.get("fault", False) for l in lines), lines[-1]["faults"], lines[-1]["more_faults"]')" "1 (501, 500, 1000, 500)"

abated_stop
expect "exit status" "$ended" 0
story_end
