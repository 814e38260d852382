#!/usr/bin/env bash
# abated -t on broken configurations: it exits with 1 and names file, line and key; nothing is started, nothing is made.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

servers_begin
broker_port=1883
abate_conf "$servers/good.conf"
readonly file=$servers/broken.conf

# broken NAME SED_SCRIPT LINE_WITH KEY WORDS: the good file edited; the complaint must be about the first line that has
# LINE_WITH, name KEY, and hold WORDS.
broken() {
    local line status=0
    sed "$2" "$servers/good.conf" >"$file"
    line=$(grep -nF -m 1 -e "$3" "$file" | cut -d: -f 1)
    "$abated" -t -c "$file" >"$servers/out" 2>&1 || status=$?
    expect "$1: exit status" "$status" 1
    expect "$1: lines" "$(wc -l <"$servers/out")" 1
    expect_true "$1: file and line $line" grep -qF "$file:$line: " "$servers/out"
    expect_true "$1: key" grep -qF -e "$4" "$servers/out"
    expect_true "$1: what is wrong" grep -qiF -e "$5" "$servers/out"
    sed "s,$servers/,,g; s/^/    /" "$servers/out"
}

abated=$(program abated)

story "a good file"
status=0
"$abated" -t -c "$servers/good.conf" >"$servers/out" 2>&1 || status=$?
expect "exit status" "$status" 0
expect "says" "$(cat "$servers/out")" "$servers/good.conf: good"
expect_true "no journal was made" test ! -e "$servers/journal"

story "a good file printed back"
"$abated" -t -v -c "$servers/good.conf" >"$servers/printed.conf"
"$abated" -t -v -c "$servers/printed.conf" >"$servers/again.conf"
expect "it is the same again" "$(tail -n +2 "$servers/again.conf")" "$(tail -n +2 "$servers/printed.conf")"
expect_true "with what was not written" grep -qx '    keepalive = "1min"' "$servers/printed.conf"

story "keys"
broken "a key nobody knows" 's/receive_maximum/recieve_maximum/' recieve_maximum recieve_maximum receive_maximum
broken "a key in the wrong section" '/^database/a\    keepalive = "60s"' keepalive keepalive ''
broken "a section nobody knows" 's/^journal/jurnal/' jurnal jurnal journal
broken "a key twice" '/host = /a\    host = "10.0.0.1"' 10.0.0.1 host twice
broken "no value" '/^    port = /{s/=.*/=/;N}' receive_maximum 'broker "local"' "'='"

story "values"
broken "no number" 's/^    port = .*/    port = many/' 'port = many' port 'many'
broken "a port out of range" 's/^    port = .*/    port = 70000/' 'port = 70000' port '65535'
broken "no length of time" 's/past = .*/past = "5 sheep"/' sheep past 'sheep'
broken "no number of bytes" 's/segment = .*/segment = "64 pounds"/' pounds segment 'pounds'
broken "a form nobody knows" 's/form = .*/form = "yaml"/' yaml form '"json"'
broken "a broker nobody knows" '/^feed/,/^}/s/broker = .*/broker = "north"/' '"north"' broker '"north"'
broken "a topic with two monitors" 's,topic = .*,topic = "plants/{monitor}/{monitor}",' '/{monitor}' topic monitor
broken "an instance that is no name" 's/^instance = .*/instance = "the first"/' 'the first' instance 'the first'
broken "a password in the open" 's/user=abated/user=abated password=secret/' 'password=secret' conninfo password
broken "a relative directory" 's/directory = .*/directory = "journal"/' 'directory = "journal"' directory '"/"'

story "the file"
broken "a brace too few" "\$d" 'journal {' '' 'not closed'
broken "a quote too few" 's/form = .*/form = "json/' 'form = ' '' closing
broken "no text" 's/^instance = .*/instance = \x01/' $'\x01' '' ''
status=0
"$abated" -t -c "$servers/missing.conf" >"$servers/out" 2>&1 || status=$?
expect "a file that is not there: exit status" "$status" 1
expect_true "a file that is not there: named" grep -qF "$servers/missing.conf" "$servers/out"
status=0
"$abated" -t -c "$servers" >"$servers/out" 2>&1 || status=$?
expect "a directory: exit status" "$status" 1

story "a database that is not there"
status=0
"$(program abatectl)" -c "$servers/good.conf" status >"$servers/out" 2>&1 || status=$?
expect "exit status" "$status" 1
expect "said once, and not tried again" "$(sed 's/failed: .*/failed/' "$servers/out")" "abatectl: error: database: connection to server on socket \"$servers/postgres/.s.PGSQL.5432\" failed"

story "usage"
status=0
"$abated" -x >"$servers/out" 2>&1 || status=$?
expect "an option nobody knows: exit status" "$status" 2
status=0
"$abated" -c "$servers/good.conf" more >"$servers/out" 2>&1 || status=$?
expect "a word too many: exit status" "$status" 2

story "a broken file starts nothing"
broken "before the daemon" 's/^    port = .*/    port = 0/' 'port = 0' port ''
status=0
"$abated" -c "$file" >"$servers/out" 2>&1 || status=$?
expect "abated without -t: exit status" "$status" 1
expect_true "no journal was made" test ! -e "$servers/journal"
story_end
