#!/usr/bin/env bash
# A storm: every monitor is over its limit at once, ten of them a plant. Each plant has a contact, and a desk hears of all.
# How many mails the mail server holds, whether every breach is on record as told, and how long it takes.
#
#     alert_storm.sh [MONITORS]      default 3000
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/alert/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../alert/servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

readonly monitors=${1:-3000}
readonly plants=$((monitors / 10))

mails() { # [RECIPIENT]
    cut -f 5 "$servers/post/list" 2>/dev/null | grep -c "^${1:-}" || true
}

is_told() {
    [[ $(psql_value "select count(*) = $monitors and bool_and(outcome is not null) from abate.alert") == t &&
        $(psql_value "select count(*) from abate.delivery where state in ('gathering', 'due', 'sending')") -eq 0 ]]
}

seconds_since() { # NANOSECONDS
    awk -v ns=$(($(date +%s%N) - $1)) 'BEGIN { printf "%.1f", ns / 1e9 }'
}

servers_begin
postgres_start postgres shared_buffers=256MB
mosquitto_start
gateway_start post mail_server.py
abate_conf
channel_conf mail mail host=127.0.0.1 encryption=none "port=$(port_of post)" from=abate@example.org
database_make
simulate_register "$monitors" 3 abate --plant P --plants "$plants"
# The channel's policy as it comes, but for the pace: the machine's is asked for.
psql_value "insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
            select 'a21002', 'minute', plant_id, 50, 'mg/m3', 'bench', 'bench' from abate.plant;
            insert into abate.contact (name, mail, plant_id)
            select plant_code, lower(plant_code) || '@example.org', plant_id from abate.plant where plant_code ~ '^P';
            insert into abate.contact (name, mail) values ('desk', 'desk@example.org');
            insert into abate.route (ordinal, name, kinds, hears, channel_name, source)
            values (15, 'the desk hears of all', '{opened}', 'duty', 'mail', 'bench');
            update abate.channel set group_wait = '10 seconds', most = null where channel_name = 'mail'"
each=$(psql_value "select most_each from abate.channel where channel_name = 'mail'")
abated_start
expect_true "connected" wait_until 20 log_has abated "connected, session"

story "$monitors monitors of $plants plants over a limit at once"
began=$(date +%s%N)
# Of the minute before, in which all is well, and of that which has just begun.
simulate --scenario storm --limit 50 --monitors "$monitors" --readings 3 --plant P --plants "$plants" \
    --start "$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%M:00Z)" --messages $((2 * monitors))
expect_true "all are stored" wait_until 60 stored_is $((2 * monitors))
stored=$(seconds_since "$began")
expect_true "all is told" wait_until 120 is_told
told=$(seconds_since "$began")
expect "mails to plants, one each" "$(mails p)" "$plants"
few=$((plants < each ? plants : each + 1))
expect "mails to the desk, as many as it is to have, and one of all the rest" "$(mails desk)" "$few"
expect "breaches" "$(rows_of breach)" "$monitors"
expect "breaches of which plant or desk was not told, by the record" "$(psql_value "
    select count(*) from (select breach_id from abate.breach_told where state = 'sent' and kind = 'opened'
                           group by breach_id having count(distinct recipient) = 2) n
     right join abate.breach using (breach_id) where n.breach_id is null")" 0
expect "mails that are nobody's" "$(cut -f 3 "$servers/post/list" | sed 's/<\(.*\)@.*/\1/' | sort |
    comm -3 - <(psql_value "select key from abate.delivery" | sort) | wc -l)" 0
printf '    stored after %s s, told after %s s, of which 10 s are given to gather; %s mails\n' "$stored" "$told" "$(mails)"
abated_stop
expect "exit status" "$ended" 0
story_end
