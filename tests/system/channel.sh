#!/usr/bin/env bash
# Each kind of channel at real servers that answer well, slowly, with errors, garbage or not at all: what is said of it, and
# what came there.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/alert/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../alert/servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

# try CHANNEL [RECIPIENT]: into `said`, its last line, and `status`.
try() {
    status=0
    said=$("$(program abatectl)" -c "$servers/abated.conf" alert test "$@" 2>&1) || status=$?
    said=${said##*$'\n'}
}

expect_try() { # WHAT STATUS WORDS CHANNEL [RECIPIENT]
    local what=$1 wanted=$2 words=$3
    shift 3
    try "$@"
    expect_true "$what: $said" test "$status" -eq "$wanted"
    [[ $said == *"$words"* ]] || expect "$what" "$said" "*$words*"
}

# Mails are asked of Python's own parser, requests of its JSON.
mail_says() { # GATEWAY NUMBER EXPRESSION
    /usr/bin/python3 - "$servers/$1/$2.eml" "$3" <<'END'
import email, email.policy, sys
m = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
print(eval(sys.argv[2]))
END
}

request_says() { # GATEWAY NUMBER EXPRESSION
    /usr/bin/python3 - "$servers/$1/$2.json" "$3" <<'END'
import base64, hashlib, hmac, json, sys, urllib.parse
r = json.load(open(sys.argv[1], encoding="utf-8"))
h = r["headers"]
q = dict(urllib.parse.parse_qsl(r["path"].partition("?")[2]))
print(eval(sys.argv[2]))
END
}

newest() { # GATEWAY: the number of what came last
    find "$servers/$1" -name '[0-9]*.*' | sed 's,.*/\([0-9]*\)\..*,\1,' | sort -n | tail -n 1
}

servers_begin
mosquitto_start
abate_conf
certificates
keys=$servers/keys
echo "pass word!" >"$servers/password"
echo "wrong" >"$servers/wrong_password"
echo "SEC0123456789" >"$servers/signing"
echo "t0ken&x=1" >"$servers/secret"
printf 'X-App: abate\n# a comment\nAuthorization: Bearer abc\n' >"$servers/headers"
gateway_start plain mail_server.py
gateway_start login mail_server.py --certificate "$keys/server.crt" --key "$keys/server.key" --user duty --password 'pass word!'
gateway_start smtps mail_server.py --certificate "$keys/server.crt" --key "$keys/server.key" --tls
gateway_start odd mail_server.py --certificate "$keys/stranger.crt" --key "$keys/stranger.key"
gateway_start web web_server.py
gateway_start webs web_server.py --certificate "$keys/server.crt" --key "$keys/server.key"

story "mail"
from="from=abate@example.org host=127.0.0.1"
# shellcheck disable=SC2086 # two words
{
    channel_conf plain mail $from encryption=none "port=$(port_of plain)" "from_name=生态环境局, 值班" timeout=1s
    channel_conf open mail $from encryption=if_offered "port=$(port_of plain)"
    channel_conf strict mail $from "port=$(port_of plain)"
    channel_conf login mail $from "port=$(port_of login)" "ca_file=$keys/right.crt" username=duty "password_file=$servers/password"
    channel_conf liar mail $from "port=$(port_of login)" "ca_file=$keys/right.crt" username=duty "password_file=$servers/wrong_password"
    channel_conf nobody mail $from "port=$(port_of login)" "ca_file=$keys/right.crt"
    channel_conf smtps mail $from encryption=tls "port=$(port_of smtps)" "ca_file=$keys/right.crt"
    channel_conf odd mail $from "port=$(port_of odd)" "ca_file=$keys/right.crt"
    channel_conf oddly mail $from encryption=if_offered "port=$(port_of odd)" "ca_file=$keys/right.crt"
    channel_conf away mail $from encryption=none "port=$(free_port)"
}
expect_try "taken" 0 "sent: 250 2.0.0 queued as 1" plain duty@example.org
expect "subject" "$(mail_says plain 1 'm["Subject"]')" "abate: test, 测试"
expect "sender" "$(mail_says plain 1 'm["From"].addresses[0].display_name, m["From"].addresses[0].addr_spec')" \
    "('生态环境局, 值班', 'abate@example.org')"
expect "text" "$(mail_says plain 1 'm.get_content().strip()')" "abate: a test of this channel, no alert. 这是通道测试,不是告警。"
expect "not to be answered" "$(mail_says plain 1 'm["Auto-Submitted"]')" "auto-generated"
expect_true "an identity of its own" grep -q '<test-[0-9]*@example.org>' "$servers/plain/list"
expect_true "an instant of now" test "$(mail_says plain 1 'abs(m["Date"].datetime.timestamp() - __import__("time").time()) < 60')" = True
expect_try "slowly" 0 "sent: 250" plain slow@example.org
expect_try "later: 451" 1 "would be tried again: RCPT failed: 451: 451 4.3.2 come back later" plain busy@example.org
expect_try "later: 452 behind the text" 1 "would be tried again" plain full@example.org
expect_try "never: 550" 1 "refused for good: RCPT failed: 550: 550 5.1.1 no such user here" plain gone@example.org
expect_try "never: 554 behind the text" 1 "refused for good" plain bad@example.org
expect_try "cut off" 1 "would be tried again" plain cut@example.org
expect_try "no answer" 1 "would be tried again: no answer within 1s" plain hang@example.org
expect_try "nobody there" 1 "would be tried again" away duty@example.org
expect_try "no address" 1 "refused for good: \"a b@c\" is no address" plain "a b@c"
expect_try "a header in the address" 1 "refused for good" plain $'a@b\r\nBcc: c@d'
expect_try "if offered, and it is not" 0 "sent" open duty@example.org
expect_try "encryption wanted, none there" 1 "would be tried again" strict duty@example.org
expect_try "STARTTLS and a password" 0 "sent" login duty@example.org
expect_try "a wrong password" 1 "would be tried again" liar duty@example.org
expect_try "no password" 1 "would be tried again" nobody duty@example.org
expect_try "TLS from the first byte" 0 "sent" smtps duty@example.org
expect_try "a certificate of nobody we know" 1 "certificate" odd duty@example.org
expect_try "likewise, if offered" 1 "certificate" oddly duty@example.org
expect "mails of the stranger" "$(newest odd)" ""

story "http"
web=http://127.0.0.1:$(port_of web)
for path in ok slow 400 404 408 429 500 503 moved hang cut garbage no-http huge; do
    channel_conf "web-$path" http "url=$web/$path" timeout=2s
done
channel_conf later http "url=$web/429?retry_after={recipient}" timeout=2s
channel_conf later-date http "url=$web/503?retry_after_date=5000" timeout=2s
channel_conf later-over http "url=$web/503?retry_after_date=-5000" timeout=2s
channel_conf never http "url=$web/404?retry_after=60" timeout=2s
channel_conf sms http "url=$web/ok" 'content_type=application/x-www-form-urlencoded' 'body=mobile={recipient}&content={text}'
channel_conf robot http "url=$web/code/0?access_token={secret}&timestamp={timestamp}&sign={sign}" \
    'body={"msgtype":"text","text":{"content":"{text}"}}' "secret_file=$servers/secret" signature=dingtalk \
    "signing_file=$servers/signing" success_pointer=/errcode success_value=0
channel_conf refused http "url=$web/code/310000" success_pointer=/errcode success_value=0
channel_conf odd-answer http "url=$web/garbage" success_pointer=/errcode success_value=0
channel_conf signed http "url=$web/ok" signature=header "signing_file=$servers/signing" "header_file=$servers/headers" \
    username=u "password_file=$servers/password"
channel_conf webs http "url=https://127.0.0.1:$(port_of webs)/ok" "ca_file=$keys/right.crt"
channel_conf webs-unknown http "url=https://127.0.0.1:$(port_of webs)/ok" "ca_file=$keys/wrong.crt"
channel_conf web-away http "url=http://127.0.0.1:$(free_port)/"
channel_conf got http "url=$web/ok?to={recipient}" method=GET
channel_conf no-secret http "url=$web/ok?k={secret}" "secret_file=$servers/nowhere"
expect_try "taken" 0 'sent: HTTP 200: {"errcode":0,"errmsg":"ok"}' web-ok
expect "method, type, key" "$(request_says web "$(newest web)" 'r["method"], h["Content-Type"], h["Idempotency-Key"] == json.loads(r["body"])["key"]')" \
    "('POST', 'application/json; charset=utf-8', True)"
expect_try "slowly" 0 "sent: HTTP 200" web-slow
expect_try "400" 1 "refused for good: HTTP 400: words of the server" web-400
expect_try "404" 1 "refused for good: HTTP 404" web-404
expect_try "408" 1 "would be tried again: HTTP 408" web-408
expect_try "429" 1 "would be tried again: HTTP 429" web-429
expect_try "500" 1 "would be tried again: HTTP 500" web-500
expect_try "503" 1 "would be tried again: HTTP 503" web-503
expect_try "not for two minutes" 1 "would be tried again: not before 2min are over: HTTP 429" later 120
for words in soon 0 "" 999999999999999999999999; do
    expect_try "Retry-After \"$words\"" 1 "would be tried again: HTTP 429" later "$words"
done
expect_try "not for ever" 1 "would be tried again: not before 1000y are over: HTTP 429" later 99999999999
try later-date
expect_true "not before an instant: $said" test "$(sed -n 's/.*tried again: not before \([0-9]*\)s are over: HTTP 503.*/\1/p' <<<"$said")" -gt 4900
expect_try "an instant that is over" 1 "would be tried again: HTTP 503" later-over
expect_try "never, whatever it asks for" 1 "refused for good: HTTP 404" never
before=$(newest web)
expect_try "elsewhere" 1 "would be tried again: HTTP 302" web-moved
expect "a redirect is not followed: requests" $(($(newest web) - before)) 1
expect_try "no answer" 1 "would be tried again: no answer within 2s" web-hang
expect_try "cut off" 1 "would be tried again" web-cut
expect_try "garbage without a rule" 0 'sent: HTTP 200' web-garbage
expect_try "garbage where JSON should be" 1 'would be tried again: no /errcode of "0"' odd-answer
expect_try "no HTTP" 1 "would be tried again" web-no-http
expect_try "an answer without end" 1 "would be tried again" web-huge
expect_try "nobody there" 1 "would be tried again" web-away
expect_try "200, but not taken" 1 'would be tried again: no /errcode of "0": HTTP 200: {"errcode": 310000' refused
expect_try "an SMS gateway" 0 "sent" sms "+86 138&content=x"
expect "its form" "$(request_says web "$(newest web)" 'sorted(urllib.parse.parse_qs(r["body"]).items())')" \
    "[('content', ['abate: a test of this channel, no alert. 这是通道测试,不是告警。\n']), ('mobile', ['+86 138&content=x'])]"
expect_try "a robot" 0 "sent: HTTP 200" robot
expect "its token" "$(request_says web "$(newest web)" 'q["access_token"]')" "t0ken&x=1"
expect "its signature, by Python" "$(request_says web "$(newest web)" \
    'q["sign"] == base64.b64encode(hmac.new(b"SEC0123456789", (q["timestamp"] + "\nSEC0123456789").encode(), "sha256").digest()).decode()')" True
expect "its text" "$(request_says web "$(newest web)" 'json.loads(r["body"])["text"]["content"][:12]')" "abate: a tes"
expect_try "signed in a header" 0 "sent" signed
expect "the signature, by Python" "$(request_says web "$(newest web)" \
    'h["X-Abate-Signature"] == "sha256=" + hmac.new(b"SEC0123456789", (h["X-Abate-Timestamp"] + "." + r["body"]).encode(), "sha256").hexdigest()')" True
expect "further headers" "$(request_says web "$(newest web)" 'h["X-App"], h["Authorization"]')" "('abate', 'Bearer abc')"
expect_try "by TLS" 0 "sent" webs
expect_try "a certificate of nobody we know" 1 "certificate" webs-unknown
expect_try "GET" 0 "sent" got "a b&c"
expect "what it asks for" "$(request_says web "$(newest web)" 'r["method"], q["to"], r["body"]')" "('GET', 'a b&c', '')"
expect_try "no secret to read" 1 "would be tried again: password file" no-secret

story "exec"
cat >"$servers/hook" <<'END'
#!/bin/sh
case $ABATE_RECIPIENT in
good) cat >"$0.got"; env >"$0.env"; ls /proc/self/fd >"$0.fd"; echo "taken as 7"; echo more; exit 0 ;;
busy) echo "queue is full"; exit 75 ;;
never) echo "no such person"; exit 67 ;;
odd) exit 3 ;;
killed) kill -9 $$ ;;
deaf) exec 0<&-; exit 0 ;;
forks) sleep 300 & echo $! >"$0.child"; echo "left it running"; exit 0 ;;
hangs) sleep 300 & echo $! >"$0.child"; sleep 300 ;;
loud) head -c 300000 /dev/zero | tr '\0' x; exit 0 ;;
esac
END
chmod 755 "$servers/hook"
channel_conf hook exec "program=$servers/hook" timeout=1s
channel_conf no-hook exec "program=$servers/nowhere"
expect_try "taken" 0 "sent: exit status 0: taken as 7" hook good
expect "what it was told" "$(/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["status"])' <"$servers/hook.got")" test
expect "its environment" "$(grep -c -v -E '^(PATH|LANG|ABATE_RECIPIENT|PWD)=' "$servers/hook.env")" 0
expect "its files" "$(tr '\n' ' ' <"$servers/hook.fd")" "0 1 2 3 " # the last one is of ls
expect_try "75" 1 "would be tried again: exit status 75: queue is full" hook busy
expect_try "67" 1 "refused for good: exit status 67: no such person" hook never
expect_try "any other" 1 "would be tried again: exit status 3" hook odd
expect_try "killed" 1 "would be tried again: ended by signal 9" hook killed
expect_try "does not listen" 0 "sent" hook deaf
expect_try "what it leaves running is not waited for" 0 "sent: exit status 0: left it running" hook forks
kill "$(cat "$servers/hook.child")"
expect_try "too slow" 1 "would be tried again: no answer within 1s" hook hangs
expect_true "and all it started is killed" wait_until 5 test ! -e "/proc/$(cat "$servers/hook.child")/cwd/"
expect_try "much output" 0 "sent: exit status 0: xxx" hook loud
expect_try "not there" 1 "would be tried again: cannot run \"$servers/nowhere\": No such file or directory" no-hook

story "mqtt"
channel_conf bus mqtt topic=abate/alerts timeout=2s
process_start sub "" mosquitto_sub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -t 'abate/#' -C 1 -F '%t %q %r %p'
sleep 0.3
expect_try "taken" 0 "sent: PUBACK, reason code 0x00" bus
process_wait sub 5
expect_true "what came" grep -q '^abate/alerts 1 0 {"status":"test","key":"test-' "$servers/sub.log"
mosquitto_stop
expect_try "no broker" 1 "would be tried again: no answer within 2s" bus

story "no secret is shown"
"$(program abatectl)" -d -c "$servers/abated.conf" alert test robot >"$servers/debug.log" 2>&1 || true
"$(program abatectl)" -d -c "$servers/abated.conf" alert test login duty@example.org >>"$servers/debug.log" 2>&1 || true
expect "lines with one" "$(grep -c -e SEC0123 -e t0ken -e 'pass word' "$servers/debug.log" || true)" 0
story_end
