#!/usr/bin/env bash
# Receipts: what a sender is told of its messages, where and when, and by whom it can be heard.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

# What came on receipts/#, a line each: topic, blank, payload.
listen() { # [NAME [OPTION ...]]
    process_start "${1:-listener}" "" mosquitto_sub -V 5 -p "$broker_port" -q 1 -i "${1:-listener}" -v -t 'receipts/#' "${@:2}"
    # The retained message of an own topic proves that the subscription stands.
    mosquitto_pub -V 5 -p "$broker_port" -q 1 -r -t "receipts/ready" -m "${1:-listener}"
    wait_until 20 log_has "${1:-listener}" "receipts/ready" || servers_fail "no listener"
}

# A line for each single receipt: topic, blank, the receipt.
receipts() { # [NAME]
    sed -nE 's/^(receipts[^ ]*) \{"receipts":\[(.*)\]\}$/\1 \2/p' "$servers/${1:-listener}.log" |
        awk '{ topic = $1; sub(/^[^ ]* /, ""); gsub(/\},\{/, "}\n{"); n = split($0, each, "\n")
               for (i = 1; i <= n; i++) print topic, each[i] }'
}

count_of() { # LINE: how many receipts are exactly this
    receipts | grep -cxF -e "$1" || true
}

has() { # LINE [TIMES]
    [[ $(count_of "$1") -ge ${2:-1} ]]
}

hash_of() {
    printf '%s' "$1" | sha256sum | cut -d ' ' -f 1
}

send() { # TOPIC PAYLOAD
    message "$1" "$2" >"$servers/one"
    publish "$servers/one"
    process_wait publish 20
}

