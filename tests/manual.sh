#!/usr/bin/env bash
# The manual pages: clean to mandoc, each page they point to is there; abatectl(1) tells of every scenario, and abate-operations(7) of every alert, trouble,
# reason of /health, and line of the daemon that ends in a hint; and of none that is no more.
set -euo pipefail
command -v mandoc >/dev/null || { echo "manual: no mandoc"; exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly operations=daemon/abate-operations.7
wrong=0

fault() {
    printf 'manual: %s\n' "$*"
    wrong=$((wrong + 1))
}

pages_are_clean() {
    local page line name
    for page in daemon/*.[0-9]; do
        while read -r line; do fault "$line"; done < <(mandoc -Tlint -Wwarning "$page" 2>/dev/null)
        grep -qE "(^|[ /])$page( |\$)" daemon/daemon.am || fault "$page is not installed"
        while read -r name; do
            [[ -f daemon/$name ]] || fault "$page: there is no $name"
        done < <(sed -nE 's/^\.Xr (abate[a-z.-]*) ([0-9]).*/\1.\2/p; s/^\.BR (abate[a-z.\\-]*) \(([0-9])\).*/\1.\2/p' "$page" | tr -d '\\')
    done
}

# The strings of C, a line each; what printf fills in, and what is put together, is "...".
strings() {
    cat "$@" | tr '\n' ' ' | sed -E 's/" *PRI[a-zA-Z0-9]+ *"/d/g; s/" +"//g' |
        grep -oE '"([^"\\]|\\.)*"' |
        sed -E 's/^"(.*)"$/\1/; s/\\"%s\\"/.../g; s/\\"//g; s/%[-0-9.*]*(l|ll|z)?[dusxc](02x)?/.../g; s/0x\.\.\./.../g'
}

# What stands behind .It in a section, one a line.
told() { # SECTION
    awk -v section="$1" '
        /^\.Sh / { on = substr($0, 5) == section }
        !on { next }
        /^\.It Xo/ { line = ""; open = 1; next }
        /^\.Xc/ { print line; open = 0; next }
        { gsub(/\\&/, ""); gsub(/\\e/, "\\") }
        open { sub(/^\.Li "/, ""); sub(/"$/, ""); line = line (line == "" ? "" : " ") $0; next }
        /^\.It Li / { print substr($0, 8) }' "$operations"
}

same() { # WHAT TOLD IS
    local line
    while read -r line; do fault "$1 \"$line\" is not told"; done < <(comm -13 <(sort -u <<<"$2") <(sort -u <<<"$3"))
    while read -r line; do fault "$1 \"$line\" is told, and is none"; done < <(comm -23 <(sort -u <<<"$2") <(sort -u <<<"$3"))
}

hints() {
    local said files
    # Where a part is filled in at the front, or words of a broker stand before it, the page has "...".
    mapfile -t files < <(printf '%s\n' daemon/*.c | grep -vE 'ctl_|migrate|folder_load|publisher|retry')
    said=$(strings "${files[@]}" lib/ack_link.c lib/unit.c |
        grep -E 'hint: .' | sed -E 's/^broker \.\.\.: //; s/^journal: //; s/^(;|,| before)/...\1/; s/^\.\.\., \.\.\.; /...; /; s/^\.\.\. \.\.\. /... /')
    same "log line" "$(told 'LOG LINES')" "$said"
}

pages_are_clean
same alert "$(told 'ALERTS OF PROMETHEUS')" "$(sed -n 's/^ *- alert: //p' daemon/prometheus/alerts.yaml)"
same trouble "$(told TROUBLES)" "$(sed -nE 's/^ *\[VIGIL_[A-Z]+\] = \{"([a-z]+)".*/\1/p' daemon/vigil_words.c)"
same "reason of health" "$(told HEALTH)" "$(sed -nE 's/.*ails\(&?h, "([a-z]+)".*/\1/p' daemon/service_health.c)"
same scenario "$(sed -n '/^\.SH SCENARIOS/,/^\.SH [^S]/{/^\.TP$/{n;s/^\.B //p}}' daemon/abatectl.1)" "$(sed -nE 's/^    \{"([a-z]+)",$/\1/p' lib/scenario.c)"
hints
[[ $wrong -eq 0 ]] || exit 1
echo "manual: the pages are as the sources are"
