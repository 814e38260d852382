#!/usr/bin/env bash
# What may go wrong, and what abate makes of it: each scenario of `abatectl simulate` with private PostgreSQL, broker and abated,
# and the breaches it becomes.
set -euo pipefail

# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/scenarios.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scenarios.sh"

say() {
    if [[ -t 1 ]]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

# As many breaches as are waited for; closed ones, or any.
found() { # PLANT COUNT open|closed
    [[ $(rows_of breach_report "plant_code like '$1%' and withdrawn is null and (closed is not null or '$3' = 'open')") -ge $2 ]]
}

show() { # PLANT
    "$postgres_bin/psql" -Xq -P pager=off -P footer=off -P null=- -d abate -c "
        select b.rule, m.monitor_code as monitor, s.parameter_code as parameter, to_char(b.opened, 'HH24:MI') as opened,
               coalesce(to_char(b.closed, 'HH24:MI'), 'open') as closed, b.bound, b.worst
          from abate.breach b
          join abate.monitor m using (monitor_id)
          left join abate.series s using (series_id)
         where m.monitor_code like '$1%' and b.withdrawn is null
         order by b.opened, m.monitor_code limit 5"
}

# play NAME PLANT COUNT: what is done, and what comes of it.
play() {
    say "$1: $("$(program abatectl)" simulate --scenarios | sed -n "s/^$1 *//p")"
    echo "  abatectl simulate --scenario $1 ${scenario_plays[$1]}"
    if [[ $1 == silent ]]; then
        scenario_play "$1" --messages "$scenario_until_silent" && scenario_bind
        wait_until 60 found "$2" "$3" open || { echo "demo: nothing came of it" >&2; exit 1; }
    fi
    scenario_play "$1"
    wait_until 60 found "$2" "$3" closed || { echo "demo: nothing came of it" >&2; exit 1; }
    show "$2"
}

say "Starting PostgreSQL, mosquitto and abated, with the plan of Zhengzhou (2019)"
servers_begin_all
scenarios_prepare
abated_start
wait_until 30 log_has abated "connected, session"
play exceedance WORKS 1
play drift DRIFT 1
play restart CLOSED 2
play silent MUTE 1
play storm STORM "$scenario_storm"
echo "  ... $scenario_storm breaches in all"
