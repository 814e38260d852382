#!/usr/bin/env bash
# The units: what `systemd-analyze security` counts against them is no more than it should be, and each of it has its reason in
# a comment. Prints the score. Skipped where there is no systemd-analyze that can look at a file (systemd 250).
set -euo pipefail

units=${ABATE_BUILD:-build}/systemd
folder=$(mktemp -d "${TMPDIR:-/tmp}/abate.XXXXXX")
trap 'rm -rf "$folder"' EXIT
faults=0

systemd-analyze security --help 2>/dev/null | grep -q -e --offline || { echo "no systemd-analyze with --offline: skipped"; exit 77; }

fault() {
    printf 'not ok - %s\n' "$*"
    faults=$((faults + 1))
}

# score FILE MOST: tenths
score() {
    local tenths
    systemd-analyze security --offline=yes --no-pager "$1" >"$folder/report"
    tenths=$(sed -n 's/.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p' "$folder/report")
    printf '%s: %d.%d\n' "$(basename "$1")" $((10#$tenths / 10)) $((10#$tenths % 10))
    [[ 10#$tenths -le $2 ]] || fault "$(basename "$1"): more than $2 tenths"
}

# Each directive it misses is named in a comment.
reasons() { # FILE
    local name
    while read -r name; do
        grep '^#' "$1" | grep -qF -e "$name" || fault "$(basename "$1"): no reason for $name"
    done < <(sed -n 's/^✗ \([^ ]*\).*/\1/p' "$folder/report")
}

for unit in abated.service abated@.service; do
    cp "$units/$unit" "$folder/$unit"
    score "$folder/$unit" 10
    reasons "$folder/$unit"
    ! grep -n '@[a-z]*@' "$folder/$unit" || fault "$unit: a place that is not filled in"
done
sed 's/^#IPAddressAllow/IPAddressAllow/' "${ABATE_SOURCE:-.}/systemd/addresses.conf.example" >"$folder/addresses.conf"
sed '/^LimitCORE=/r '<(grep ^IPAddress "$folder/addresses.conf") "$units/abated.service" >"$folder/abated.service"
printf 'with addresses.conf: '
score "$folder/abated.service" 9
[[ $faults -eq 0 ]]
