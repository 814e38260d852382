#!/usr/bin/env bash
# README.md and the manual pages: what they show is cut out of them and tried as it stands, in a place made for it. Commands
# succeed, and answer as is shown; SQL runs, and names its columns as is shown; configurations, mappings and payloads are taken.
# What cannot be tried here is listed below with the reason; what is neither tried nor listed is a fault.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/servers.sh
. "$here/servers.sh"
readonly source=${ABATE_SOURCE:-$here/..}
# In this order: the register of abatectl(1) is what the others ask for.
readonly pages=("$source"/daemon/{abatectl.1,abated.8,abated.conf.5,abate-payload.7,abate-sql.7,abate-operations.7} "$source/README.md")

# ---- what is not tried

# Displays, by PAGE/SECTION and how they begin, or by how they begin alone.
declare -A passed_over=(
    [README.md/Deploying/]="tests/install.sh, in a root of its own"
    [abate-operations.7/INSTALLING/]="tests/install.sh"
    [abate-operations.7/BACKING UP/]="tests/install.sh"
    [abate-operations.7/RESTORING/]="tests/install.sh"
    [abate-operations.7/UPGRADING/]="tests/install.sh"
    [abate-operations.7/SAMPLES OF MANY YEARS/]="want extensions: timescaledb.sh and citus.sh"
    ["README.md/The line of a message/broker -->"]="a drawing"
    ["README.md/The tree/lib/"]="a drawing"
    ["README.md/The plan/id  "]="of the demo"
    ["README.md/What it carries/"]="figures of the benchmarks"
    ['{"receipts":[']="an answer: receipt.sh"
    ['{"fault": true, ']="an answer: register.sh"
    ["plants/ Ns "]="a topic"
    ["chain = "]="a formula"
    ["commitments.csv:17: "]="a complaint"
    ["/etc/abate/abated.conf:12: "]="a complaint"
)
# Commands, by how they begin.
declare -A not_here=(
    ["systemctl "]="of the machine: tests/install.sh"
    ["journalctl "]="of the machine: tests/install.sh"
    ["apt "]="of the machine: tests/install.sh"
    ["sudo "]="of the machine"
    ["./bootstrap "]="runs this"
    ["make "]="runs this"
    ["abatectl partitions detach "]="asks at a terminal: partitions.sh"
    ["abatectl partitions drop "]="asks at a terminal: partitions.sh"
)
# Further words by which a command begins; what begins with none of all these is no command.
readonly commands=" abated abatectl bash cat createdb curl dropdb mosquitto_pub mosquitto_sub openssl pg_dump pg_restore psql runuser sed sha256sum tar "
# What has another place here, takes too long, or stands for anything.
declare -A instead=(
    [/usr/share/abate/plans]=$source/sql/plans
    [/usr/share/abate/registers]=$source/sql/registers
    [/srv/sets]=sets
    ["--messages 100000"]="--messages 50" # for 17 minutes
    ["--to 2020-02-01"]="--to 2020-01-02" # for eight seconds
    [DAY]=2021-02-01
    [NAME]=robot
    [FILE]=payload.json
    [4f1c...]="" # asked for when it is there
)
# By decode.sh and manual.sh, which look for these marks.
readonly marks=" try told profile query "

# ---- cutting

