#!/usr/bin/env bash
# A plan's folder into a real database: whole or not at all, once, and a changed one beside the old.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

source_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
plans=$source_top/sql/plans/zhengzhou-2019
status=0

# plan ARGUMENT...: abatectl plan; its words go to $servers/said and $servers/faults, its exit status to `status`.
plan() {
    status=0
    "$(program abatectl)" -c "$servers/abated.conf" plan "$@" >"$servers/said" 2>"$servers/faults" || status=$?
}

# load FOLDER [OPTION ...]: by a person who may write.
load() {
    plan load --conninfo "host=$PGHOST dbname=abate user=keeper" "${@:2}" "$1"
}

# What is stored of plans and register, and by what transactions: changes with every write.
state() {
    psql_value "select md5(string_agg(t, e'\n')) from (
                    select concat_ws(' ', 'plan', xmin, v) as t from abate.plan_version v
                     union all select concat_ws(' ', 'commitment', xmin, commitment_id) from abate.commitment_version
                     union all select concat_ws(' ', 'region', xmin, r) from abate.region r
                     union all select concat_ws(' ', 'plant', xmin, p) from abate.plant p
                     union all select concat_ws(' ', 'agency', xmin, a) from abate.agency a
                     union all select concat_ws(' ', 'sector', xmin, s) from abate.sector s
                     union all select concat_ws(' ', 'limit', xmin, l) from abate.emission_limit l
                     union all select concat_ws(' ', 'indicator', xmin, i) from abate.indicator i
                     union all select concat_ws(' ', 'baseline', xmin, b) from abate.baseline b
                     order by t) x"
}

# expect_said FILE TEXT
expect_said() {
    expect_true "says: $2" grep -qF -e "$2" "$servers/$1"
}

# copy_of FOLDER: a copy to change, $copy.
copy_of() {
    copy=$servers/folder
    rm -rf "$copy"
    cp -r "$1" "$copy"
    chmod -R u+w "$copy"
}

servers_begin
servers_migrated
postgres_start
abate_conf
database_make
psql_value "create role keeper login in role abate_owner; grant connect on database abate to keeper"

story "nothing is there yet"
plan show
expect "exit status" "$status" 1
expect_said faults "no plan is loaded"

story "the daemon's role may not load"
plan load "$plans"
expect "exit status" "$status" 1
expect_said faults "loading wants a member of abate_owner"

story "a dry run"
load "$plans" --dry-run
expect "exit status" "$status" 0
expect_said said "dry run: nothing of this was kept"
expect "plans" "$(rows_of plan_version)" 0

story "the plan of Zhengzhou"
load "$plans"
sed 's/^/    /' "$servers/said" "$servers/faults"
expect "exit status" "$status" 0
expect "commitments" "$(rows_of commitment "plan_code = 'zhengzhou-2019'")" 120
expect "each once" "$(psql_value "select count(distinct commitment_code) from abate.commitment")" 120
expect "by whom" "$(psql_value "select loaded_by from abate.plan_version")" keeper
before=$(state)

story "a second time"
load "$plans"
expect "exit status" "$status" 0
expect "what is said" "$(cat "$servers/said")" "plan zhengzhou-2019: version 1 as before, nothing changed"
expect "what is stored" "$(state)" "$before"

