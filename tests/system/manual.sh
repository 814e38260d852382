#!/usr/bin/env bash
# abate-sql(7): every query in it runs, and answers where it says so; every table and view is in it, and no other.
set -euo pipefail
# shellcheck source=tests/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../servers.sh"
ABATE_SOURCE=${ABATE_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
readonly page=$ABATE_SOURCE/daemon/abate-sql.7

# The queries as files $servers/query/N.sql; N.rows beside those that must answer.
page_cut() {
    mkdir "$servers/query"
    awk -v folder="$servers/query" '
        /^\.\\" query/ { n++; wanted = 1; if (/ rows$/) print n >(folder "/" n ".rows"); next }
        /^\.Bd / { inside = wanted; next }
        /^\.Ed/ { inside = wanted = 0 }
        inside { gsub(/\\e/, "\\"); print >(folder "/" n ".sql") }' "$page"
}

# Each statement on its own: those of a display that must answer must all.
query_runs() { # N
    local file=$servers/query/$1
    "$postgres_bin/psql" -Xq -v ON_ERROR_STOP=1 -d abate -f <(printf 'begin;\nset local role abate_owner;\n'; cat "$file.sql"; echo 'rollback;') \
        >"$file.told" 2>&1 && { [[ ! -f $file.rows ]] || ! grep -qx '(0 rows)' "$file.told"; } && return 0
    sed 's/^/    /' "$file.sql" "$file.told" | head -n 30
    return 1
}

relations() {
    psql_value "select c.relname from pg_class c
                 where c.relnamespace = 'abate'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition order by 1"
}

servers_begin_all
"$(program abatectl)" -c "$servers/abated.conf" plan load --conninfo "host=$PGHOST dbname=abate user=postgres" \
    "$ABATE_SOURCE/tests/plans/littletown-2021" >"$servers/plan.log"
psql_file - <<'END'
insert into abate.region values ('410100') on conflict do nothing;
with p as (insert into abate.plant (plant_code, region_code) values ('P17', '410100') returning plant_id),
     c as (insert into abate.contact (name, mail, plant_id) select 'Li', 'li@example.org', plant_id from p),
     m as (insert into abate.monitor (monitor_code, plant_id, medium, must_report_from)
           select '88888880000001', plant_id, 'air', date_trunc('hour', now() - interval '1 day') from p returning *),
     f as (insert into abate.feed (monitor_id, period) select monitor_id, 'minute' from m returning *),
     s as (insert into abate.series (feed_id, parameter_code, unit, slot) select feed_id, 'a21026', 'mg/m3', 1 from f)
insert into abate.emission_limit (parameter_code, period, plant_id, upper, unit, standard, source, confirmed_by)
select 'a21026', period, plant_id, 35, 'mg/m3', 'a licence', 'test', 'Wang' from p, unnest('{minute,hour}'::text[]) period;
END
abated_start
minute=$(($(date +%s) / 3600 * 60 - 240)) # three hours of minutes, all of which are over
{
    message plants/410100/P17/88888880000001 "$(for ((n = 0; n < 180; n++)); do
        printf '%s{"time":"%s","period":"minute","readings":{"a21026":%d}}' "$([[ $n -gt 0 ]] && printf , || printf '[')" \
            "$(date -u -d "@$(((minute + n) * 60))" +%Y-%m-%dT%H:%M:%SZ)" $((40 + n % 7))
    done)]"
    message plants/410100/P17/88888880000001 '{"time":"2020-11-02T08:15:00Z","readings":{}}'
} >"$servers/values"
publish "$servers/values"
process_wait publish 30
wait_until 30 stored_is 180 || servers_fail "the readings are not stored"
abated_stop
psql_value "select abate.judge(now()); select abate.prepare_alerts(now())" >/dev/null

story "the page"
page_cut
expect_true "it has queries" test "$(find "$servers/query" -name '*.sql' | wc -l)" -ge 20
for file in "$servers"/query/*.sql; do
    n=$(basename "$file" .sql)
    expect_true "$(head -n 1 "$file")" query_runs "$n"
done
relations >"$servers/there"
sed -n 's/^\.It Li \([a-z_]*\)$/\1/p' "$page" | sort >"$servers/told"
expect "what is in the schema and not in the page, and the other way" "$(LC_ALL=C sort "$servers/there" | LC_ALL=C comm -3 - <(LC_ALL=C sort "$servers/told") | xargs)" ""
story_end
