#!/usr/bin/env bash
# sql/optional/timescaledb.sql: what was stored is there, what the daemon says is stored as before, also where it is compressed,
# and the SQL stories of samples hold. Skipped where the server has no TimescaleDB.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/servers.sh
. "$here/servers.sh"

migrate() {
    "$(program abatectl)" -c "$servers/abated.conf" migrate --conninfo "host=$PGHOST dbname=abate user=postgres" >"$servers/migrate.log" 2>&1
}

compressed() {
    psql_value "select count(*) filter (where is_compressed) || ' of ' || count(*) from timescaledb_information.chunks
                 where hypertable_name = 'sample'"
}

# What the daemon had begun to judge when it ended goes on for a moment.
judged() {
    [[ $(psql_value "select touched > 0 from abate.judge_again('2019-12-31', '2020-01-04', '2020-01-05')") == t ]]
}

servers_begin
postgres_start
postgres_needs timescaledb
postgres_stop
postgres_set postgres shared_preload_libraries=timescaledb timescaledb.telemetry_level=off
postgres_start
mosquitto_start
abate_conf
database_make
simulate_register 4 3
limit_set 50

story "what is stored becomes a hypertable"
abated_start
simulate --monitors 4 --readings 3 --messages 4000
process_wait simulate 60
expect_true "stored" wait_until 30 stored_is 4000
abated_stop
before=$(stored_digest)
psql_file "$here/../sql/optional/timescaledb.sql"
expect_true "functions are made anew" migrate
psql_file - <<<"drop table abate.sample_before"
expect "what is stored" "$(stored_digest)" "$before"
expect "again" "$(psql_file "$here/../sql/optional/timescaledb.sql" 2>&1 | sed -n 's/.*ERROR:  //p')" \
    "abate.sample is no partitioned table: it is a hypertable already, or something else divides it"

story "it is compressed, by the job"
psql_file - <<'END'
select format('call run_job(%s)', job_id) from timescaledb_information.jobs where proc_schema = 'abate_timescaledb' \gexec
END
expect_true "compressed: $(compressed)" test "$(compressed)" != "0 of $(compressed | sed 's/.* //')"
expect "what is stored" "$(stored_digest)" "$before"

story "the daemon stores: what it has, what is new, what corrects"
abated_start
simulate --monitors 4 --readings 3 --messages 8000
process_wait simulate 60
expect_true "stored once" wait_until 30 stored_is 8000
expect "rejects" "$(rows_of rejected_message)" 0
expect "revisions" "$(rows_of revision)" 0
abated_stop
expect_true "hours are judged" wait_until 30 judged
expect "readings in their hours" "$(psql_value "select sum(received) from abate.hourly")" \
    "$(psql_value "select count(v) from abate.sample, unnest(value) v")"

story "what is compressed is corrected: by its plant, by a person"
psql_file - <<'END'
set role abate_writer;
select abate.prepare_session();
begin;
insert into pg_temp.incoming_sample
select feed_id, journal_id, at, position + 1000000000, array[700 + row_number() over ()], null, row_number() over () = 1
  from (select * from abate.sample order by at, feed_id limit 2) s;
select * from abate.merge_samples();
commit;
reset role;
select abate.accept_revision(revision_id) from abate.revision where value = 702;
END
expect "both took effect" "$(psql_value "select string_agg(value[1]::text, ' ' order by value[1]) from abate.sample where value[1] > 700")" "701 702"

story "SQL stories on it"
postgres_stop
postgres_set postgres timescaledb.max_background_workers=0 # they would hold on to the databases that are copied
postgres_start
unset PGDATABASE
expect_true "hold" env PATH="$postgres_bin:$PATH" ABATE_OPTIONAL=timescaledb "$here/sql/run.sh" \
    "$here"/sql/{breach,closure,closure_changed,converge,correction,day,evidence,hour,judge,merge,race,reissue,silence}.sql
export PGDATABASE=abate
story_end
