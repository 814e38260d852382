#!/usr/bin/env bash
# Plans as tables (sql/plans/README.md): whole, in order, and Zhengzhou's in the plan's own words.
#
# Needs the plan's text for the last: it is looked for beside the real input (ABATE_DATA), and when it is not there that
# check alone is left out, which makes the test a skipped one (77).
set -euo pipefail

data=${ABATE_DATA:-}
[[ -z $data || $data == /* ]] || data=$PWD/$data
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly beside=${data:-../shared/data}/..
readonly plan=sql/plans/zhengzhou-2019
readonly littletown=tests/plans/littletown-2021
readonly demo=tests/demo/plan
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C # bytes: UTF-8 is looked at where it matters
faults=0 skipped=no

fault() {
    printf 'fault: %s\n' "$*"
    faults=$((faults + 1))
}

same() { # WORDS FOUND WANTED
    [[ $2 == "$3" ]] || fault "$1: $2, should be $3"
}

# What a program finds wrong, a line each.
faults_of() {
    local line
    while IFS= read -r line; do fault "$line"; done
}

# cells FILE COLUMN...: the columns named, parted by tabs, a row a line, without the header. "#" is the row's line.
cells() {
    local file=$1 IFS=,
    shift
    awk -v file="$file" -v columns="$*" '
        function take(line, cell,    n, i, ch, text, quoted) { # the cells of a row; returns how many
            n = 1; text = ""; quoted = 0
            for (i = 1; i <= length(line); i++) {
                ch = substr(line, i, 1)
                if (quoted && ch == "\"" && substr(line, i + 1, 1) == "\"") { text = text ch; i++ }
                else if (ch == "\"") quoted = !quoted
                else if (ch == "," && !quoted) { cell[n++] = text; text = "" }
                else text = text ch
            }
            cell[n] = text
            if (quoted) print file ":" NR ": a quote is never closed" >"/dev/stderr"
            return n
        }
        BEGIN { wanted = split(columns, column, ",") }
        NR == 1 {
            width = take($0, cell)
            for (i = 1; i <= width; i++) at[cell[i]] = i
            for (i = 1; i <= wanted; i++)
                if (column[i] != "#" && !(column[i] in at)) { print file ": no column " column[i] >"/dev/stderr"; exit 1 }
            next
        }
        {
            n = take($0, cell)
            if (n != width) print file ":" NR ": " n " cells instead of " width >"/dev/stderr"
            for (i = 1; i <= wanted; i++)
                printf "%s%s", column[i] == "#" ? NR : cell[at[column[i]]], i < wanted ? "\t" : "\n"
        }' "$file"
}

columns_of() { # FILE
    local first=
    read -r first <"$1" || true
    printf '%s\n' "${first//,/$'\n'}"
}

has_column() { # FILE COLUMN
    local first=
    read -r first <"$1" || true
    [[ ,$first, == *,"$2",* ]]
}

# ---- what holds for every folder

check_form() { # FILE
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || fault "$1: not UTF-8"
    ! grep -q $'[\r\t]' "$1" || fault "$1: a carriage return or a tab"
    [[ -z $(tail -c 1 "$1" | tr -d '\n') ]] || fault "$1: its last line has no end"
    cells "$1" '#' 2>&1 >/dev/null | faults_of
}

# The columns of each file, in their order. A folder that only adds to a plan has just the code of it in plan.csv.
headers() {
    cat <<'END'
plan plan_code,name_zh,name_en,region_code,utc_offset,issued,document,source
regions region_code,parent_code,level,name_zh,name_en
agencies agency_code,name_zh,name_en,region_code,aliases
sectors sector_code,name_zh,name_en
groups group_code,name_zh,name_en
group_sectors group_code,sector_code
line_kinds line_kind,name_zh,name_en,size_unit
parks park_code,name_zh,name_en,region_code,level
plants plant_code,name_zh,name_en,region_code,sector_code,size_class,above_scale,in_built_up_area,park_code,disposition,start_due,finish_due
lines plant_code,line_code,name_zh,name_en,line_kind,size,excepted,started_on,retired_on,source
indicators indicator_code,name_zh,name_en,unit,folds,origin,parameter_code,metered_whole,source
baselines indicator_code,region_code,year,value,source,source_date,author,confirmed_by
limits parameter_code,period,sector_code,lower,upper,reference_oxygen,unit,standard,clause,source,source_date,confirmed_by,confidence,valid_from,valid_to
commitments commitment_code,clause,quotation,name_en,kind,telemetry,soft,start_due,deadline,deadline_note,indicator_code,per_indicator,relation,target,unit,baseline_year,day_of_month,subject,group_code,dispositions,size_classes,in_built_up_area,in_park,line_kind,line_size,line_relation,lead,responsible,cooperating,note
subjects commitment_code,plant_code,agency_code,due
figures indicator_code,region_code,agency_code,period_from,period_to,value,source,author
milestones commitment_code,plant_code,agency_code,line_code,period_from,due,started,done,is_kept,evidence,source,author
END
}

check_headers() { # FOLDER
    local file name header all optional=lines,figures,milestones
    all=$(headers)
    [[ -f $1/commitments.csv ]] || optional=$(headers | cut -d ' ' -f 1 | tr '\n' ',')
    while read -r file header; do
        if [[ ! -f $1/$file.csv ]]; then
            [[ ,$optional, == *,$file,* ]] || fault "$1/$file.csv is missing"
        elif [[ $file == plan && ! -f $1/commitments.csv ]]; then
            same "$1/$file.csv" "$(head -n 1 "$1/$file.csv")" plan_code
        else
            same "$1/$file.csv" "$(head -n 1 "$1/$file.csv")" "$header"
        fi
    done <<<"$all"
    for file in "$1"/*.csv; do
        name=${file##*/}
        [[ $'\n'$all == *$'\n'"${name%.csv} "* ]] || fault "$file is no file of a plan"
    done
}

