#!/usr/bin/env bash
# abated tells its own troubles, each once and that it is over, with no database to help: database away, broker away, the
# journal filling and full, a disk that fails; also by a mail server that is away itself for a while. All are on record in the
# database, which tells them to others, to nobody twice, and says no more of monitors behind a broker that is down.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/alert/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../alert/servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

# Subjects of all mails so far, in order, each once for a@ and b@.
subjects() { # [TO]
    /usr/bin/python3 - "$servers/post" "${1:-a}@example.org" <<'END'
import email, email.policy, os, sys
for number in range(1, 1 + sum(name.endswith(".eml") for name in os.listdir(sys.argv[1]))):
    m = email.message_from_bytes(open(f"{sys.argv[1]}/{number}.eml", "rb").read(), policy=email.policy.default)
    if m["To"].addresses[0].addr_spec == sys.argv[2]:
        print(m["Subject"])
END
}

mails() { # TEXT: how many subjects have it
    subjects | grep -cF "$1" || true
}

mails_are() { # TEXT COUNT
    [[ $(mails "$1") -eq $2 ]]
}

# What the duty desk has heard by the outbox, without the numbers of alerts.
duty() {
    subjects duty | sed 's/^\[[^]]*\] //' | LC_ALL=C sort | xargs -r -d '\n' printf '%s; '
}

duty_is() { # TEXT
    [[ $(duty) == "$1" ]]
}

expect_duty() { # WHAT TEXT
    wait_until 20 duty_is "$2" || true
    expect "$1" "$(duty)" "$2"
}

value_is() { # SQL VALUE
    [[ $(psql_value "$1") == "$2" ]]
}

expect_value() { # WHAT SQL VALUE
    wait_until 20 value_is "$2" "$3" || true
    expect "$1" "$(psql_value "$2")" "$3"
}

expect_mail() { # WHAT TEXT COUNT
    wait_until 20 mails_are "$2" "$3" || true
    expect "$1" "$(mails "$2")" "$3"
}

servers_begin_all
gateway_start post mail_server.py
printf '#!/bin/sh\ncat >>%s\necho >>%s\n' "$servers/heard" "$servers/heard" >"$servers/hook"
chmod 755 "$servers/hook"
troubles() { # KEY=VALUE ...: the configuration
    abate_conf "$servers/abated.conf" "$@" trouble.after=1s trouble.remind=1h judge.interval=300ms
    channel_conf mail mail host=127.0.0.1 encryption=none "port=$(port_of post)" from=abate@example.org \
        "troubles_to=a@example.org  b@example.org"
    channel_conf hook exec "program=$servers/hook" troubles_to=duty
    channel_conf quiet mail host=127.0.0.1 encryption=none "port=$(port_of post)" from=abate@example.org
}
troubles
simulate_register 3 3
psql_value "insert into abate.contact (name, mail) values ('duty', 'duty@example.org'), ('a', 'a@example.org');
    update abate.channel set group_interval = '0'; update abate.threshold set value = 1e8 where threshold_code = 'silent_after'; update abate.monitor set must_report_from = '2020-01-01'" >/dev/null
abated_start
simulate --monitors 3 --messages 3 --readings 3
expect_true "published" process_wait simulate 60
expect_true "stored" wait_until 20 stored_is 3

story "the database is away"
sleep 2
expect "nothing is told of what is well" "$(subjects)" ""
postgres_stop fast
expect_mail "told" "abate (test): 数据库无法写入 / nothing can be stored in the database" 1
expect "to the other one, too" "$(subjects b)" "$(subjects)"
sleep 2
expect "once" "$(subjects | wc -l)" 1
postgres_start
expect_mail "that it is over" "abate (test): 已恢复 over: 数据库无法写入" 1
expect "in JSON, for the hook" "$(/usr/bin/python3 -c 'import json, sys
for line in sys.stdin: a = json.loads(line)["alerts"][0]; print(a["status"], a["trouble"], a["instance"], "reason" in a)' <"$servers/heard" | xargs)" \
    "firing database test True resolved database test False"
expect_duty "who is not told directly hears of it when it is over" "系统恢复:数据库无法写入 (test); "
expect_value "it is on record" "select string_agg(trouble || ' ' || (ended > begun + interval '1 second'), ' ') from abate.trouble" "database true"

