#!/usr/bin/env bash
# Kinds of bad input, each by its name, through broker, daemon and database: what becomes of it, and the reason a person
# reads. The table is bad_input.tsv:
#
#     name  how  topic  verdict  reason  payload
#
#     how       q1 q0 q2 retain will; raw: a packet made by hand, as no library sends it
#     verdict   stored      a sample, nothing rejected            rejected   no sample, a row of rejected_message
#               partly      a sample and a row of rejected_message
#               duplicate   stored before: nothing further        revision   stored before with another value: kept aside
#               refused     the broker does not take it           nowhere    the broker takes it, the daemon never sees it
#     reason    how it begins
#     - is nothing; topic and payload are escaped as for printf's %b, and have marks in them:
#     @AT@      an instant of this row's own; also @LOCAL@ and @CLOCK@ (eight hours east), @EPOCH@
#     @HEAD@    monitor, time and period of a good message, up to its readings
#     @MANY:N:TEXT@  @NAMES:N@  @PAD:N@ (blanks, up to so many bytes)  @FRAME:DATA@ (as HJ 212 frames it)
#
# Kinds that are known and not here, as there is nothing that would take them:
#
#     a suspended or closed monitor     the register has no such state: a closed plant's values are stored and judged
#     plants' certificates, receipts    the access list of the broker refuses them: tested with the example
#     values 1,000 times too high       stored as sent: judging them is for limits, not for the form
#     frozen values, saw-teeth          likewise
#     sequence numbers, user properties not read: what a message says is what counts
#     expired messages (v5)             the broker drops them: a plant without its receipt sends again
#     mail, SMS and HTTP answers        tried with the gateways, not here
#     a million messages an hour        bad_between_good.sh
#     configuration files               config.sh
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"

readonly TABLE=${TABLE:-$(dirname "${BASH_SOURCE[0]}")/bad_input.tsv}

export TZ=UTC0 LC_ALL=C

# ---- payloads

# Nobody forks for a kind unless it must: each says what it made in $out.
out=

utc() { # SECONDS FORMAT
    printf -v out "%($2)T" "$1"
}

