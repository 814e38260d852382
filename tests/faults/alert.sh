# shellcheck shell=bash disable=SC2154
# What becomes of alerts when something fails between a breach and whoever is to hear of it. Beside what a bed counts: alerts
# that were never heard, and those heard under another key, so that nobody can tell that they are the same.
#
#     plant --> abated --> breach --> alert --> delivery --> channel "gate" --> [proxy "way"] --> gateway "gate"
#
# What is heard twice must have been tried before without an answer on record.

# shellcheck source=tests/alert/servers.sh
. "$top/tests/alert/servers.sh"

# alert_bed PATH [KEY=VALUE ...]: a bed whose breaches, and their ends, are told at the gateway; one message at a time.
# abated is not started yet.
alert_bed() {
    bed own=no "${@:2}"
    rm -rf "$servers"/{gate,kills,way.log,bus.log}
    gateway_start gate web_server.py
    proxy_start way "$(free_port)" "$(port_of gate)"
    channel_conf gate http "url=http://127.0.0.1:$(sed -n 's/^ready //p' "$servers/way.log")$1" timeout=2s in_flight=1
    # What is of 2021 is told as if it were of today.
    psql_value "update abate.threshold set value = 1e6 where threshold_code in ('alert_late', 'alert_expires');
                delete from abate.route"
    alert_route gate
}

alert_route() { # CHANNEL
    psql_value "insert into abate.channel (channel_name, medium, group_interval, lease, retry_first, retry_most, source)
                values ('$1', 'hook', '0', '3 seconds', '200 milliseconds', '500 milliseconds', 'test');
                insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
                values (1, '$1', '{opened,worse}', 'channel', '$1', 'test')"
}