story "a folder with a dozen mistakes: each is named with its place, and nothing is loaded"
copy_of "$plans"
first=$(wc -l <"$copy/sectors.csv") # the last line's number
printf 's-new,"an odd quote\n' >>"$copy/sectors.csv"
printf '419999,410100,district,\326\320,no UTF-8\n' >>"$copy/regions.csv"
printf 'a\0b,a NUL,,,\n' >>"$copy/parks.csv"
printf 'kiln9,name\n' >>"$copy/line_kinds.csv"
printf 'new-plant,新厂,new,999999,no-sector,huge,maybe,,,sell,2021-02-30,\n' >>"$copy/plants.csv"
sed -i '1s/document/documents/' "$copy/plan.csv"
sed -i '2s/2020-12-31/2020-31-12/; 3s/,falls_by,0.25,/,falls_by,25,/' "$copy/commitments.csv"
printf 'O-1,nobody,,\n' >>"$copy/subjects.csv"
printf 'energy_total,410100,2015,"12,5",,,,\n' >>"$copy/baselines.csv"
touch "$copy/notes.csv" "$copy/figures.csv"
load "$copy"
sed 's/^/    /' "$servers/faults"
expect "exit status" "$status" 1
plants=$(wc -l <"$copy/plants.csv")
expect_said faults "sectors.csv:$((first + 1)): field 2: a quote that is never closed"
expect_said faults "regions.csv:$(wc -l <"$copy/regions.csv"): column \"name_zh\": is no UTF-8"
expect_said faults "parks.csv:$(wc -l <"$copy/parks.csv"): column \"park_code\": has a NUL byte"
expect_said faults "line_kinds.csv:$(wc -l <"$copy/line_kinds.csv"): has 2 fields, the header has 4"
expect_said faults "plants.csv:$plants: column \"region_code\": \"999999\" is no region of this folder or the register"
expect_said faults "plants.csv:$plants: column \"sector_code\": \"no-sector\" is no sector of this folder or the register"
expect_said faults "plants.csv:$plants: column \"size_class\": \"huge\" is none of these: small"
expect_said faults "plants.csv:$plants: column \"above_scale\": \"maybe\" is no answer: write yes or no"
expect_said faults "plants.csv:$plants: column \"disposition\": \"sell\" is none of these: in_place"
expect_said faults "plants.csv:$plants: column \"start_due\": \"2021-02-30\" is no date: write YYYY-MM-DD"
expect_said faults "plan.csv:1: column \"document\": is missing"
expect_said faults "plan.csv:1: column \"documents\": is not known here"
expect_said faults "commitments.csv:2: column \"deadline\": \"2020-31-12\" is no date: write YYYY-MM-DD"
expect_said faults "commitments.csv:3: column \"target\": is no share: a fall of 23 % is 0.23"
expect_said faults "subjects.csv:$(wc -l <"$copy/subjects.csv"): column \"plant_code\": \"nobody\" is no plant"
expect_said faults "baselines.csv:$(wc -l <"$copy/baselines.csv"): column \"value\": \"12,5\" is no number"
expect_said faults "baselines.csv:$(wc -l <"$copy/baselines.csv"): column \"source\": is empty: it is needed"
expect_said faults "notes.csv: is no file of a plan"
expect_said faults "figures.csv: is empty: its first line names the columns"
expect_said faults "20 errors, nothing was loaded"
expect "what is stored" "$(state)" "$before"

sed '$d' "$servers/faults" >"$servers/words"
load "$copy" --json
expect "for machines: exit status, the whole" "$status $(json_of "$servers/said" 'len(lines), lines[-1]')" \
    "1 (21, {'kind': 'plan', 'plan': None, 'version': None, 'new_version': None, 'commitments': None, 'files': [], 'faults': 20, 'more_faults': 0, 'more_changes': 0, 'dry': False})"
expect "the same in parts" "$(json_of "$servers/said" '"\n".join(l["file"] + (":%d" % l["line"] if l["line"] else "") + ": " + ("column \"%s\": " % l["column"] if l["column"] else "") + l["words"] for l in lines[:-1])')" "$(cat "$servers/words")"
expect "lines of standard error" "$(grep -c . "$servers/faults")" 1
expect "what is stored" "$(state)" "$before"

story "one row of another file is wrong: nothing of the good ones is loaded either"
copy_of "$plans"
sed -i 's/,Henan$/,Ho Nan/' "$copy/regions.csv"
printf 'energy_total,nowhere,2015,1,x,,,\n' >>"$copy/baselines.csv"
load "$copy"
expect "exit status" "$status" 1
expect_said faults "1 error, nothing was loaded"
expect "what is stored" "$(state)" "$before"

story "a changed plan is a new version beside the old"
copy_of "$plans"
sed -i '2s/,falls_by,0.23,/,falls_by,0.24,/' "$copy/commitments.csv"
load "$copy" --json --dry-run
expect "for machines, dry" "$status $(json_of "$servers/said" 'len(lines), [lines[0][m] for m in ("kind", "plan", "version", "new_version", "commitments", "faults", "dry")], [f for f in lines[0]["files"] if f["file"] == "commitments.csv"]')" \
    "0 (1, ['plan', 'zhengzhou-2019', 2, True, 120, 0, True], [{'file': 'commitments.csv', 'new': 0, 'changed': 1, 'gone': 0, 'same': 119}])"