many() { # COUNT TEXT
    printf -v out '%*s' "$1" ''
    out=${out// /$2}
}

names() { # COUNT: readings of names nobody knows
    local i
    out='"n0":0'
    for ((i = 1; i < $1; i++)); do
        out+=",\"n$i\":$i"
    done
    out={$out}
}

frame() { # DATA: HJ 212-2017, appendix A
    local data=$1 crc=65535 i bit byte
    for ((i = 0; i < ${#data}; i++)); do
        printf -v byte '%d' "'${data:i:1}"
        crc=$(((crc >> 8) ^ byte))
        for bit in 1 2 3 4 5 6 7 8; do
            crc=$((crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1))
        done
    done
    printf -v out '##%04d%s%04X' "${#data}" "$data" "$crc"
}

# fill TEXT NUMBER: its marks taken for what they stand for.
fill() {
    local text=$1 at=$((base + $2 * 60)) front behind word pad=0
    text=${text//@HEAD@/'{"monitor":"SIM000001","time":"@AT@","period":"minute","readings":'}
    mark AT $at %FT%TZ
    text=${text//@EPOCH@/$at}
    mark LOCAL $((at + 28800)) %Y%m%d%H%M%S
    mark CLOCK $((at + 28800)) %FT%T
    mark SAME $base %FT%TZ
    mark SOON $soon %FT%TZ
    mark AHEAD $ahead %FT%TZ
    mark AHEADSAID $ahead '%F %TZ'
    mark LATE $too_late %FT%TZ
    mark LATESAID $too_late '%F %TZ'
    while [[ $text =~ ^(.*)@(MANY|NAMES|PAD|FRAME):([^@]*)@(.*)$ ]]; do
        front=${BASH_REMATCH[1]} word=${BASH_REMATCH[3]} behind=${BASH_REMATCH[4]} out=
        case ${BASH_REMATCH[2]} in
        MANY) many "${word%%:*}" "${word#*:}" ;;
        NAMES) names "$word" ;;
        FRAME) frame "$word" ;;
        PAD) pad=$word ;;
        esac
        text=$front$out$behind
    done
    [[ $pad -eq 0 ]] || { many $((pad - ${#text})) ' '; text=$out$text; }
    out=$text
}

mark() { # NAME SECONDS FORMAT: in the text that is being filled
    utc "$2" "$3"
    text=${text//@$1@/$out}
}

# Of what printf's %b makes of it, which may have a NUL in it: one that reads files tells, in a file of its own.
hex() {
    local done
    [[ -n ${hex_said:-} ]] || hex_begin
    printf '%b' "$1" >"$servers/hex.in"
    echo >&"$hex_asked"
    read -r done <&"$hex_said"
    IFS= read -r out <"$servers/hex.out" || true
}

hex_begin() {
    mkfifo "$servers/hex.fifo"
    exec {hex_asked}<>"$servers/hex.fifo" # it ends with us
    # shellcheck disable=SC2016 # perl's
    exec {hex_said}< <(exec perl -e '$| = 1; while (<STDIN>) { local $/; open(IN, "<:raw", "$ARGV[0].in") or die; my $text = <IN>;
        open(OUT, ">", "$ARGV[0].out") or die; print OUT unpack("H*", $text // ""); close(OUT); $/ = "\n"; print "done\n" }' \
        "$servers/hex" <"$servers/hex.fifo" {hex_asked}>&-)
}

# ---- senders

# packet TYPE HEX: with its length.
packet() {
    local size=$((${#2} / 2)) out=$1 byte
    while :; do
        byte=$((size % 128)) size=$((size / 128))
        printf -v out '%s%02x' "$out" $((size > 0 ? byte | 128 : byte))
        [[ $size -gt 0 ]] || break
    done
    printf '%s%s' "$out" "$2"
}

text_of() { # HEX: with its size before it, as MQTT has texts
    printf '%04x%s' $((${#1} / 2)) "$1"
}

unhex() {
    printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"
}

# raw TOPIC_HEX PAYLOAD_HEX: MQTT 3.1.1, one PUBLISH at QoS 1. True if a PUBACK comes.
raw() {
    local answer client
    hex "raw-$RANDOM"
    client=$out
    exec 5<>"/dev/tcp/127.0.0.1/$broker_port"
    ( # the broker may close while it is being sent
        unhex "$(packet 10 "$(text_of 4d515454)0402003c$(text_of "$client")")"
        unhex "$(packet 32 "$(text_of "$1")0001$2")"
        unhex c000
    ) >&5 2>/dev/null || true
    answer=$(timeout 10 head -c 8 <&5 | od -An -v -tx1 | tr -d ' \n') || true # CONNACK, then PUBACK or the end
    exec 5<&- 5>&-
    [[ ${answer:8:2} == 40 ]]
}

said() { # TOPIC PAYLOAD_HEX OPTION...
    local topic=$1 payload=$2
    shift 2
    unhex "$payload" >"$servers/payload"
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -t "$topic" -f "$servers/payload" "$@" 2>>"$servers/mosquitto_pub.log"
}

will() { # TOPIC PAYLOAD: of a client that is killed
    process_start will "" mosquitto_sub -h 127.0.0.1 -p "$broker_port" -i dying -t nothing --will-topic "$1" \
        --will-payload "$2" --will-qos 1
    wait_until 10 log_has mosquitto "as dying"
    process_end will KILL 5
}

# In the order they are to come.
flush() {
    [[ -s $servers/queue ]] || return 0
    publish "$servers/queue"
    process_wait publish 60
    : >"$servers/queue"
}

# send NUMBER HOW TOPIC PAYLOAD: `taken` is yes if the broker took it.
send() {
    local topic payload
    printf -v topic '%b' "$3" # without a NUL
    hex "$4"
    payload=$out
    taken=yes
    [[ $2 == q1 ]] || flush
    case $2 in
    q1) printf 'message\t%s\t%s\n' "$topic" "$payload" >>"$servers/queue" ;;
    q0) said "$topic" "$payload" -q 0 ;;
    q2) said "$topic" "$payload" -q 2 ;;
    retain) said "$topic" "$payload" -q 1 -r ;;
    will) will "$topic" "$4" ;;
    raw)
        hex "$3"
        raw "$out" "$payload" || taken=no
        ;;
    esac
}

# ---- what became of it

# One row for each kind: what was expected, and what there is.
came() {
    cat <<'END'
with seen as (
    select b.*,
           (select count(*) from abate.sample s where s.at = b.at) as samples,
           (select count(*) from abate.revision v where v.at = b.at) as revisions,
           r.reason as said, r.kept
      from bad_input b
      left join abate.rejected_message r on b.topic = convert_to(r.topic, 'UTF8') and b.payload = r.payload
), verdict as (
    select *, case
           when taken = 'no' and samples = 0 and said is null then 'refused'
           when said is not null and kept > 0 and samples = 1 then 'partly'
           when said is not null and kept = 0 and (samples = 0 or is_shared) then 'rejected'
           when said is not null then format('rejected, %s kept, %s samples', kept, samples)
           when samples = 1 and revisions = 1 and is_shared and wanted = 'revision' then 'revision'
           when samples = 1 and is_shared and wanted = 'duplicate' then 'duplicate'
           when samples = 1 then 'stored'
           when samples = 0 then 'nowhere'
           else format('%s samples', samples) end as became
      from seen
)
select name, wanted, became, reason, coalesce(said, ''),
       became = wanted and starts_with(coalesce(said, ''), reason) and (wanted not in ('rejected', 'partly') or reason <> '')
  from verdict order by number
END
}

positions() {
    psql_value "select position from abate.journal_position"
}

# ---- the test

servers_begin_all
mosquitto_stop
mosquitto_start mosquitto "log_type information" "max_packet_size 262144"
abate_conf "$servers/abated.conf" past=30d
cat >>"$servers/abated.conf" <<'END'
feed "gateways" { topic = "gateway/#" form = json past = "30d" future = "10min" }
feed "frames" { topic = "hj212/{monitor}" form = hj212 past = "30d" future = "10min" }
feed "packs" { topic = "senml/{monitor}" form = senml past = "30d" future = "10min" }
feed "reports" { topic = "indicators/{agency}" form = statement }
END
simulate_register 2 10
psql_file - <<'END'
insert into abate.plant (plant_code, name_zh, name_en, region_code) values ('OTHER', '另', 'other', 'sim');
insert into abate.agency (agency_code, name_zh) values ('bee', '生态环境局');
insert into abate.feed (monitor_id, period) select monitor_id, 'realtime' from abate.monitor where monitor_code = 'SIM000002';
insert into abate.series (feed_id, parameter_code, unit, slot)
select feed_id, 'a21026', 'mg/m3', 1 from abate.feed where period = 'realtime';
create table bad_input (number int, name text, topic bytea, wanted text, reason text, payload bytea, at timestamptz,
                        is_shared boolean, taken text);
END
series=$(rows_of series)
abated_start
wait_until 30 log_has abated "connected" || true

readonly base=$((EPOCHSECONDS / 60 * 60 - 86400)) ahead=$((EPOCHSECONDS + 1800))
readonly too_late=$((EPOCHSECONDS - 40 * 86400)) soon=$((EPOCHSECONDS / 60 * 60 + 300))
kinds=0

story "every kind is sent"
while IFS=$'\t' read -r name how topic wanted reason payload <&4; do
    [[ $name != "# "* && -n $name ]] || continue
    kinds=$((kinds + 1))
    [[ $topic != - ]] || topic=
    [[ $reason != - ]] || reason=
    [[ $payload != - ]] || payload=
    at=$((base + kinds * 60)) shared=no
    [[ $payload != *@SOON@* ]] || at=$soon
    [[ $payload != *'"@SAME@"'* || $payload == *@AT@* ]] || at=$base shared=yes
    fill "$payload" "$kinds"
    payload=$out
    send "$kinds" "$how" "$topic" "$payload"
    row=("$kinds" "$name")
    hex "$topic"
    row+=("\\\\x$out" "$wanted")
    fill "${reason//\\/\\\\}" "$kinds"
    row+=("$out")
    hex "$payload"
    row+=("\\\\x$out")
    utc $at %FT%TZ
    printf '%s\t' "${row[@]}" "$out" "$shared" >>"$servers/sent"
    printf '%s\n' "$taken" >>"$servers/sent"
done 4<"$TABLE"
fill '{"time":"@AT@","period":"minute","readings":{"a21026":7}}' $((kinds + 1))
send 0 q1 plants/sim/SIM/SIM000002 "$out"
flush
last_stored() {
    [[ $(psql_value "select count(*) from abate.sample where value[2] = 7 or value[1] = 7") == 1 ]]
}
expect_true "the good one behind them all is stored" wait_until 60 last_stored
expect_true "at least 80 kinds" test "$kinds" -ge 80

story "what became of them"
"$postgres_bin/psql" -Xq -v ON_ERROR_STOP=1 -c "\\copy bad_input from '$servers/sent'"
psql_value "$(came)" >"$servers/came"
good=$(grep -c '|t$' "$servers/came" || true)
grep -v '|t$' "$servers/came" | sed 's/^/    not as expected: /' | cut -c 1-400 || true
expect "of $kinds kinds, as expected" "$good" "$kinds"

story "nothing else came of it"
expect "rejects without a reason" "$(rows_of rejected_message "reason = ''")" 0
expect "rejects that are nobody's" "$(psql_value "select count(*) from abate.rejected_message r where not exists
    (select from bad_input b where b.payload = r.payload and b.wanted in ('rejected', 'partly'))")" 0
expect "series" "$(rows_of series)" "$series"
expect "reasons of more than one line" "$(rows_of rejected_message "reason ~ '[[:cntrl:]]'")" 0
expect "lines of the log that are not the daemon's" "$(grep -cv '^abated: ' "$servers/abated.log" || true)" 0
abated_readies abated
expect "times it said that it was ready" "$found" 1
expect_true "it is alive" is_alive abated
abated_stop
expect "exit status" "$ended" 0
echo "    $kinds kinds of bad input, $good as expected"
story_end
