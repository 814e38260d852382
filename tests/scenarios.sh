# shellcheck shell=bash disable=SC2034
# Each scenario of `abatectl simulate`, at a plant of its own, with what it needs to become a breach: to be sourced behind
# tests/servers.sh by who plays them. They begin seven hours ago, so that their hours are over; the silent monitor six and a
# quarter, so that it has just come again.
#
#     servers_begin_all; scenarios_prepare; abated_start
#     scenario_play exceedance
#     scenario_play silent --messages "$scenario_until_silent"; scenario_bind; ...; scenario_play silent

scenario_names=(exceedance drift restart silent storm)
scenario_storm=300 # monitors
declare -A scenario_plays=(
    [exceedance]="--plant WORKS --monitors 3 --limit 200"
    [drift]="--plant DRIFT --monitors 2 --limit 200"
    [restart]="--plant CLOSED --monitors 2 --plants 2 --affected 1"
    [silent]="--plant MUTE --monitors 2"
    [storm]="--plant STORM --monitors $scenario_storm --plants $((scenario_storm / 10)) --readings 3 --limit 50")
readonly scenario_until_silent=450 # two monitors for two hours, then one for three and a half

scenarios_prepare() {
    local name
    scenario_begin=$((($(date +%s) / 3600 - 7) * 3600))
    scenario_silent_begin=$((($(date +%s) / 60 - 375) * 60))
    printf 'judge {\n    interval = "1s"\n}\n' >>"$servers/abated.conf"
    "$(program abatectl)" -c "$servers/abated.conf" plan load --conninfo "host=$PGHOST dbname=abate user=postgres" \
        "$(dirname "${BASH_SOURCE[0]}")/../sql/plans/zhengzhou-2019" >/dev/null
    for name in "${scenario_names[@]}"; do
        # shellcheck disable=SC2046 # words
        "$(program abatectl)" simulate --registry --region 410100 $(scenario_registers "$name") | psql_file -
    done
    psql_file - <<END
-- The plan's own limits hold for a steel works: of NOx 200 mg/m3 in the mean of an hour.
update abate.plant set sector_code = 'steel' where plant_code in ('WORKS', 'DRIFT');
select abate.close_down('CLOSED000001', null, to_timestamp($scenario_begin + 3600), 'invented');
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source)
select 'a21002', 'minute', plant_id, 50, 'mg/m3', 'invented', 'invented' from abate.plant where plant_code like 'STORM%';
END
}

# From when on the silent monitors must have reported: entered when they have, or they would be silent before they begin.
scenario_bind() {
    wait_until 60 scenario_has_spoken
    psql_value "update abate.monitor set must_report_from = current_date - 30 where monitor_code like 'MUTE%'"
}

scenario_has_spoken() {
    [[ $(psql_value "select count(*) from abate.sample join abate.feed using (feed_id) join abate.monitor using (monitor_id)
                      where monitor_code like 'MUTE%'") -eq $scenario_until_silent ]]
}

# What of its words `--registry` takes, too.
scenario_registers() { # NAME
    sed -E 's/--(limit|affected) [0-9]+//g' <<<"${scenario_plays[$1]}"
}

# scenario_play NAME [OPTION...]: publishes it, whole if it is not said how far.
scenario_play() {
    local begin=$scenario_begin
    [[ $1 != silent ]] || begin=$scenario_silent_begin
    # shellcheck disable=SC2086 # words
    simulate --scenario "$1" --region 410100 --start "$(date -u -d "@$begin" +%FT%TZ)" ${scenario_plays[$1]} "${@:2}"
    process_wait simulate 120
}

# The breaches by now, a line each: rule, monitor, parameter, and when it was opened and closed, in hours and minutes since the
# scenarios began. A storm is one line.
scenario_breaches() {
    psql_value "
        with found as (
            select b.rule, to_timestamp(case when b.rule = 'silence' then $scenario_silent_begin else $scenario_begin end) as begin,
                   b.opened, b.closed, s.parameter_code,
                   case when m.monitor_code like 'STORM%' then 'STORM' else m.monitor_code end as monitor
              from abate.breach b
              join abate.monitor m using (monitor_id)
              left join abate.series s using (series_id)
             where b.withdrawn is null
        )
        select concat_ws(' ', rule, monitor, parameter_code, to_char(opened - begin, 'HH24:MI'),
                         coalesce(to_char(closed - begin, 'HH24:MI'), 'open'), case when monitor = 'STORM' then 'x' || count(*) end)
          from found
         group by rule, monitor, parameter_code, begin, opened, closed
         order by monitor, parameter_code, opened"
}