expect "what is stored" "$(state)" "$before"
load "$copy"
sed 's/^/    /' "$servers/said" "$servers/faults"
expect "exit status" "$status" 0
expect_said said "commitments.csv    1 changed, 119 as before"
expect_said said "plan zhengzhou-2019: version 2 is new, 120 commitments"
expect "both are there" "$(psql_value "select string_agg(version || ' ' || target, ', ' order by version)
    from abate.plan_version join abate.commitment_version using (plan_version_id) where commitment_code = 'O-1'")" \
    "1 0.23, 2 0.24"

# judged INSTANT: the verdicts of the second city, judged by the daemon's role.
judged() {
    psql_value "set role abate_writer; select verdicts from abate.judge('$1', 50000, true)" >/dev/null
    psql_value "select string_agg(commitment_code || ' ' || verdict, ', ' order by ordinal)
                  from abate.plan_status(abate.day_of('$1', '9 hours')) where plan_code = 'littletown-2021'"
}

story "a second city beside it: another folder, no change of code"
if [[ -d $source_top/tests/plans/littletown-2021 ]]; then
    load "$source_top/tests/plans/littletown-2021"
    sed 's/^/    /' "$servers/said" "$servers/faults"
    expect "exit status" "$status" 0
    expect "plans" "$(rows_of plan)" 2
    expect "those of Zhengzhou stay" "$(rows_of commitment "plan_code = 'zhengzhou-2019'")" 120
    plan show --plan littletown-2021
    expect "exit status" "$status" 0
    expect_said said "plan littletown-2021, version 1, on "
    load "$source_top/tests/plans/littletown-2021"
    expect_said said "plan littletown-2021: version 1 as before, nothing changed"

    story "and judged by the same functions: in the middle of its time, at its end, and after a late word"
    # 1: 1 - (980 / 2080000) / (1000 / 2000000) is 5.8 %, by the pace 1 - 0.9 ^ (1 / 2) is 5.1 %; 1 - (960 / 2150000) / ... is 10.7 %.
    # 2: 18 of 30 after 350 of 531 days, for which 19.8 are wanted; 31 in time. 3: nobody measures. 4: never closed.
    # 5: two days before its date. 6: a month of many. 7: the old works has begun none by autumn. 8: two kilns under 50 t/d.
    expect "on 2022-03-01" "$(judged "2022-03-01 12:00+09")" \
        "1 on_track, 2 behind, 3 unknown, 4 overdue, 5 met, 6 overdue, 7 behind, 8 on_track"
    expect "on 2023-02-01" "$(judged "2023-02-01 12:00+09")" \
        "1 met, 2 met, 3 unknown, 4 overdue, 5 met, 6 overdue, 7 overdue, 8 overdue"
    psql_value "select abate.close_down('lt-oldtile', null, '2021-12-30 00:00+09', 'a late word');
                update abate.line set retired_on = '2022-11-30' where line_kind = 'lt_tile_kiln' and size < 50" >/dev/null
    expect "on 2023-02-01, the works closed in time after all" "$(judged "2023-02-01 12:00+09")" \
        "1 met, 2 met, 3 unknown, 4 met, 5 met, 6 overdue, 7 met_late, 8 met"
    expect "what was said before stays on record" "$(psql_value "select string_agg(verdict, ' then ' order by verdict_id)
        from abate.verdict join abate.commitment using (commitment_id)
       where plan_code = 'littletown-2021' and commitment_code = '4' and on_day = '2023-02-01'")" "overdue then met"
    expect "and its breach is withdrawn, with the reason" "$(psql_value "select count(*) filter (where b.withdrawn is null), count(*)
        from abate.breach b join abate.commitment using (commitment_id)
       where plan_code = 'littletown-2021' and commitment_code = '4' and b.closed is null")" "0|1"
fi

story "how it stands"
plan show --plan zhengzhou-2019 --at 2020-12-31
head -n 6 "$servers/said"
expect "exit status" "$status" 0
expect_said said "plan zhengzhou-2019, version 2, on 2020-12-31"
expect_said said "120 commitments: "
expect "a row each, with a title and a closing line" "$(wc -l <"$servers/said")" 125
plan show --at 2020-31-12
expect "no such day: exit status" "$status" 2
expect_said faults '"2020-31-12" is no day: write YYYY-MM-DD'
plan show --plan nowhere
expect "no such plan: exit status" "$status" 1
plan load
expect "no folder: exit status" "$status" 2
plan load "$servers/nothing"
expect "a folder that is not there: exit status" "$status" 1

story "the database is away"
postgres_stop
load "$plans"
expect "exit status" "$status" 1
expect_said faults "database: "
story_end