story "the broker is away, and so is the mail server"
process_end post TERM 5
mosquitto_stop
expect_true "the log says that it cannot be told" wait_until 20 log_has abated 'channel "mail": '
port=$(sed -n 's/^ready //p' "$servers/post.log")
rm -rf "$servers/post" && mkdir "$servers/post"
gateway_start post mail_server.py --port "$port"
expect_mail "told when the mail server is back" "abate (test): 与消息服务器的连接中断 local / a broker is not connected" 1
expect_value "it is on record" "select reason <> '' from abate.trouble where trouble = 'broker local' and ended is null" t
psql_value "update abate.threshold set value = 0.01 where threshold_code = 'silent_after'" >/dev/null
silences="select string_agg(outcome || ' ' || regexp_replace(outcome_why, '[0-9]+', 'N', 'g'), ', ' order by alert_id) from abate.alert where rule = 'silence' and kind = 'opened'"
expect_value "all monitors behind it are silent, which is on record and explained" "$silences" \
    "$(printf 'inhibited trouble N: database, trouble N: broker local%s' ', ' ', ' '')" # each of the two would do
expect_value "and that it lasts" "select seen > begun + interval '2 seconds' from abate.trouble where trouble = 'broker local' and ended is null" t
heard="系统故障:与消息服务器的连接中断 local (test); "
expect_duty "told is the broker alone, once" "$heard"
psql_value "update abate.threshold set value = 1e8 where threshold_code = 'silent_after'" >/dev/null
mosquitto_start
expect_mail "that it is over" "abate (test): 已恢复 over: 与消息服务器的连接中断 local" 1
expect_duty "by the outbox, too" "系统恢复:与消息服务器的连接中断 local (test); $heard"
expect "nobody twice" "$(subjects | sort | uniq -d; subjects | grep -c '系统' || true)" 0
abated_stop
expect "exit status" "$ended" 0

story "the journal fills"
troubles segment=64k size=512k receive_maximum=50 trouble.backlog=25
rm -rf "$servers/post" && mkdir "$servers/post"
process_end post TERM 5
gateway_start post mail_server.py --port "$port"
postgres_stop fast
abated_start
simulate --monitors 1 --messages 5000 --readings 3
expect_true "published" process_wait simulate 60
expect_mail "much waits" "abate (test): 日志积压过多 / the journal fills: much waits for the database" 1
expect_mail "it is full" "abate (test): 日志或磁盘已满,已停止接收 / the journal or its disk is full, nothing is taken" 1
postgres_start
expect_true "all are stored" wait_until 60 stored_is 5002
abated_stop

story "the disk fails"
troubles
abated_under=(strace -D -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when=1)
abated_start
abated_under=()
simulate --monitors 1 --messages 1 --readings 3
expect_true "it ends" wait_until 20 is_over abated
process_end abated TERM 1
expect "exit status" "$ended" 1
expect_mail "its last words" "abate (test): 服务异常终止 / abated has ended: it cannot go on" 1
expect_value "on record" "select count(*) from abate.trouble where trouble = 'end' and ended is null" 1
abated_start
expect_value "it is up again" "select count(*) from abate.trouble where ended is null" 0

story "it is killed while a broker is away, and does not come back"
before=$(psql_value "select max(breach_id) from abate.breach")
mosquitto_stop
expect_value "on record" "select count(*) from abate.trouble where trouble = 'broker local' and ended is null" 1
psql_value "update abate.threshold set value = 0.01 where threshold_code = 'silent_after'" >/dev/null
silent() { # OUTCOME: whether that is what became of all who are silent since
    echo "select bool_and(exists (select from abate.alert a where a.breach_id = b.breach_id and a.outcome = '$1'))
            from abate.breach b where b.rule = 'silence' and b.breach_id > $before"
}
expect_value "which explains who is silent" "$(silent inhibited)" t
abated_kill
psql_value "update abate.threshold set value = 0.02 where threshold_code = 'trouble_unwatched'; update abate.inhibition set lingers = '0'"
mosquitto_start second
troubles instance=other "journal=$servers/other"
abated_start
expect_value "another one notices" "select string_agg(trouble || ' ' || is_unwatched, ', ') from abate.trouble where instance = 'test' and ended = seen" "broker local true"
expect_value "who is silent is told" "$(silent delivered)" t
abated_stop
process_end simulate KILL 5
story_end
