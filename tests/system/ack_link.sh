#!/usr/bin/env bash
# The link of a message: a GET only shows the page, the button acknowledges; what was altered is refused, and nothing that is sent
# becomes part of a page.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly SECRET=0123456789abcdef0123456789abcdef

port=$(free_port)

# link NUMBER DELIVERY SECONDS: what stands behind the "?", signed
link() {
    local text="n=$1&d=$2&u=$3"
    printf '%s&s=%.32s' "$text" "$(printf '%s' "$text" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.*= //')"
}

ask() { # QUERY [CURL'S ...]: sets `status`; the answer is in $servers/page
    status=$(curl -s -o "$servers/page" -D "$servers/head" -w '%{http_code}' "${@:2}" "http://127.0.0.1:$port/ack?$1") || true
}

acknowledged() {
    rows_of acknowledgement
}

page_has() { # QUERY TEXT
    ask "$1"
    grep -qF -e "$2" "$servers/page"
}

servers_begin_all
printf '%s\n' "$SECRET" >"$servers/secret"
conf_set "$servers/abated.conf" http "listen=127.0.0.1:$port"
conf_set "$servers/abated.conf" ack_link "url=https://abate.example.org/ack"
conf_set "$servers/abated.conf" ack_link "secret_file=$servers/secret"
simulate_register 1 10
limit_set 10

story "an alert, and a message that tells of it"
abated_start
mosquitto_pub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t plants/sim/SIM/SIM000001 \
    -m '{"time":"2021-01-01T00:00:00Z","period":"minute","readings":{"a21002":50}}'
alerted() {
    [[ $(rows_of alert) -ge 1 ]]
}
expect_true "there is an alert" wait_until 20 alerted
psql_file - <<'END'
insert into abate.channel (channel_name, medium, source) values ('post', 'mail', 'test');
insert into abate.contact (name, language) values ('<b>Li & "Co"</b>', 'zh');
insert into abate.delivery (channel_name, contact_id, recipient, language, about, state, begun, due)
select 'post', contact_id, 'li@example.org', 'zh', 'abate', 'gathering', now(), now() + interval '1 day' from abate.contact;
insert into abate.delivery_alert (delivery_id, alert_id)
select delivery_id, alert_id from abate.delivery, abate.alert order by alert_id limit 1;
END
number=$(psql_value "select number from abate.alert order by alert_id limit 1")
delivery=$(psql_value "select delivery_id from abate.delivery")
until=$(($(date +%s) + 3600))
good=$(link "$number" "$delivery" "$until")

story "GET and HEAD acknowledge nothing"
ask "$good"
expect "status" "$status" 200
expect_true "the page has the button" grep -q '<button>.*</button>' "$servers/page"
expect_true "and the alert's number" grep -qF "$number" "$servers/page"
expect_true "the address goes nowhere" grep -qi '^referrer-policy: no-referrer' "$servers/head"
ask "$good" -I
ask "$good&utm_source=%3Cscript%3E<script>"
expect_true "what a mailer puts behind is not on the page" test "$(grep -c script "$servers/page")" -eq 0
expect "acknowledgements" "$(acknowledged)" 0

story "what was altered is refused"
for other in "" "n=$number" "${good/d=$delivery/d=999}" "${good}0" "$(link "$number" "$delivery" 1600000000)" "n=<script>alert(1)</script>&$good"; do
    ask "$other" -X POST --globoff
    expect_true "\"${other:0:20}\": status $status" test "$status" == 403 -o "$status" == 400
    expect_true "nothing of it is on the page" test "$(grep -c '<script' "$servers/page")" -eq 0
done
expect "acknowledgements" "$(acknowledged)" 0

story "the button"
ask "$good" -X POST -d x=y
expect "status" "$status" 303
expect_true "it leads to the page" grep -qi "^location: ?n=$number" "$servers/head"
expect_true "which says when it is recorded" wait_until 20 page_has "$good" Acknowledged
expect_true "by whom, without being markup" grep -qF '&lt;b&gt;Li &amp; &quot;Co&quot;&lt;/b&gt;' "$servers/page"
expect "acknowledgements" "$(acknowledged)" 1
ask "$good" -X POST
expect "once more: status" "$status" 303
expect "acknowledgements still" "$(acknowledged)" 1

story "a link to a delivery that does not tell of it"
psql_value "insert into abate.delivery (channel_name, recipient, language, about, state, begun, due)
            values ('post', 'x', 'zh', 'abate', 'gathering', now(), now() + interval '1 day')" >"$servers/out"
foreign=$(link "$number" "$(psql_value "select max(delivery_id) from abate.delivery")" "$until")
ask "$foreign" -X POST
expect_true "it is said" wait_until 20 page_has "$foreign" "could not be recorded"
expect "acknowledgements" "$(acknowledged)" 1

story "the connection goes when there is nothing to do"
sessions() {
    psql_value "select count(*) from pg_stat_activity where application_name = 'abated acknowledgement'"
}
sessions_gone() {
    [[ $(sessions) == 0 ]]
}
expect_true "gone" wait_until 20 sessions_gone

story "too many"
# By one program on one connection: one started for each may take as long as they are apart when each is answered.
refused=$(for _ in $(seq 1 300); do printf 'url = "http://127.0.0.1:%s/ack?%s"\noutput = /dev/null\n' "$port" "$good"; done |
    curl -s -K - -w '%{http_code}\n' | grep -cx 429) || true
expect_true "refused, of 300: $refused" test "$refused" -gt 100
expect_true "health is answered all the same" test "$(curl -s -o "$servers/page" -w '%{http_code}' "http://127.0.0.1:$port/health")" == 200

story "stopped"
abated_stop
expect "exit status" "$ended" 0
story_end