# $servers/shown: each display, and each text that is set off within a line, behind a line "\001PAGE/SECTION<TAB>KIND<TAB>MARK".
# KIND is display or word, MARK what the comment before it or the fence says.
pages_cut() {
    awk -v apostrophe="'" '
        function plain(text) {
            gsub(/\\-/, "-", text); gsub(/\\\(dq/, "\"", text); gsub(/\\\(aq/, apostrophe, text)
            gsub(/\\&/, "", text); gsub(/\\e/, "\\", text)
            return text
        }
        function begin(kind, said) { printf "\001%s/%s\t%s\t%s\n", page, section, kind, said }
        function word(text) { begin("word", ""); print text }
        function paragraph_end() {
            for (; match(paragraph, /`[^`]+`/); paragraph = substr(paragraph, RSTART + RLENGTH))
                word(substr(paragraph, RSTART + 1, RLENGTH - 2))
            paragraph = ""
        }
        FNR == 1 { page = FILENAME; sub(/.*\//, "", page); is_markdown = page ~ /md$/; section = mark = "" }

        is_markdown && /^```/ { inside = !inside; paragraph_end(); if (inside) begin("display", substr($0, 4)); next }
        is_markdown && inside { print; next }
        is_markdown && /^    / && paragraph == "" { if (!indented) begin("display", ""); indented = 1; print substr($0, 5); next }
        is_markdown { indented = 0; if (/^## /) section = substr($0, 4) }
        is_markdown && $0 == "" { paragraph_end(); next }
        is_markdown { sub(/^ +/, ""); paragraph = paragraph " " $0; next }

        /^\.S[hH] / { section = substr($0, 5) }
        /^\.\\" (try|told|profile|query)/ { mark = $2; next }
        /^\.(Bd |nf$)/ { inside = 1; begin("display", mark); next }
        /^\.(Ed|fi$)/ { inside = 0; mark = ""; next }
        inside && /^\.R[SE]$/ { next }
        inside { print plain($0); next }
        /^\.Dl / { begin("display", ""); print plain(substr($0, 5)); next }
        /^\.(Pq )?(Ql|Li) / || /^\.B [a-z]+ / { sub(/^\.(Pq )?(Ql|Li|B) /, ""); sub(/ [.,:;?]$/, ""); word(plain($0)) }
        END { paragraph_end() }' "${pages[@]}" >"$servers/shown"
}

# ---- trying

place= # where it is tried
told=  # and what came of it
told_file=
used=$'\n' # the keys of the lists above that were of use, a line each

# In a shell of its own; what it says is in $told.
run() { # TEXT
    local status=0
    (cd "$place" && exec bash -euo pipefail -c "$1") >"$told_file" 2>&1 </dev/null || status=$?
    told=$(<"$told_file")
    return "$status"
}

# With the configuration of here for /etc/abate/abated.conf, and roles of PostgreSQL for users.
abated() { "$program_abated" -c "$configuration" "$@"; }
abatectl() { "$program_abatectl" -c "$configuration" "$@"; }
runuser() { PGUSER=$2 "${@:4}"; } # -u USER -- COMMAND...

replaced() { # TEXT: with what stands for something else, in $found
    local key
    found=$1
    for key in "${!instead[@]}"; do
        [[ $found == *"$key"* ]] || continue
        used+=$key$'\n'
        [[ -n ${instead[$key]} ]] || instead[$key]=$(psql_value "select chain from abate.evidence_head limit 1")
        found=${found//"$key"/"${instead[$key]}"}
    done
}

begins_with_one_of() { # TEXT KEY...: the key in $found
    local text=$1
    for found in "${@:2}"; do
        [[ $text != "$found"* ]] || return 0
    done
    return 1
}

is_not_here() { # TEXT
    begins_with_one_of "${1%$'\n'} " "${!not_here[@]}" && used+=$found$'\n'
}

are_not_here() { # LINES
    local line
    while IFS= read -r line; do
        is_not_here "$line" || return 1
    done <<<"${1%$'\n'}"
}

is_command() { # TEXT
    local first=${1#'$ '}
    begins_with_one_of "${1%$'\n'} " "${!not_here[@]}" || [[ $commands == *" ${first%%[[:space:]]*} "* ]]
}

# Of a command the text may have the name alone: then it tells how it is used.
is_name() { # TEXT STATUS
    [[ $2 -eq 2 && $1 =~ ^abatectl( [a-z]+)+$ ]] && [[ $told == "usage: ${1% *} "* || $told == "usage: $1 "* ]] &&
        [[ " ${told//[[:space:]]/ } " == *" ${1##* } "* ]]
}

command_works() { # TEXT
    local status=0
    replaced "$1"
    done_with+=${found%$'\n'}$'\n'
    run "$found" || status=$?
    [[ $status -eq 0 && $'\n'$told != *$'\nERROR:'* ]] || is_name "${1%$'\n'}" "$status"
}

# Lines behind "$ " are commands, the others what comes of them.
dialogue_works() { # TEXT
    local line script='' answer=''
    while IFS= read -r line; do
        if [[ $line == '$ '* ]]; then script+=${line#'$ '}$'\n'; else answer+=$line$'\n'; fi
    done <<<"${1%$'\n'}"
    command_works "$script" && [[ $told == "${answer%$'\n'}" ]]
}

# What it changes is taken back.
sql_works() { # TEXT
    local text=$1
    [[ $text != abate.* ]] || text="select $text"
    run "psql -X -v ON_ERROR_STOP=1 <<'END'
begin;
$text;
rollback;
END"
}

# Columns as are shown, and a row.
answer_is_like() { # SHOWN
    local lines=() columns=() shown=()
    mapfile -t lines <<<"$told"
    read -ra columns <<<"${lines[1]:-}"
    read -ra shown <<<"$1"
    [[ "${columns[*]}" == "${shown[*]}" && ${lines[3]:-(} != "("* ]]
}

configuration_works() { # TEXT
    printf '%s' "$1" >"$place/shown.conf"
    [[ $1 == *'broker "'* ]] || echo 'broker "b" { host = localhost }' >>"$place/shown.conf"
    run "abated -t -c shown.conf"
}

# One or several, each beginning a line.
payloads_work() { # TEXT
    local payload payloads=()
    mapfile -td $'\002' payloads < <(printf '%s' "${1//$'\n{'/$'\002{'}")
    for payload in "${payloads[@]}"; do
        printf '%s' "$payload" >"$place/shown.json"
        if [[ $payload =~ \"(indicator|commitment)\": ]]; then
            statement_works || return 1
        elif [[ $payload == *'"params":'* ]]; then
            run "abatectl decode --profile ./shown.conf shown.json" || return 1 # which was shown before
        else
            run "abatectl decode shown.json" || return 1
        fi
    done
}

# Of an agency: whether it fits the plan the database alone can say.
statements=0
statement_works() {
    statements=$((statements + 1))
    run "mosquitto_pub -q 1 -t indicators/gx -f shown.json"
    wait_until 60 statements_are "$statements" || return 1
    told=$(psql_value "select reason from abate.rejected_message where topic = 'indicators/gx'")
    [[ -z $told ]]
}

statements_are() { # COUNT
    [[ $(psql_value "select (select count(*) from abate.indicator_value) + (select count(*) from abate.milestone)
                          + (select count(*) from abate.rejected_message where topic = 'indicators/gx')") == "$1" ]]
}

mapping_works() { # TEXT: by the command that names it
    printf '%s' "$1" >"$place/gas_turbine.mapping"
}

nothing_works() { # TEXT
    told="it is neither tried here nor listed as what cannot be"
    return 1
}

# ---- one by one

tried=0
passed=0
done_with=$'\n' # lines of commands

# works AT WHAT_WORKS TEXT
works() {
    tried=$((tried + 1))
    expect_true "$1: ${3%%$'\n'*}" "$2" "$3"
    [[ ${failed_before:-0} -eq $failures ]] || head -n 20 <<<"    ${told//$'\n'/$'\n    '}"
    failed_before=$failures
}

try_word() { # AT TEXT
    local text=${2%$'\n'}
    if [[ $text == *' '* ]] && is_command "$text"; then
        replaced "$text"
        [[ $done_with != *$'\n'"$found"$'\n'* ]] || return 0
        if is_not_here "$text"; then passed=$((passed + 1)); else works "$1" command_works "$text"; fi
    elif [[ $text =~ ^(select .*|abate\.[a-z_]+\(.*\'.*\))$ ]]; then
        works "$1" sql_works "$text"
    fi
}

try_display() { # AT MARK TEXT
    local text=$3
    if [[ $marks == *" $2 "* ]] || is_passed_over "$1" "$text" || are_not_here "$text"; then
        passed=$((passed + 1))
        return 0
    fi
    case $text in
    '$ '*) works "$1" dialogue_works "$text" ;;
    'source "'*) works "$1" mapping_works "$text" ;;
    'broker "'* | 'profile "'* | 'instance = '*) works "$1" configuration_works "$text" ;;
    '{'* | '['*) works "$1" payloads_work "$text" ;;
    'select '* | 'create '*) works "$1" sql_works "$text" ;;
    ' '*) works "$1" answer_is_like "$text" ;;
    *) if is_command "$text"; then works "$1" command_works "$text"; else works "$1" nothing_works "$text"; fi ;;
    esac
}

# What is tried elsewhere, or nowhere, is lines of commands at least, if it begins with one.
is_passed_over() { # AT TEXT
    local line text=${2//\\$'\n'/ }
    begins_with_one_of "$1/$2" "${!passed_over[@]}" || begins_with_one_of "$2" "${!passed_over[@]}" || return 1
    used+=$found$'\n'
    [[ $1 == abate-* ]] && is_command "$2" || return 0
    while IFS= read -r line; do
        is_command "$line" || works "$1" nothing_works "$line"
    done <<<"${text%$'\n'}"
}

# Of what is shown that of one page.
page_try() { # PAGE
    local record at kind mark
    story "$1"
    for record in "${shown[@]}"; do
        IFS=$'\t' read -r at kind mark <<<"${record%%$'\n'*}"
        [[ $at == "$1/"* ]] || continue
        if [[ $kind == word ]]; then
            try_word "$at" "${record#*$'\n'}"
        else
            try_display "$at" "$mark" "${record#*$'\n'}"
        fi
    done
}

# ---- the place

# The files that are named.
place_make() {
    local record
    place=$servers/place told_file=$servers/told
    mkdir -p "$place/sets" "$place/.config"
    printf -- '-h 127.0.0.1\n-p %s\n' "$broker_port" >"$place/.config/mosquitto_pub"
    ln -s "$source/sql/plans/zhengzhou-2019" "$place/"
    printf '%s\n' 'AT,CO,NOX' '4.59,0.33,81.95' >"$place/sets/gt_2011.csv.gz"
    printf '{"time":"2020-11-02T08:15:00","period":"minute","readings":{"a21026":12.31,"a21002":{"value":35.0,"unit":"mg/m3"}}}' \
        >"$place/payload.json"
    for record in "${shown[@]}"; do # the frame of abate-payload(7)
        [[ ${record#*$'\n'} != '##0'* ]] || printf '%s' "${record#*$'\n'}" >"$place/frame.txt"
    done
    printf '2020-11-02 08:16:01 sent %s\n' "$(<"$place/frame.txt")" >"$place/gateway.log"
}

# Who is named, and the next numbers: 1234 of a breach, 12 of a revision, 2026-000123 of an alert.
database_fill() {
    psql_file "$here/demo/registry.sql"
    psql_file "$here/demo/limits.sql"
    psql_file - <<'END'
create role keeper login in role abate_owner;
insert into abate.region (region_code, name_en) values ('410100', 'Zhengzhou'), ('sim', 'simulated');
insert into abate.plant (plant_code, region_code) values ('P1', '410100'), ('SIM', 'sim');
alter table abate.breach alter breach_id restart 1234;
alter table abate.revision alter revision_id restart 12;
alter table abate.alert alter alert_id restart 123;
END
    limit_set 200
}

# Something of what the five questions of README.md ask for; one value differs from the one before it; one message is none.
messages() {
    local hour='"period":"hour","readings"'
    message plants/TR/GT-TR/GT-TR-STACK '{"time":"2011-01-01T00:00:00",'"$hour"':{"a21002":119.91}}'
    message plants/TR/GT-TR/GT-TR-STACK '{"time":"2011-01-01T00:00:00",'"$hour"':{"a21002":119.19}}'
    message plants/KR/STEEL-KR/STEEL-KR-METER '{"time":"2018-01-01T00:15:00","period":"minute","readings":{"x_energy":3.17,"x_co2":0.5}}'
    message plants/US-NY/NY-2535/NY-2535-UNIT '{"time":"2019-08-29T17:00:00",'"$hour"':{"x_power":41.5}}'
    message plants/IT/VOC-IT/VOC-IT-SITE '{"time":"2004-04-30T23:00:00",'"$hour"':{"a24088":150,"a21005":2.6}}'
    message plants/IT/VOC-IT/VOC-IT-SITE '{"time":"2005-04-04T13:00:00",'"$hour"':{"a21005":2.2}}'
    message plants/410100/P1/1 nothing
}

messages_send() {
    messages >"$servers/messages"
    publish "$servers/messages"
    process_wait publish 60
    wait_until 60 stored_is 5 || servers_fail "what was sent is not stored"
    psql_file - <<'END'
insert into abate.alert (year, kind, severity, rule, breach_id, at)
select 2026, 'opened', 'warning', rule, breach_id, opened from abate.breach where breach_id = 1234;
END
}

has_rows() { # VIEW [CONDITION]
    [[ $(rows_of "$@") -gt 0 ]]
}

keys_of_no_use() { # KEY...: those that were of none
    local key
    for key in "$@"; do
        [[ $used == *$'\n'"$key"$'\n'* ]] || printf '%s\n' "$key"
    done
}

servers_begin_all
abate_conf "" judge.enabled=off segment=1M
cat >>"$servers/abated.conf" <<'END'
feed "indicators" {
    topic = "indicators/{agency}"
    form = statement
}
channel "robot" {
    kind = exec
    program = /bin/true
}
END
program_abated=$(program abated) program_abatectl=$(program abatectl) configuration=$servers/abated.conf
pages_cut
mapfile -td $'\001' shown <"$servers/shown"
place_make
export program_abated program_abatectl configuration XDG_CONFIG_HOME=$place/.config PSQLRC=/dev/null PATH=$postgres_bin:$PATH
export -f abated abatectl runuser
database_fill
abated_start
messages_send

page_try abatectl.1
expect_true "the simulated monitor is found to be over its limit" wait_until 60 has_rows "breach_report" "plant_code = 'SIM'"
expect_true "a segment is recorded" wait_until 60 has_rows evidence_head
for page in "${pages[@]##*/}"; do
    [[ $page == abatectl.1 ]] || page_try "$page"
done

story "all of it"
expect_true "$tried tried, $passed elsewhere" test "$tried" -ge 50
expect "of no use in the lists of this test" "$(keys_of_no_use "${!passed_over[@]}" "${!not_here[@]}" "${!instead[@]}")" ""
abated_stop
story_end
