#!/usr/bin/env bash
# sql/optional/citus.sql, on a coordinator and one worker: a month goes into the archive as it is, once; who reads may read it; the
# daemon stores and judges as before. Skipped where the server has no Citus.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/servers.sh
. "$here/servers.sh"

# readings_digest VIEW [CONDITION]: count, and what they are.
readings_digest() {
    psql_value "select count(*) || ' ' || md5(string_agg(concat_ws(' ', plant_code, monitor_code, period, parameter_code, at, value, unit,
                                              mark, feed_id, position), e'\n' order by monitor_code, period, parameter_code, at))
                  from $1 where ${2:-true}"
}

take() { # MONTH [, again => true]
    "$postgres_bin/psql" -XqAt -d abate -c "call abate_archive.take($1)" 2>&1 | sed -n 's/^\(NOTICE\|ERROR\):  //p'
}

settings=(shared_preload_libraries=citus max_prepared_transactions=100 citus.shard_count=4 citus.enable_statistics_collection=off)
# What the daemon had begun to judge when it ended goes on for a moment.
judged() {
    [[ $(psql_value "select touched > 0 from abate.judge_again('2019-12-31', '2020-01-04', '2020-01-05')") == t ]]
}

servers_begin
postgres_start postgres_worker
postgres_needs citus citus_columnar
postgres_stop fast postgres_worker
postgres_set postgres_worker "${settings[@]}" "citus.local_hostname=$servers/postgres_worker"
postgres_start postgres_worker
psql_value "create database abate" postgres
psql_file - <<<"create extension citus; create extension citus_columnar"
postgres_start postgres "${settings[@]}" "citus.local_hostname=$servers/postgres"
mosquitto_start
abate_conf
database_make
psql_file - <<END
create extension citus;
select citus_set_coordinator_host('$servers/postgres', 5432);
select citus_add_node('$servers/postgres_worker', 5432);
END
simulate_register 4 3
limit_set 50

story "a month is taken"
abated_start
simulate --monitors 4 --readings 3 --messages 4000
process_wait simulate 60
expect_true "stored" wait_until 30 stored_is 4000
psql_file "$here/../sql/optional/citus.sql"
expect "January" "$(take "'2020-01-15'")" "$(psql_value "select count(*) from abate.sample_2020_01") samples taken into abate_archive.sample_2020_01"
expect "its readings are those of the archive" "$(readings_digest abate_archive.reading)" "$(readings_digest abate.reading "at >= '2020-01-01 00:00Z'")"
expect "and are at the worker" "$(psql_value "select count(distinct nodename) || ' ' || min(nodename) from citus_shards
                                             where table_name = 'abate_archive.sample_2020_01'::regclass")" "1 $servers/postgres_worker"
expect "compressed" "$(psql_value "select access_method from citus_tables where table_name = 'abate_archive.sample_2020_01'::regclass")" columnar
expect "once more" "$(take "'2020-01-01'")" "abate_archive.sample_2020_01 is there: that month was taken"

story "who may read"
expect "abate_reader" "$(PGUSER=abate_reader readings_digest abate_archive.reading)" "$(readings_digest abate_archive.reading)"
expect "abated may not" "$(PGUSER=abated "$postgres_bin/psql" -XqAt -d abate -c "select count(*) from abate_archive.sample" 2>&1)" \
    "ERROR:  permission denied for schema abate_archive
LINE 1: select count(*) from abate_archive.sample
                             ^"

story "the daemon goes on, and the schema"
simulate --monitors 4 --readings 3 --messages 8000
process_wait simulate 60
expect_true "stored once" wait_until 30 stored_is 8000
abated_stop
expect_true "hours are judged" wait_until 30 judged
expect "readings in their hours" "$(psql_value "select sum(received) from abate.hourly")" \
    "$(psql_value "select count(v) from abate.sample, unnest(value) v")"
expect_true "migrated" "$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=abate user=postgres"
expect "taken again" "$(take "'2020-01-01', again => true")" "$(psql_value "select count(*) from abate.sample_2020_01") samples taken into abate_archive.sample_2020_01"
expect "all" "$(readings_digest abate_archive.reading)" "$(readings_digest abate.reading "at >= '2020-01-01 00:00Z'")"
story_end