# Days of the calendar, and none before another that has to come first.
check_dates() { # FILE
    local column
    for column in $(columns_of "$1" |
        grep -Ex 'issued|due|.*_due|deadline|.*_date|valid_(from|to)|period_(from|to)|started|done|(started|retired)_on' || true); do
        faults_of < <(cells "$1" '#' "$column" | awk -F '\t' -v file="$1" -v column="$column" '
            $2 == "" { next }
            { y = substr($2, 1, 4); m = substr($2, 6, 2) + 0; d = substr($2, 9, 2) + 0
              last = m == 2 ? (y % 4 ? 28 : 29) : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31 }
            $2 !~ /^(19|20|21)[0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ || m < 1 || m > 12 || d < 1 || d > last {
                print file ":" $1 ": " column ": no date: " $2
            }')
    done
    in_order "$1" start_due deadline
    in_order "$1" start_due finish_due
    in_order "$1" valid_from valid_to
    in_order "$1" period_from period_to
    in_order "$1" started 'done'
    in_order "$1" started_on retired_on
}

in_order() { # FILE EARLIER LATER
    has_column "$1" "$2" && has_column "$1" "$3" || return 0
    faults_of < <(cells "$1" '#' "$2" "$3" | awk -F '\t' -v file="$1" -v words="$3 is before $2" '
        $2 != "" && $3 != "" && $3 < $2 { print file ":" $1 ": " words }')
}

# refers FILE COLUMN KNOWN: every code in the column, or each of its list, is a line of the file KNOWN.
refers() {
    faults_of < <(cells "$1" '#' "$2" | awk -F '\t' -v file="$1" -v column="$2" '
        FILENAME == "-" { n = split($2, code, "|")
            for (i = 1; i <= n; i++) if (!(code[i] in known)) print file ":" $1 ": " column ": not known: " code[i]
            next }
        { known[$0] }' "$3" -)
}

known() { # FOLDER FILE COLUMN: the file that has the codes it defines
    cells "$1/$2.csv" "$3" >"$scratch/$2.$3"
    printf '%s' "$scratch/$2.$3"
}

said_once() { # FILE COLUMN...
    local file=$1
    shift
    faults_of < <(cells "$file" "$@" | sort | uniq -d | sed "s|^|$file: stands there twice: |")
}

one_of() { # FILE COLUMN WORD...: "" is a word, too
    local file=$1 column=$2 IFS='|'
    shift 2
    faults_of < <(cells "$file" '#' "$column" | awk -F '\t' -v file="$file" -v column="$column" -v words="$*" '
        BEGIN { n = split(words, w, "|"); for (i = 1; i <= n; i++) is[w[i]] }
        { m = split($2, part, "|"); if (m == 0) part[m = 1] = "" }
        { for (i = 1; i <= m; i++) if (!(part[i] in is)) print file ":" $1 ": " column ": none of " words ": " part[i] }')
}

readonly registers='regions:region_code agencies:agency_code sectors:sector_code groups:group_code line_kinds:line_kind
    parks:park_code plants:plant_code indicators:indicator_code commitments:commitment_code'

# file column, and the file and column it refers to
references() {
    cat <<'END'
plan          region_code     regions      region_code
regions       parent_code     regions      region_code
agencies      region_code     regions      region_code
group_sectors group_code      groups       group_code
group_sectors sector_code     sectors      sector_code
plants        region_code     regions      region_code
plants        sector_code     sectors      sector_code
plants        park_code       parks        park_code
parks         region_code     regions      region_code
limits        sector_code     sectors      sector_code
baselines     indicator_code  indicators   indicator_code
baselines     region_code     regions      region_code
commitments   indicator_code  indicators   indicator_code
commitments   per_indicator   indicators   indicator_code
commitments   group_code      groups       group_code
commitments   line_kind       line_kinds   line_kind
commitments   lead            agencies     agency_code
commitments   responsible     agencies     agency_code
commitments   cooperating     agencies     agency_code
subjects      commitment_code commitments  commitment_code
subjects      plant_code      plants       plant_code
subjects      agency_code     agencies     agency_code
lines         plant_code      plants       plant_code
lines         line_kind       line_kinds   line_kind
figures       indicator_code  indicators   indicator_code
figures       region_code     regions      region_code
figures       agency_code     agencies     agency_code
milestones    commitment_code commitments  commitment_code
milestones    plant_code      plants       plant_code
milestones    agency_code     agencies     agency_code
END
}

check_references() { # FOLDER REGISTERS: the folder that defines what the first refers to
    local file column theirs code
    while read -r file column theirs code; do
        [[ ! -f $1/$file.csv ]] || ! has_column "$1/$file.csv" "$column" ||
            refers "$1/$file.csv" "$column" "$(known "$2" "$theirs" "$code")"
    done < <(references)
}

# What the tables of the schema want of a commitment (sql/migrations/0011_plan.sql).
check_commitments() { # FOLDER
    local file=$1/commitments.csv
    sed -n "/^insert into abate.commitment_kind/,/;\$/s/^    ('\([a-z]*\)',.*/\1/p" sql/migrations/0011_plan.sql >"$scratch/kinds"
    refers "$file" kind "$scratch/kinds"
    one_of "$file" telemetry direct partly reported
    one_of "$file" soft yes no
    one_of "$file" relation '' at_least at_most falls_by
    one_of "$file" subject region plant agency line monitor
    one_of "$file" dispositions '' in_place change move close
    one_of "$file" size_classes '' small medium large very_large
    one_of "$file" in_built_up_area '' yes no
    one_of "$file" in_park '' yes no
    one_of "$file" line_relation '' below at_most
    faults_of < <(cells "$file" commitment_code kind relation target line_size line_relation line_kind indicator_code \
        per_indicator baseline_year day_of_month name_en clause quotation | awk -F '\t' '
        function wrong(why) { print $1 ": " why }
        $12 == "" || $13 == "" || $14 == "" { wrong("without a name, a clause or a quotation") }
        ($3 == "") != ($4 == "") { wrong("a target and a relation go together") }
        ($5 == "") != ($6 == "") { wrong("a line_size and a line_relation go together") }
        $5 != "" && $7 == "" { wrong("a line_size of no line_kind") }
        $2 == "capacity" && $7 == "" { wrong("capacity of no line_kind") }
        $2 == "report" && $11 == "" { wrong("a report without its day of the month") }
        $3 == "falls_by" && $10 == "" { wrong("a fall from no baseline_year") }
        $2 ~ /^(intensity|total|share|count)$/ && ($3 == "" || $8 == "") { wrong("a figure without target or indicator") }
        $2 ~ /^(intensity|share)$/ && $9 == "" { wrong("one sum over another: which?") }')
}

check_limits() { # FOLDER
    sed -n "s/^    ('\([a-z][A-Za-z0-9_]*\)', *'[^']*', *'.*/\1/p" sql/migrations/0008_parameters_and_marks.sql >"$scratch/parameters"
    refers "$1/limits.csv" parameter_code "$scratch/parameters"
    refers "$1/indicators.csv" parameter_code "$scratch/parameters"
    said_once "$1/limits.csv" parameter_code period sector_code lower upper unit standard clause valid_from
    one_of "$1/limits.csv" period realtime minute hour day
    one_of "$1/limits.csv" confidence '' low medium high
    faults_of < <(cells "$1/limits.csv" '#' lower upper source standard | awk -F '\t' -v file="$1/limits.csv" '
        $2 == "" && $3 == "" { print file ":" $1 ": no bound" }
        $2 != "" && $3 != "" && $2 + 0 >= $3 + 0 { print file ":" $1 ": bounds out of order" }
        $4 == "" || $5 == "" { print file ":" $1 ": no source or no standard" }')
}

check_folder() { # FOLDER REGISTERS
    local file register
    check_headers "$1"
    for file in "$1"/*.csv; do
        check_form "$file"
        check_dates "$file"
    done
    check_references "$1" "$2"
    [[ -f $1/commitments.csv ]] || return 0
    for register in $registers; do
        said_once "$1/${register%:*}.csv" "${register#*:}"
    done
    said_once "$1/group_sectors.csv" group_code sector_code
    said_once "$1/subjects.csv" commitment_code plant_code agency_code
    check_commitments "$1"
    check_limits "$1"
}

# ---- what holds for Zhengzhou's

members() { # GROUP
    cells "$plan/group_sectors.csv" group_code sector_code | awk -F '\t' -v group="$1" '$1 == group' | wc -l
}

# The sectors a list of the plan names are in its group; narrower ones may be, too.
named() { # GROUP SECTOR...
    local group=$1 sector
    shift
    for sector in "$@"; do
        cells "$plan/group_sectors.csv" group_code sector_code | grep -qx "$group"$'\t'"$sector" ||
            fault "$plan/group_sectors.csv: $group: without $sector, which the plan names"
    done
}

check_lists() {
    named f-1 steel foundry carbon electrolytic-aluminium alumina cement brick ceramics refractories power pesticide pharmaceutical
    named d-7 steel electrolytic-aluminium cement glass coking foundry carbon chemicals paper dyeing
    named a-2 steel electrolytic-aluminium cement glass coal-chemicals coking foundry aluminium-carbon
    named c-1 carbon brown-corundum ceramics refractories brick foundry
    named n-2 steel cement chemicals glass nonferrous
    named n-5 electrolytic-aluminium ferroalloy calcium-carbide caustic-soda cement steel
    named p-1 steel petrochemical chemicals dyeing paper food
    named q-3 paper nitrogen-fertiliser dyeing nonferrous drug-substance electroplating carbon thermal-power brewing sewage
    same "plants only named, by register" "$(members listed)" 0
    same "named enterprises" "$(cells $plan/plants.csv plant_code | wc -l)" 12
    same "baselines, of which the plan has none" "$(cells $plan/baselines.csv value | wc -l)" 0
    same "limits that say somebody confirmed them" "$(cells $plan/limits.csv confirmed_by | grep -c . || true)" 0
    faults_of < <(cells $plan/regions.csv region_code | grep -vEx '410000|4101[0-9]{2}' | sed 's/^/no code of GB\/T 2260: /')
}

# The numbers of a row stand in its own quotation.
check_numbers() {
    faults_of < <(cells $plan/commitments.csv commitment_code kind target line_kind line_size baseline_year day_of_month quotation |
        awk -F '\t' '
        function wants(text) { if (index($8, text) == 0) print $1 ": the quotation does not say " text }
        $2 ~ /^(intensity|total|share)$/ && $3 != 1 { wants($3 * 100 "%") }
        $2 == "count" { wants($3) }
        $5 != "" { wants($4 ~ /clinker|mill/ ? $5 : $5 / 10 "万吨") }
        $6 != "" { wants($6 "年") }
        $7 != "" { wants($7 "日") }')
}

check_ids() {
    local ids=$beside/facts/plan.md
    cells $plan/commitments.csv commitment_code >"$scratch/ids"
    same "commitments" "$(wc -l <"$scratch/ids")" 120
    same "commitments by letter" "$(sed 's/-.*//' "$scratch/ids" | uniq -c | awk '{ printf "%s%s%s", sep, $2, $1; sep = " " }')" \
        "O8 A12 B11 C3 D11 E9 F4 H5 I7 J7 K2 L5 M3 N5 P4 Q5 S6 T7 U6"
    if [[ -f $ids ]]; then
        sed -n 's/^| \([A-Z]-[0-9]*\) |.*/\1/p' "$ids" | diff - "$scratch/ids" >"$scratch/diff" ||
            fault "not the commitments of $ids: $(tr '\n' ' ' <"$scratch/diff")"
    fi
}

check_quotations() {
    local text=$beside/plan/zhengzhou-plan.zh.txt
    if [[ ! -f $text ]]; then
        echo "$text: the quotations are left out (set ABATE_DATA to where it is)"
        skipped=yes
        return
    fi
    faults_of < <(cells $plan/commitments.csv commitment_code quotation | awk -F '\t' '
        FILENAME == "-" { if ($2 == "" || index(text, $2) == 0) print $1 ": not in the plan: " $2; next }
        { text = text $0 "\n" }' "$text" -)
    faults_of < <(cells $plan/plants.csv plant_code name_zh | awk -F '\t' '
        FILENAME == "-" { if (index(text, $2) == 0) print $1 ": not in the plan: " $2; next }
        { text = text $0 "\n" }' "$text" -)
}

# Invented figures say so in every row.
check_invented() { # WORDS FILE...
    local words=$1 file
    shift
    for file in "$@"; do
        faults_of < <(cells "$file" '#' source | awk -F '\t' -v file="$file" -v words="$words" '
            index($2, words) != 1 { print file ":" $1 ": does not say that it is " words }')
    done
}

check_folder $plan $plan
check_folder $littletown $littletown
check_folder $demo $plan
check_lists
check_numbers
check_ids
check_quotations
check_invented "invented for tests" $littletown/{plan,lines,indicators,baselines,limits,figures,milestones}.csv
check_invented "invented for the demonstration" $demo/{baselines,figures,milestones}.csv
[[ $faults -eq 0 ]] || { printf '%d faults\n' "$faults"; exit 1; }
[[ $skipped == no ]] || exit 77
printf 'plan: %d commitments, no fault\n' "$(wc -l <"$scratch/ids")"
