#!/usr/bin/env bash
# abatectl decode: every decoder's case, the way a person at a plant tries them; and payloads of which it says beforehand what
# the daemon then does with them.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

decode() {
    "$abatectl" decode "$@"
}

# ---- the decoders' cases

# case_is_told FOLDER: by name of the form and of the case; what the case expects is what a person reads.
case_is_told() {
    local folder=$1 name=${1##*/} form got=0 line lines=() why=()
    form=${1%/*} form=${form##*/}
    local options=(--form "$form" --arrived 2011-10-31T16:27:09Z)
    [[ $form != profile ]] || options=(--profile "$profiles/${name%%.*}.example" --arrived 2011-10-31T16:27:09Z)
    [[ $name != anonymous-* ]] || options+=(-c "$servers/anonymous.conf" --feed "$form")
    while IFS= read -r line; do
        [[ ! $line =~ ^(refused|faults\ [0-9]*):\ (.*) ]] || why+=("${BASH_REMATCH[2]}")
    done <"$folder/expected"
    [[ ${#why[@]} -gt 0 || -z ${later[$form/$name]:-} ]] || why=("${later[$form/$name]}")
    decode "${options[@]}" "$folder/payload" >"$servers/told" 2>&1 || got=$?
    mapfile -t lines <"$servers/told"
    if [[ ${#why[@]} -eq 0 ]]; then
        [[ $got -eq 0 && ${#lines[@]} -gt 0 && ${lines[-1]} == "good: "* ]]
    else
        [[ $got -eq 1 ]] && is_said "${lines[@]}"
    fi
}

is_said() { # LINE...: one of them has one of $why
    local line one
    for line in "$@"; do
        for one in "${why[@]}"; do
            [[ $line != *"$one"* ]] || return 0
        done
    done
    return 1
}

# What no decoder refuses, but sample_make() does.
declare -A later=(
    [hj212/good-value-empty]='no value, but marked "N" as if there were one'
    [json/good-time-is-only-read-later]='not a time as RFC 3339 has it: "yesterday"'
    [senml/anonymous-name-plain]='"monitor": missing, and the topic does not say it'
    [senml/anonymous-rfc-position-and-humidity]='twice in one measurement'
    [senml/anonymous-rfc-position-resolved]='twice in one measurement'
    [senml/twice]='twice in one measurement'
)

cases_are_told() {
    local folder wrong=0
    told=0
    for folder in "$cases"/*/*/; do
        folder=${folder%/}
        told=$((told + 1))
        case_is_told "$folder" && continue
        wrong=$((wrong + 1))
        echo "    $folder"
        sed 's/^/        /' "$servers/told"
    done
    [[ $wrong -eq 0 && $told -gt 350 ]]
}

# ---- the manual page

# Its displays that are tried, as abate-payload.7 says at its top: for the Nth $servers/page/N.options, .payload and, if the
# page says what is told, .told; and $servers/page/reasons.
page_cut() {
    rm -rf "$servers/page"
    mkdir "$servers/page"
    awk -v folder="$servers/page" '
        function plain(text) {
            gsub(/\\-/, "-", text); gsub(/\\\(dq/, "\"", text); gsub(/\\\(aq/, "\047", text); gsub(/\\e/, "\\", text)
            return text
        }
        /^\.\\" try / { n++; kind = "payload"; print substr($0, 9) >(folder "/" n ".options"); next }
        /^\.\\" told$/ { kind = "told"; next }
        /^\.\\" profile$/ { kind = "profile"; next }
        /^\.Bd / { inside = kind != ""; next }
        /^\.Ed/ { inside = 0; kind = ""; next }
        inside { print plain($0) >(folder "/" (kind == "profile" ? "" : n ".") kind) }
        /^\.Sh / { is_reasons = $2 == "REASONS" }
        is_reasons && /^\.It Li / { print plain(substr($0, 8)) >(folder "/reasons") }' "$page"
}

page_is_true() { # N
    local n=$1 status=0
    local -a options
    read -ra options <"$servers/page/$n.options"
    decode "${options[@]/@/$servers/page/profile}" "$servers/page/$n.payload" >"$servers/told" 2>&1 || status=$?
    [[ $status -eq 0 ]] || { cat "$servers/told"; return 1; }
    [[ ! -f $servers/page/$n.told ]] || diff "$servers/page/$n.told" "$servers/told"
}

# Every reason of the decoders' cases is in the page, and what each of them is refused for.
reasons_are_told() {
    cat "$cases"/*/*/expected | sed -n 's/^refused: //p; s/^faults [0-9]*: //p' | sort -u >"$servers/reasons"
    awk 'function fits(reason, phrase,    n, part, i, at) {
             n = split(phrase, part, / *\.\.\. */)
             for (i = 1; i <= n; i++) {
                 at = index(reason, part[i])
                 if (at == 0) return 0
                 reason = substr(reason, at + length(part[i]))
             }
             return 1
         }
         NR == FNR { phrase[++count] = $0; next }
         { for (i = 1; i <= count && !fits($0, phrase[i]); i++); if (i > count) { print "    not in the page: " $0; missing = 1 } }
         END { exit missing }' "$servers/page/reasons" "$servers/reasons"
}

# ---- what it says beforehand

# topic <TAB> payload; @AT@ is an instant of its own, @MS@ the same in milliseconds, @CLOCK@ eight hours east without a zone.
payloads() {
    cat <<'END'
plants/sim/SIM/SIM000001	{"monitor":"SIM000001","time":"@AT@","period":"minute","readings":{"a21026":1.5}}
plants/sim/SIM/SIM000001	{"time":"@CLOCK@","period":"minute","readings":{"a21026":0.1,"a21002":{"value":1e-3,"mark":"D","unit":"mg/m3"}}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a34013":{"mark":"C"}}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a34013":-7,"nobody":1,"a21002":"x"}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"nobody":1,"二氧化":2}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"day","readings":{"a21026":1}}
plants/sim/SIM/SIM000001	{"monitor":"SIM000002","time":"@AT@","period":"minute","readings":{"a21026":1}}
plants/sim/OTHER/SIM000001	{"time":"@AT@","period":"minute","readings":{"a21026":1}}
plants/sim/SIM/NOBODY	{"time":"@AT@","period":"minute","readings":{"a21026":1}}
plants/sim/SIM/SIM000001	{"time":"2199-12-31T23:59:59Z","period":"minute","readings":{"a21026":1}}
plants/sim/SIM/SIM000001	{"time":"1950-01-01T00:00:00Z","period":"minute","readings":{"a21026":1}}
plants/sim/SIM/SIM000002	[{"time":"@AT@","period":"minute","readings":{"a21026":1}},{"time":"x","readings":{"a21026":1}},7]
plants/sim/SIM/SIM000002	not JSON
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"二氧化硫":{"value":1500,"unit":"μg/m³"},"nitrogen oxides":2}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a21026":{"value":1,"unit":"ppm"}}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a21026":{"value":1,"unit":"kWh"},"a21002":{"value":1,"unit":"furlongs"}}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a21026":{"value":1e308,"unit":"kg/L"},"a21002":{"value":3,"unit":"mg/m3 "}}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","readings":{"a21026":1,"二氧化硫":2}}
plants/sim/SIM/SIM000001	{"time":"@AT@","period":"minute","reissue":true,"readings":{"a21026":1.75}}
enos/post	{"id":"1","params":[{"deviceKey":"SIM000002","measurepoints":{"a21026":{"value":1.5,"quality":9},"a21002":{"value":2,"quality":4},"temp":3},"time":@MS@}]}
frames/sim/SIM/SIM000002	##0072ST=31;CN=2051;MN=SIM000002;CP=&&DataTime=20200102081500;a21026-Avg=4.5&&4B00
frames/sim/SIM/SIM000002	##0072ST=31;CN=2051;MN=SIM000002;CP=&&DataTime=20200102081500;a21026-Avg=4.5&&4B01
END
}

# Each line is told to decode, and noted with what that says; then published.
foresee() {
    local topic payload at status number=0
    while IFS=$'\t' read -r topic payload; do
        number=$((number + 1))
        at=$((1577836800 + number * 60))
        payload=${payload//@AT@/$(date -u -d "@$at" +%FT%TZ)}
        payload=${payload//@MS@/${at}000}
        payload=${payload//@CLOCK@/$(date -u -d "@$((at + 28800))" +%FT%T)}
        status=0
        printf '%s' "$payload" | decode -c "$servers/abated.conf" --registry --topic "$topic" --json - >"$servers/told" || status=$?
        printf 'insert into foreseen values (%d, $x$%s$x$, convert_to($x$%s$x$, $x$UTF8$x$), $x$%s$x$, %d);\n' "$number" "$topic" "$payload" \
            "$(<"$servers/told")" "$status" >>"$servers/foreseen.sql"
        message "$topic" "$payload" >>"$servers/queue"
    done < <(payloads)
}

# Whatever came otherwise than was said. A slot of which nothing was said is null.
surprises() {
    cat <<'END'
with said as (
    select f.number, f.topic, f.payload, f.status, f.told, m.value as measurement, m.value -> 'row' as row
      from foreseen f left join lateral jsonb_array_elements(f.told -> 'measurements') m on true
), foreseen_row as (
    select number, (row ->> 'feed_id')::int as feed_id, (row ->> 'at')::timestamptz as at,
           (select array_agg((s.value ->> 'value')::float8 order by n)
              from generate_series(1, (select max((x.value ->> 'slot')::int) from jsonb_array_elements(row -> 'slots') x)) n
              left join jsonb_array_elements(row -> 'slots') s on (s.value ->> 'slot')::int = n) as value,
           (select nullif(string_agg(coalesce(s.value ->> 'mark', 'N'), '' order by n), repeat('N', count(*)::int))
              from generate_series(1, (select max((x.value ->> 'slot')::int) from jsonb_array_elements(row -> 'slots') x)) n
              left join jsonb_array_elements(row -> 'slots') s on (s.value ->> 'slot')::int = n) as mark
      from said where row <> 'null'
), foreseen_reject as (
    select number, topic, payload, told -> 'reasons' ->> 0 as reason, jsonb_array_length(told -> 'reasons') as faults,
           coalesce((select sum(v.n) from (select count(*) filter (where s.value -> 'value' <> 'null') as n
                                             from jsonb_array_elements(told -> 'measurements') m,
                                                  jsonb_array_elements(case when m.value -> 'row' <> 'null' then m.value -> 'row' -> 'slots' else '[]' end) s) v), 0) as kept
      from foreseen where jsonb_array_length(told -> 'reasons') > 0
)
select 'row foreseen: ' || r::text from foreseen_row r
 where not exists (select from abate.sample s where s.feed_id = r.feed_id and s.at = r.at and s.value = r.value
                      and s.mark is not distinct from r.mark)
union all
select 'row not foreseen: ' || s::text from abate.sample s
 where not exists (select from foreseen_row r where s.feed_id = r.feed_id and s.at = r.at)
union all
select 'reject foreseen: ' || r::text from foreseen_reject r
 where not exists (select from abate.rejected_message m where m.topic = r.topic and m.payload = r.payload and m.reason = r.reason
                      and m.faults = r.faults and m.kept = r.kept)
union all
select 'reject not foreseen: ' || m::text from abate.rejected_message m
 where not exists (select from foreseen_reject r where m.topic = r.topic and m.payload = r.payload)
union all
select 'exit status: ' || f::text from foreseen f
 where f.status <> case when jsonb_array_length(f.told -> 'reasons') = 0 then 0 else 1 end
END
}

# ---- the test

servers_begin
abatectl=$(program abatectl)
source=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
profiles=$source/daemon/profiles
page=$source/daemon/abate-payload.7
cases=${ABATE_CASES:-$(dirname "${BASH_SOURCE[0]}")/../cases}

story "every decoder's case"
{
    echo 'broker "b" { host = localhost }'
    for form in json senml hj212; do
        echo "feed \"$form\" { topic = \"$form/#\" form = $form }"
    done
} >"$servers/anonymous.conf"
expect_true "is told as it is expected" cases_are_told
echo "    $told cases"

story "the manual page"
page_cut
for n in 1 2 3 4 5; do
    expect_true "$(<"$servers/page/$n.options")" page_is_true "$n"
done
expect "that is all of them" "$(find "$servers/page" -name '*.options' | wc -l)" 5
expect_true "has every reason of the decoders' cases" reasons_are_told
echo "    $(wc -l <"$servers/page/reasons") reasons for $(wc -l <"$servers/reasons")"

story "lines, as of a log"
{
    cat "$cases"/hj212/good-*/payload | tr -d '\r' | grep '^##'
    echo
    echo "##0000"
} >"$servers/log"
status=0
decode --form hj212 --lines "$servers/log" >"$servers/told" || status=$?
expect "a refused one" "$status" 1
expect "is numbered" "$(grep -c "^ *$(wc -l <"$servers/log")  refused  " "$servers/told")" 1
expect_true "with a sum at the end" grep -Eq "^[0-9]+ payloads: [0-9]+ good, [0-9]+ in part, 1 refused; " <(tail -n 1 "$servers/told")
decode --form hj212 --lines --json - <"$servers/log" >"$servers/told" || true
expect "for machines, the sum too" "$(tail -n 1 "$servers/told" | sed 's/:[0-9]*/:n/g')" \
    '{"payloads":n,"good":n,"in part":n,"refused":n,"readings":n,"measurements":n}'

story "wrong usage"
for arguments in "" "--form xml -" "--zone CST -" "--registry -" "--arrived now -" "a b"; do
    status=0
    # shellcheck disable=SC2086 # words
    decode $arguments </dev/null >"$servers/told" 2>&1 || status=$?
    expect "decode $arguments" "$status" 2
done
status=0
decode "$servers/nowhere" 2>"$servers/told" || status=$?
expect "no such file" "$status $(grep -c 'No such file' "$servers/told")" "1 1"
status=0
decode -c "$servers/anonymous.conf" --feed north - </dev/null 2>"$servers/told" || status=$?
expect "no such feed" "$status $(grep -c 'there is no feed "north"' "$servers/told")" "1 1"
status=0
decode --topic "a/b" "$cases/json/good/payload" >"$servers/told" || status=$?
expect "a topic that is nobody's" "$status $(cat "$servers/told")" \
    '1 refused      topic "a/b" does not fit "plants/{region}/{plant}/{monitor}"'
status=0
decode -c "$servers/anonymous.conf" --registry --topic "a/b" "$cases/json/good/payload" >"$servers/told" || status=$?
expect "one that no feed takes" "$status $(cat "$servers/told")" \
    '1 refused      topic "a/b" matches no feed of the configuration'

story "what it says beforehand is what the daemon does"
servers_migrated
postgres_start
mosquitto_start
abate_conf
cat >>"$servers/abated.conf" <<'END'
feed "frames" { topic = "frames/{region}/{plant}/{monitor}" form = hj212 past = "50y" }
feed "enos" { topic = "enos/post" profile = "enos" past = "50y" }
profile "enos" {
    each = "/params/*"
    monitor = "./deviceKey"
    time = "./time"
    time_form = ms
    period = minute
    readings = "./measurepoints/*"
    value = "./value"
    mark = "./quality"
    marks = {"9=N", "*=D"}
}
END
database_make
simulate_register 2 3
status=0
decode -c "$servers/abated.conf" --registry --topic plants/sim/SIM/SIM000001 "$cases/json/good/payload" >"$servers/told" || status=$?
sed 's/^/    /' "$servers/told"
psql_value "create table foreseen (number int, topic text, payload bytea, told jsonb, status int)"
foresee
expect "nothing is stored by it" "$(rows_of sample) $(rows_of rejected_message)" "0 0"
psql_file "$servers/foreseen.sql"
abated_start
publish "$servers/queue"
process_wait publish 30
all_is_judged() {
    [[ $(psql_value "select (select count(*) from abate.sample) + (select coalesce(sum(times), 0) from abate.rejected_message)") -ge $wanted ]]
}
wanted=$(psql_value "select (select count(*) from foreseen, jsonb_path_query(told, '\$.measurements[*].row ? (@ != null)'))
                          + (select count(*) from foreseen where told -> 'reasons' <> '[]')")
expect_true "all of it has come: $wanted rows" wait_until 20 all_is_judged
abated_stop
expect "surprises" "$(psql_value "$(surprises)")" ""
echo "    $(payloads | wc -l) payloads: $(rows_of sample) samples, $(rows_of rejected_message) rejected"
story_end