crc_of() { # of HJ 212
    local crc=65535 i _
    for ((i = 0; i < ${#1}; i++)); do
        crc=$(((crc >> 8) ^ $(printf '%d' "'${1:i:1}")))
        for _ in 1 2 3 4 5 6 7 8; do
            crc=$((crc & 1 ? (crc >> 1) ^ 40961 : crc >> 1))
        done
    done
    printf '%04X' "$crc"
}

frame() { # DATA
    printf '##%04d%s%s' ${#1} "$1" "$(crc_of "$1")"
}

reading() { # [ID_MEMBER [MINUTE [VALUE]]]
    printf '{%s"time":"2020-03-01T08:%02d:00+08:00","period":"minute","readings":{"a21002":%s}}' "${1:-}" "${2:-0}" "${3:-40}"
}

servers_begin_all
abate_conf "$servers/abated.conf" receipts=on
cat >>"$servers/abated.conf" <<'END'
feed "frames" { topic = "frames/{region}/{plant}/{monitor}" form = hj212 past = 50y receipts = on }
feed "packs" { topic = "packs/{plant}/{monitor}" form = senml past = 50y receipts = on receipt_topic = "receipts/packs" }
feed "lonely" { topic = "lonely/{monitor}" past = 50y receipts = on }
feed "plain" { topic = "plain/{plant}/{monitor}" past = 50y }
profile "edge" {
    each = "/batch/*" monitor = "./device" time = "./t" time_form = digits period = minute id = "/msgId"
    readings = "./v/*" reading "a21002" { from = "NOx" scale = 0.1 unit = "mg/m3" }
}
feed "edge" { topic = "edge/{plant}/{monitor}" profile = edge past = 50y receipts = on }
feed "indicators" { topic = "indicators/{agency}" form = statement receipts = on }
END
simulate_register 10 10
abated_start
listen

story "a message is named by its id, and always by its hash"
one=$(reading '"id":"a-1",' 1)
send plants/sim/SIM/SIM000001 "$one"
line="receipts/SIM/SIM000001 {\"id\":\"a-1\",\"sha256\":\"$(hash_of "$one")\",\"status\":\"kept\"}"
expect_true "by its id" wait_until 20 has "$line"
two=$(reading '' 2)
send plants/sim/SIM/SIM000001 "$two"
expect_true "by its hash alone" wait_until 20 has \
    "receipts/SIM/SIM000001 {\"sha256\":\"$(hash_of "$two")\",\"status\":\"kept\"}"
list="[$(reading '"id":7,' 3),$(reading '"id":"b",' 4)]"
send plants/sim/SIM/SIM000001 "$list"
expect_true "a list by its ids" wait_until 20 has \
    "receipts/SIM/SIM000001 {\"ids\":[7,\"b\"],\"sha256\":\"$(hash_of "$list")\",\"status\":\"kept\"}"
mixed="[$(reading '"id":7,' 5),$(reading '' 6)]"
send plants/sim/SIM/SIM000001 "$mixed"
expect_true "a list of which one has none, by its hash" wait_until 20 has \
    "receipts/SIM/SIM000001 {\"sha256\":\"$(hash_of "$mixed")\",\"status\":\"kept\"}"
frame=$(frame 'QN=20200301080700001;ST=31;CN=2051;PW=1;MN=SIM000002;Flag=4;CP=&&DataTime=20200301080700;a21002-Avg=40&&')
send frames/sim/SIM/SIM000002 "$frame"
expect_true "a frame by its QN" wait_until 20 has \
    "receipts/SIM/SIM000002 {\"id\":\"20200301080700001\",\"sha256\":\"$(hash_of "$frame")\",\"status\":\"kept\"}"
batch='{"msgId":"d0e6","batch":[{"device":"SIM000006","t":"20200301081100","v":{"NOx":403}}]}'
send edge/SIM/SIM000006 "$batch"
expect_true "another make's JSON by what its profile says" wait_until 20 has \
    "receipts/SIM/SIM000006 {\"id\":\"d0e6\",\"sha256\":\"$(hash_of "$batch")\",\"status\":\"kept\"}"
stored() { [[ $(psql_value "select value from abate.reading where monitor_code = 'SIM000006'") == 40.3 ]]; }
expect_true "which is how it is stored" wait_until 20 stored

story "and goes where the topic says, below the feed's own front"
pack='[{"n":"a21002","u":"mg/m3","v":40,"t":1583020800}]'
send packs/SIM/SIM000003 "$pack"
expect_true "a front of its own" wait_until 20 has \
    "receipts/packs/SIM/SIM000003 {\"sha256\":\"$(hash_of "$pack")\",\"status\":\"kept\"}"
three=$(reading '"id":"c",' 8)
send lonely/SIM000004 "$three"
expect_true "a topic without a plant" wait_until 20 has \
    "receipts/SIM000004 {\"id\":\"c\",\"sha256\":\"$(hash_of "$three")\",\"status\":\"kept\"}"
words='{"id":"s1","indicator":"none"}'
send indicators/eb "$words"
expect_true "an agency" wait_until 20 has \
    "receipts/eb {\"id\":\"s1\",\"sha256\":\"$(hash_of "$words")\",\"status\":\"kept\"}"
send plain/SIM/SIM000005 "$(reading '"id":"quiet",' 9)"
send plants/sim/SIM/SIM000005 "$(reading '"id":"told",' 10)"
wait_until 20 log_has listener '"told"'
expect "of a feed that does not ask" "$(receipts | grep -c quiet || true)" 0
expect "retained" "$(mosquitto_sub -V 5 -p "$broker_port" -t 'receipts/#' -v -W 1 2>/dev/null | grep -vc receipts/ready || true)" 0

story "what is rejected is told after it is kept, with the reason the database has"
bad='{"id":"bad","period":"minute","readings":{"a21002":1}}'
send plants/sim/SIM/SIM000001 "$bad"
reason_of() { psql_value "select reason from abate.rejected_message where payload = convert_to('$1', 'UTF8')"; }
names="\"id\":\"bad\",\"sha256\":\"$(hash_of "$bad")\""
expect_true "rejected" wait_until 20 log_has listener '"status":"rejected"'
reason=$(reason_of "$bad")
expect "the receipt" "$(count_of "receipts/SIM/SIM000001 {$names,\"status\":\"rejected\",\"reason\":\"${reason//\"/\\u0022}\"}")" 1
expect "kept first" "$(receipts | grep -F '"bad"' | sed 's/.*"status":"\([a-z]*\)".*/\1/' | paste -sd' ')" "kept rejected"
some='{"id":"some","time":"2020-03-01T08:11:00+08:00","period":"minute","readings":{"a21002":1,"z99999":2}}'
send plants/sim/SIM/SIM000001 "$some"
expect_true "partial" wait_until 20 log_has listener '"status":"partial","stored":1,"reason":'
no_json='"id": \xff'
message plants/sim/SIM/SIM000001 "$(printf '%b' "$no_json")" >"$servers/one"
publish "$servers/one"
expect_true "published" process_wait publish 20
expect_true "no JSON" wait_until 20 has \
    "receipts/SIM/SIM000001 {\"sha256\":\"$(printf '%b' "$no_json" | sha256sum | cut -d ' ' -f 1)\",\"status\":\"kept\"}"

story "what is sent again is told again, and stored once"
before=$(stored_count)
send plants/sim/SIM/SIM000001 "$one"
expect_true "kept, twice" wait_until 20 has "$line" 2
send plants/sim/SIM/SIM000001 "$bad"
rejected_twice() { [[ $(receipts | grep -F '"bad"' | grep -c rejected) -eq 2 ]]; }
expect_true "rejected, twice" wait_until 20 rejected_twice
expect "stored" "$(stored_count)" "$before"

story "the database away: kept is said, rejected follows when it is back"
postgres_stop
send plants/sim/SIM/SIM000006 '{"id":"away","time":0}'
expect_true "kept" wait_until 20 log_has listener '"id":"away"'
expect "rejected" "$(receipts | grep -F '"away"' | grep -c rejected || true)" 0
postgres_start
away_rejected() { receipts | grep -F '"away"' | grep -q rejected; }
expect_true "then rejected" wait_until 60 away_rejected

story "what comes at once is told at once"
abated_stop
simulate --monitors 2 --messages 1000
expect_true "published" process_wait simulate 20
process_end listener TERM 5
listen folded
abated_start
folded_all() { [[ $(receipts folded | grep -c '"status":"kept"') -ge 1000 ]]; }
expect_true "1000 receipts" wait_until 30 folded_all
publishes=$(grep -c '"kept"' "$servers/folded.log")
expect_true "in $publishes publishes, at most 60" test "$publishes" -le 60
expect_true "none longer than 8 KiB" test "$(sed 's/^[^ ]* //' "$servers/folded.log" | awk '{ if (length > n) n = length } END { print n }')" -le 8192
expect "of different messages" "$(receipts folded | sed 's/.*"sha256":"\([^"]*\)".*/\1/' | sort -u | wc -l)" 1000
process_end folded TERM 5

story "each hears what is its own, and a daemon that may not speak says so"
abated_stop
mosquitto_stop
cat >"$servers/mosquitto.acl" <<'END'
user abated
topic read plants/#
topic write receipts/#
pattern write plants/sim/%u/+
pattern read receipts/%u/+
END
grep -v 'write receipts' "$servers/mosquitto.acl" >"$servers/mute.acl"
chmod 644 "$servers"/*.acl
mosquitto_start mosquitto "acl_file $servers/mosquitto.acl"
abate_conf "$servers/abated.conf" receipts=on
sed -i 's/^    host = "127.0.0.1"$/&\n    username = abated/' "$servers/abated.conf"
abated_start
for who in SIM OTHER; do
    process_start "hears_$who" "" stdbuf -oL mosquitto_sub -V 5 -p "$broker_port" -q 1 -i "hears_$who" -u "$who" -v -d -t 'receipts/SIM/+'
    wait_until 20 log_has "hears_$who" SUBACK
done
mosquitto_pub -V 5 -p "$broker_port" -q 1 -u SIM -t plants/sim/SIM/SIM000007 -m '{"id":"own"}'
expect_true "the plant hears it" wait_until 20 log_has hears_SIM '"id":"own"'
mosquitto_pub -V 5 -p "$broker_port" -q 1 -u OTHER -t receipts/SIM/SIM000007 -m '{"receipts":[{"id":"forged"}]}' 2>"$servers/forged.log" || true
mosquitto_pub -V 5 -p "$broker_port" -q 1 -u SIM -t plants/sim/SIM/SIM000007 -m '{"id":"last"}'
expect_true "and the next" wait_until 20 log_has hears_SIM '"id":"last"'
expect "forged" "$(grep -c forged "$servers/hears_SIM.log" || true)" 0
expect "heard by another" "$(grep -c '"receipts"' "$servers/hears_OTHER.log" || true)" 0
cp "$servers/mute.acl" "$servers/mosquitto.acl"
kill -HUP "${process[mosquitto]}"
refused() { mosquitto_pub -V 5 -p "$broker_port" -q 1 -u SIM -t plants/sim/SIM/SIM000007 -m '{"id":"unheard"}' &&
    log_has abated 'a receipt is refused (reason code 0x87); hint: may this client publish there?'; }
expect_true "refused, and said" wait_until 20 refused
expect_true "alive" is_alive abated
abated_stop
expect "exit status" "$ended" 0
story_end