alert_all_sent() {
    [[ $(psql_value "select not exists (select from abate.alert where outcome is null)
                        and not exists (select from abate.delivery where state not in ('sent', 'failed', 'expired'))" \
        "$bed_database") == t ]]
}

alert_heard() { # how many requests by now
    find "$servers/gate" -name '*.json' | wc -l
}

alert_heard_more() { # COUNT
    [[ $(alert_heard) -gt $1 ]]
}

# What came: channel, instant, key, what it says; in the order it came.
alert_list_heard() {
    /usr/bin/python3 - "$servers" <<'END'
import csv, json, os, sys
out = csv.writer(sys.stdout, lineterminator="\n")
gate = f"{sys.argv[1]}/gate"
for name in sorted(os.listdir(gate), key=lambda name: int(name.split(".")[0])):
    with open(f"{gate}/{name}", encoding="utf-8") as file:
        heard = json.load(file)
    out.writerow(["gate", heard["at"], heard["headers"]["Idempotency-Key"], heard["body"]])
if os.path.exists(f"{sys.argv[1]}/bus.log"):
    with open(f"{sys.argv[1]}/bus.log", encoding="utf-8") as file:
        for line in file:
            at, body = line.rstrip("\n").split("\t")
            out.writerow(["bus", at, json.loads(body)["key"], body])
END
}

# alert_select SQL: with the tables heard, and killed (when abated was begun and killed, and where).
alert_select() {
    {
        echo "create temp table heard (n int generated always as identity, channel_name text, at timestamptz, key text, told jsonb);"
        echo "create temp table came (channel_name text, at float8, key text, told jsonb);"
        echo "copy came from stdin csv;"
        alert_list_heard
        echo '\.'
        echo "insert into heard (channel_name, at, key, told) select channel_name, to_timestamp(at), key, told from came;"
        echo "create temp table killed (point text, begun float8, died float8);"
        echo "copy killed from stdin;"
        cat "$servers/kills" 2>/dev/null || true
        echo '\.'
        echo "$1;"
    } | "$postgres_bin/psql" -XqAt -F ' ' -v ON_ERROR_STOP=1 -d "$bed_database"
}

# Once all is taken and stored: all is told, too.
alert_check() {
    local line
    wait_until 60 alert_all_sent || expect "what is not sent" "$(psql_value "select channel_name, state, tries, last_answer
        from abate.delivery where state <> 'sent' limit 3" "$bed_database")" ""
    read -ra line <<<"$(alert_select "
        with told as (
            select a.alert_id, d.delivery_id, d.channel_name, d.key::text, d.alert, count(h.n) as hearings, bool_and(h.told = d.alert) as is_same
              from abate.alert a
              join abate.delivery_alert using (alert_id)
              join abate.delivery d using (delivery_id)
              left join heard h on h.channel_name = d.channel_name and h.key = d.key::text
             group by a.alert_id, d.delivery_id
        ), twice as (
            select h.channel_name, h.key, count(*) - 1 as again,
                   (select count(*) from abate.delivery_try t
                     where t.delivery_id = d.delivery_id and t.is_ok is not true) as unanswered
              from heard h
              join abate.delivery d on d.key::text = h.key
             group by h.channel_name, h.key, d.delivery_id
        )
        select (select count(*) from abate.alert),
               (select count(*) from heard),
               (select count(*) from abate.breach b
                 where not exists (select from abate.alert a where a.breach_id = b.breach_id and a.kind = 'opened'))
                 + (select count(*) from abate.alert a cross join (select distinct channel_name from abate.route) c
                     where not exists (select from told t
                                        where t.alert_id = a.alert_id and t.channel_name = c.channel_name
                                          and t.hearings > 0 and t.is_same)),
               (select count(*) from (select from told where hearings > 0 group by alert_id, channel_name having count(*) > 1) n)
                 + (select count(*) from heard h where not exists (select from abate.delivery d where d.key::text = h.key)),
               (select coalesce(sum(again), 0) from twice),
               (select count(*) from twice where channel_name = 'gate' and again > unanswered)")"
    # (A broker that ends may have passed it on and its PUBACK not come; and it gives its listeners again what they had.)
    printf 'note: %s: %s alerts in %s messages; lost %s, by another key %s; heard again %s\n' "$fault_name" "${line[@]:0:5}"
    expect_true "alerts: ${line[0]}" test "${line[0]}" -gt 0
    expect "alerts lost" "${line[2]}" 0
    expect "alerts heard by another key" "${line[3]}" 0
    expect "messages heard again though there was an answer" "${line[5]}" 0
}

# ---- killed at each step

# Of each try that nobody recorded: where abated died then, and whether it had been heard.
alert_unrecorded() {
    alert_select "
        select k.point || ': ' || case when h.n is null then 'not heard' else 'heard' end || ' ' || count(*)
          from abate.delivery_try t
          join abate.delivery d using (delivery_id)
          join killed k on t.begun between to_timestamp(k.begun) and to_timestamp(k.died)
          left join heard h
            on h.key = d.key::text and h.at >= t.begun
           and h.at < coalesce((select min(n.begun) from abate.delivery_try n
                                 where n.delivery_id = t.delivery_id and n.try_id > t.try_id), 'infinity')
         where t.ended is null
         group by k.point, h.n is null
         order by 1"
}

alert_points() {
    sed -n 's/^ *crash_\(before\|amid\|after\)("\(alert .*\)");.*/\1 \2/p' "$ABATE_SOURCE"/daemon/{notifier,tries}.c
}

# The first claim, and the first preparing, may find nothing.
alert_number_of() { # POINT TURN
    case $1 in
    *" alert prepare" | *" alert claim") echo $(($2 % 4 + 2)) ;;
    *) echo $(($2 % 4 + 1)) ;;
    esac
}

fault crash_alert 1 15 "killed at each step of an alert's way"
fault_crash_alert() {
    local points point i launched unreached=()
    mapfile -t points < <(alert_points)
    expect "steps, before, amid, after" "${#points[@]}" 12
    alert_bed /ok
    abated_start
    bed_connected
    plant_begin 10000000 200
    for ((i = 0; i < times; i++)); do
        abated_kill
        for point in "${points[@]}"; do
            launched=$(date +%s.%N)
            crash_once "${point%% *}" "${point#* }" "$(alert_number_of "$point" "$i")" 60 2>/dev/null || unreached+=("$point")
            printf '%s\t%s\t%s\n' "$point" "$launched" "$(date +%s.%N)" >>"$servers/kills"
        done
        abated_start
    done
    expect "steps never reached" "${unreached[*]}" ""
    fault_over
    plant_finish 60
    bed_check
    alert_check
    alert_unrecorded | tee "$servers/unrecorded"
    for point in "before alert claim" "amid alert claim" "after alert claim" "before alert send" "after alert record"; do
        expect "$point: heard, and not recorded" "$(grep "^$point: heard" "$servers/unrecorded")" ""
    done
    expect "after alert record: not recorded" "$(grep "^after alert record" "$servers/unrecorded")" ""
    for point in "after alert send" "before alert record"; do
        expect "$point" "$(grep "^$point" "$servers/unrecorded")" "$point: heard $times"
    done
    bed_end
}

# ---- something else fails

# One message is at the gateway, which thinks about it, when PostgreSQL dies.
fault alert_postgres 1 15 "PostgreSQL killed while a message is under way"
fault_alert_postgres() {
    local i before
    alert_bed /slow own=postgres
    abated_start
    bed_connected
    plant_begin 10000000 200
    for ((i = 0; i < times; i++)); do
        before=$(alert_heard)
        expect_true "a message is under way" wait_until 60 alert_heard_more "$before"
        printf 'PostgreSQL\t%s\t%s\n' "$(date +%s.%N)" "$(date +%s.%N)" >>"$servers/kills"
        postgres_kill postgres_own
        pause_ms 0 1000
        postgres_start postgres_own
        pause_ms 500 1500
    done
    fault_over
    plant_finish 60
    bed_check
    alert_check
    # A slow machine may have recorded one just before it kills.
    expect_true "begun before and recorded afterwards" test "$(alert_select "
        select count(distinct k.begun) from killed k
          join abate.delivery_try t on t.begun < to_timestamp(k.begun) and t.ended > to_timestamp(k.died)")" -ge $(((times + 1) / 2))
    bed_end
}

# Each way in which a gateway's answer can be missed; what it heard then it hears again.
fault alert_gateway 1 10 "the gateway away, hanging, cut amid its answer"
fault_alert_gateway() {
    local i command before ways=(
        'cut-when-server-sends " 200 "' 'cut-when-server-sends "errmsg"' 'cut-after-client-sends "Idempotency-Key"'
        'cut-when-client-sends "alerts"')
    alert_bed /ok
    abated_start
    bed_connected
    plant_begin 10000000 200
    for ((i = 0; i < times; i++)); do
        for command in "${ways[@]}"; do
            proxy_count way fired
            before=$found
            proxy_say way "$command"
            expect_true "it comes: $command" wait_until 60 proxy_past way fired "$before"
        done
        for command in refuse blackhole; do
            before=$(alert_failed)
            proxy_say way "$command"
            expect_true "it fails: $command" wait_until 60 alert_failed_more "$before"
            proxy_say way pass
        done
    done
    fault_over
    plant_finish 60
    bed_check
    alert_check
    expect_true "heard again, for want of an answer" test "$(alert_select "select count(*) - count(distinct key) from heard")" -ge $((3 * times))
    bed_end
}

alert_failed() { # how many tries
    psql_value "select count(*) from abate.delivery_try where not is_ok" "$bed_database"
}

alert_failed_more() { # COUNT
    [[ $(alert_failed) -gt $1 ]]
}

# What was in hand when the broker went is told all the same; what goes by the broker itself, when it is back.
fault alert_broker 1 10 "the broker gone while alerts are under way"
fault_alert_broker() {
    local i
    alert_bed /ok
    channel_conf bus mqtt topic=abate/alerts timeout=2s
    alert_route bus
    process_start bus "" mosquitto_sub -h 127.0.0.1 -p "$broker_port" -V 5 -q 1 -i bus -c -x 3600 -t abate/alerts -F '%U\t%p'
    abated_start
    bed_connected
    plant_begin 10000000 200
    for ((i = 0; i < times; i++)); do
        proxy_say way hold
        expect_true "something waits" wait_until 60 alert_waits
        mosquitto_stop
        proxy_say way pass
        expect_true "told without a broker" wait_until 60 alert_gate_is_through
        mosquitto_start
        pause_ms 500 1500
    done
    fault_over
    plant_finish 60
    bed_check
    alert_check
    bed_end
}

alert_waits() {
    [[ $(psql_value "select count(*) > 1 from abate.delivery where channel_name = 'gate' and state <> 'sent'" "$bed_database") == t ]]
}

alert_gate_is_through() {
    [[ $(psql_value "select count(*) = 0 from abate.delivery where channel_name = 'gate' and state <> 'sent'" "$bed_database") == t ]]
}
