# shellcheck shell=bash disable=SC2154,SC2317,SC2329
# Faults of the database, of its server, and of the link to it.

# ---- the server

fault pg_stop_fast 2 20 "PostgreSQL stopped (fast) and started"
fault_pg_stop_fast() { pg_away fast; }

fault pg_stop_immediate 2 20 "PostgreSQL stopped (immediate) and started"
fault_pg_stop_immediate() { pg_away immediate; }

fault pg_kill 2 20 "kill -9 of PostgreSQL"
fault_pg_kill() { pg_away kill; }

pg_away() { # HOW
    local i
    bed own=postgres
    plant_begin $((times * 3000)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 300 700
        if [[ $1 == kill ]]; then postgres_kill postgres_own; else postgres_stop "$1" postgres_own; fi
        pause_ms 100 500
        postgres_start postgres_own
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault pg_away_long 1 1 "PostgreSQL away for long, the feed goes on"
fault_pg_away_long() {
    local away=3
    [[ $is_long == no ]] || away=180
    bed own=postgres
    plant_begin $(((away + 2) * 2000)) 2000
    pause_ms 300 700
    postgres_stop immediate postgres_own
    sleep "$away"
    expect_true "abated is alive" is_alive abated
    postgres_start postgres_own
    fault_over
    plant_end 60
    bed_check 120
    bed_end
}

# The judge waits for a lock, in the middle of its transaction, when PostgreSQL goes. What it has judged is there once.
fault pg_judging 1 10 "PostgreSQL stopped while it judges"
fault_pg_judging() {
    local i
    bed own=postgres judge.interval=200ms
    plant_begin $((times * 3000)) 3000
    for ((i = 0; i < times; i++)); do
        process_start hold "" "$postgres_bin/psql" -Xq -d "$bed_database" -c "begin; lock table abate.hourly; select pg_sleep(600)"
        expect_true "it judges" wait_until 20 judge_waits
        postgres_stop immediate postgres_own
        process_end hold TERM 5
        postgres_start postgres_own
    done
    fault_over
    plant_end 60
    bed_check
    expect_true "all hours are closed" wait_until 30 all_judged
    expect "readings in their hours" "$(psql_value "select sum(received) from abate.hourly")" \
        "$(psql_value "select count(v) from abate.sample, unnest(value) v")"
    bed_end
}

judge_waits() {
    [[ $(psql_value "select count(*) from pg_stat_activity where application_name = 'abated judge' and wait_event_type = 'Lock'" \
        2>/dev/null) -ge 1 ]]
}

all_judged() {
    [[ $(rows_of touched_hour) -eq 0 ]]
}

fault link_lossy_database 1 5 "20 % of the packets to and from PostgreSQL are lost"
fault_link_lossy_database() {
    bed_linked
    proxy_say link "lose 20"
    plant_begin $((times * 4000)) 2000
    fault_over
    plant_end 60
    bed_check
    bed_end
}

fault pg_hung 1 5 "PostgreSQL stands still (SIGSTOP)"
fault_pg_hung() {
    local i pids
    bed own=postgres database.statement_timeout=1s
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        pause_ms 300 600
        pids=$(processes_in "$(cluster_of postgres_own)")
        # shellcheck disable=SC2086 # a list
        kill -STOP $pids
        expect_true "given up" wait_until 20 log_past abated "the server hangs" "$i"
        # shellcheck disable=SC2086
        kill -CONT $pids
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

log_past() { # NAME TEXT COUNT
    log_times "$1" "$2"
    [[ $found -gt $3 ]]
}

fault backend_terminated 10 300 "sessions terminated at any moment"
fault_backend_terminated() {
    local i
    bed
    plant_begin $((times * 600)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 100 400
        psql_value "select pg_terminate_backend(pid) from pg_stat_activity
                     where application_name like 'abated%' and datname = '$bed_database'" >/dev/null
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# terminate_in PATTERN: in the middle of such a statement; gives up after 5 s.
terminate_in() {
    psql_value "do \$\$ declare n int := 0; begin
        for i in 1..500000 loop
            perform pg_stat_clear_snapshot();
            select count(pg_terminate_backend(pid)) into n from pg_stat_activity
             where application_name = 'abated' and datname = current_database() and state = 'active' and query ilike '$1';
            exit when n > 0 or clock_timestamp() > now() + interval '5 s';
        end loop;
        if n = 0 then raise exception using message = 'never seen at work: $1'; end if; end \$\$"
}

fault backend_copying 3 60 "the session terminated while it copies"
fault_backend_copying() { backend_at '%copy abate.sample%'; }

fault backend_committing 3 60 "the session terminated while it commits"
fault_backend_committing() { backend_at 'commit;%' commit_delay=20000 commit_siblings=0; } # 20 ms: else it is hardly met

# A sample of a later day, there before abated is: so all that comes is merged.
fault backend_merging 3 60 "the session terminated while it merges"
fault_backend_merging() {
    local i
    bed own=no
    bed_is_whole() { false; } # what is late is not watched: no breaches
    psql_value "select abate.ensure_partition(2021 * 12 + 5)" >/dev/null
    psql_value "insert into abate.journal_position (instance, uuid, position) values ('before', gen_random_uuid(), 1);
                insert into abate.sample (feed_id, journal_id, at, position, value)
                select feed_id, journal_id, '2021-06-01 00:00Z', 0, '{1}' from abate.feed, abate.journal_position"
    abated_start
    bed_connected
    plant_begin 10000000 2500
    for ((i = 0; i < times; i++)); do
        terminate_in '%merge_samples%'
    done
    fault_over
    plant_finish 60
    psql_value "delete from abate.sample where at = '2021-06-01 00:00Z'"
    bed_check 120
    bed_end
}

backend_at() { # PATTERN [SETTING=VALUE ...]
    local i setting
    bed own=no
    for setting in "${@:2}"; do
        psql_value "alter database $bed_database set $setting"
    done
    abated_start
    bed_connected
    plant_begin 10000000 2500
    for ((i = 0; i < times; i++)); do
        terminate_in "$1"
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

# ---- the link

# A bed whose abated reaches PostgreSQL through the proxy "link".
link_port=
bed_linked() { # [KEY=VALUE ...]
    link_port=$(free_port)
    rm -f "$servers/link.log"
    proxy_start link "$link_port" "$PGHOST/.s.PGSQL.5432"
    bed "database.conninfo=host=127.0.0.1 port=$link_port dbname=$bed_database user=abated" "$@"
}

# link_traps COMMAND...: each is armed in turn, and must come.
link_traps() {
    local i before
    bed_linked
    for ((i = 0; i < times; i++)); do
        proxy_count link fired
        before=$found
        proxy_say link "${@:1 + i % $#:1}" # before the first batch: a statement's text is sent once a connection
        [[ $i -gt 0 ]] || plant_begin 10000000 1500
        wait_until 3 proxy_past link fired "$before" || proxy_say link cut # the text went by before the trap was there
        expect_true "cut" wait_until 20 proxy_past link fired "$before"
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

fault link_cut_copy 6 100 "link cut in mid-COPY: first and last bytes"
fault_link_cut_copy() {
    link_traps 'cut-when-client-sends "PGCOPY\n"' 'cut-when-client-sends "c\0\0\0\x04"' 'cut-after-client-sends "c\0\0\0\x04"'
}

fault commit_not_arrived 5 100 "link cut before COMMIT arrives"
fault_commit_not_arrived() { link_traps 'cut-when-client-sends "commit;"'; }

# The server has committed, and says so; nobody hears it.
fault commit_unanswered 5 100 "link cut after COMMIT, before its answer"
fault_commit_unanswered() { link_traps 'cut-when-server-sends "COMMIT\0"'; }

# Once more by hand: what stands there before abated is back stays, and is not stored again.
fault commit_stored_once 1 5 "an ambiguous COMMIT, counted by itself"
fault_commit_stored_once() {
    local i stored
    for ((i = 0; i < times; i++)); do
        bed_linked own=no
        proxy_say link 'cut-when-server-sends "COMMIT\0"'
        abated_start
        bed_connected
        proxy_say link hold # till all is in the journal: one batch
        plant_begin 1000 20000
        plant_end 30
        proxy_say link pass
        expect_true "cut" wait_until 20 proxy_past link fired 0
        proxy_say link refuse
        stored=$(rows_of sample true "$bed_database")
        expect_true "stored, though abated does not know" test "$stored" -gt 0
        expect "nothing else is" "$(psql_value "select position from abate.journal_position")" \
            "$(psql_value "select position from abate.journal_position where position > (select max(position) from abate.sample)")"
        proxy_say link pass
        fault_over
        bed_check
        expect "samples" "$(rows_of sample)" 980
        bed_end
    done
}

fault link_reset 5 100 "link reset (RST)"
fault_link_reset() { link_fails reset; }

fault link_refused 3 50 "nobody takes the connection for a while"
fault_link_refused() { link_fails refuse; }

link_fails() { # COMMAND
    local i
    bed_linked
    plant_begin $((times * 1200)) 2500
    for ((i = 0; i < times; i++)); do
        pause_ms 200 500
        proxy_say link "$1"
        [[ $1 == reset ]] || { pause_ms 200 800; proxy_say link pass; }
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# What is sent is acknowledged by the other kernel and read by nobody: no keepalive tells.
fault link_blackhole 1 10 "all is swallowed, nobody is told"
fault_link_blackhole() { link_silent blackhole; }

fault link_held 1 10 "nothing is read: COPY and answers stick"
fault_link_held() { link_silent hold; }

link_silent() { # COMMAND
    local i
    bed_linked database.statement_timeout=1s
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        pause_ms 300 600
        proxy_say link "$1"
        expect_true "given up" wait_until 20 log_past abated "the server hangs" "$i"
        proxy_say link pass
        expect_true "connected again" wait_until 20 log_past abated "connected again" "$i"
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

fault link_slow 1 5 "each piece comes 50 ms later, then in lumps"
fault_link_slow() {
    local i
    bed_linked
    plant_begin $((times * 6000)) 3000
    for ((i = 0; i < times; i++)); do
        proxy_say link "delay 50"
        sleep 1
        proxy_say link "coalesce 100"
        sleep 1
        proxy_say link pass
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# ---- statements that fail

# sample_raises SQLSTATE COUNT: every other insertion from now on, so many times.
sample_raises() {
    psql_value "create sequence abate.fault;
        create function abate.fault() returns trigger language plpgsql security definer as \$\$
        declare n bigint := nextval('abate.fault'); begin
            if n % 2 = 1 and n < 2 * $2 then raise 'made to fail' using errcode = '$1'; end if;
            return null; end \$\$;
        create trigger fault before insert on abate.sample for each statement execute function abate.fault()"
}

fault_sqlstate() { # SQLSTATE
    bed
    plant_begin 10000000 1500
    sample_raises "$1" "$times"
    expect_true "it was logged" wait_until 20 log_has abated "made to fail"
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

fault sql_serialization 2 5 "a statement fails: 40001, serialization"
fault_sql_serialization() { fault_sqlstate 40001; }
fault sql_deadlock 2 5 "a statement fails: 40P01, deadlock"
fault_sql_deadlock() { fault_sqlstate 40P01; }
fault sql_out_of_memory 2 5 "a statement fails: 53200, out of memory"
fault_sql_out_of_memory() { fault_sqlstate 53200; }
fault sql_io_error 2 5 "a statement fails: 58030, I/O error"
fault_sql_io_error() { fault_sqlstate 58030; }
fault sql_internal 2 5 "a statement fails: XX001, data corrupted"
fault_sql_internal() { fault_sqlstate XX001; }

# 2000 rows of a millisecond and more each, of which a statement has one second.
fault sql_timeout 1 5 "a batch takes longer than statement_timeout"
fault_sql_timeout() {
    bed_linked database.statement_timeout=1s
    psql_value "create function abate.slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.0005); return new; end';
                create trigger slow before insert on abate.sample for each row execute function abate.slow()"
    proxy_say link refuse
    plant_begin 2000 20000
    plant_end 30
    proxy_say link pass
    expect_true "it was too much" wait_until 20 log_has abated "statement timeout"
    fault_over
    bed_check
    bed_end
}

# The kernel says so to the writer's session: of a table (an error), or of the WAL (a PANIC, and a recovery).
fault sql_disk_full 2 20 "no space left on PostgreSQL's disk"
fault_sql_disk_full() {
    local i position session=0
    bed own=postgres
    plant_begin 10000000 2000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 500
        wait_until 20 is_written_by_another "$session"
        process_start full "" strace -f -qq -o "$servers/full.trace" -e trace=pwrite64 -e inject=pwrite64:error=ENOSPC -p "$session"
        expect_true "there was no space" wait_until 20 log_past postgres_own "No space left on device" "$i"
        process_end full INT 5
        wait_until 20 database_answers
        position=$(position_now)
        expect_true "it goes on" wait_until 60 position_past "$position" # and rests no longer each time
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

# is_written_by_another PID: the writer has a session that is not this one, which may still be ending; sets $session.
is_written_by_another() {
    local found
    found=$(psql_value "select pid from pg_stat_activity where application_name = 'abated' and pid <> $1 limit 1" 2>/dev/null)
    [[ -n $found ]] && session=$found
}

database_answers() {
    psql_value "select 1" >/dev/null 2>&1
}

fault lock_held 2 20 "the table is locked by somebody else"
fault_lock_held() {
    local i
    bed "database.conninfo=host=$PGHOST dbname=$bed_database user=abated options=-clock_timeout=300ms"
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        psql_value "begin; lock abate.sample in access exclusive mode; select pg_sleep(0.9); commit" >/dev/null
        pause_ms 100 400
    done
    expect_true "it was logged" log_has abated "lock timeout"
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

# Tells the session at work, too: what is set of a database counts from the next one on.
sessions_end() {
    psql_value "select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name like 'abated%' and datname = '$bed_database'" >/dev/null
}

# fault_word "WORDS IN THE LOG" BREAK MEND: each an SQL text.
fault_word() {
    local i position
    bed
    plant_begin 10000000 1000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 500
        psql_value "$2" 2>/dev/null
        [[ ${4:-} != sessions ]] || sessions_end
        expect_true "it was logged" wait_until 20 log_past abated "$1" "$i"
        position=$(position_now)
        psql_value "$3" 2>/dev/null
        expect_true "it goes on" wait_until 20 position_past "$position" # the same again would not be logged
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

position_now() {
    psql_value "select max(position) from abate.journal_position"
}

position_past() { # POSITION
    [[ $(position_now) -gt $1 ]]
}

# After a failover a session may stand on what is now a standby: only a new one finds its way.
fault read_only 1 10 "the database is read-only for a while"
fault_read_only() {
    fault_word "read-only transaction" "alter database $bed_database set default_transaction_read_only = on" \
        "begin; set transaction read write; alter database $bed_database reset default_transaction_read_only; commit" sessions
}

fault too_many_connections 1 10 "too many connections"
fault_too_many_connections() {
    fault_word "too many connections" "alter database $bed_database connection limit 0" \
        "alter database $bed_database connection limit -1" sessions
}

fault right_revoked 1 10 "the role may not insert any more"
fault_right_revoked() {
    fault_word "permission denied" "revoke insert on abate.sample from abate_writer" \
        "grant insert on abate.sample to abate_writer"
}

fault schema_revoked 1 10 "the role may not see the schema any more"
fault_schema_revoked() {
    fault_word "permission denied for schema" "revoke usage on schema abate from abate_writer" \
        "grant usage on schema abate to abate_writer" sessions
}

fault column_missing 1 10 "a column is missing, and comes back"
fault_column_missing() {
    fault_word 'column "mark"' "alter table abate.sample rename column mark to mark_gone" \
        "alter table abate.sample rename column mark_gone to mark"
}

fault function_missing 1 10 "a function is missing, and comes back"
fault_function_missing() {
    fault_word 'advance_position' "alter function abate.advance_position rename to advance_position_gone" \
        "alter function abate.advance_position_gone rename to advance_position" sessions
}

fault login_revoked 1 10 "the role may not log in any more"
fault_login_revoked() {
    local i
    bed own=postgres
    plant_begin $((times * 3000)) 3000
    for ((i = 0; i < times; i++)); do
        pause_ms 200 500
        psql_value "alter role abated nologin"
        sessions_end
        expect_true "it was logged" wait_until 20 log_past abated "is not permitted to log in" "$i"
        psql_value "alter role abated login"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# Its rows are put back, so that they count.
fault partition_gone 1 10 "the partition of the month is taken away"
fault_partition_gone() {
    local i
    bed
    plant_begin 10000000 3000
    for ((i = 0; i < times; i++)); do
        wait_until 20 stored_at_least 500
        psql_value "begin; alter table abate.sample detach partition abate.sample_2021_01;
                    alter table abate.sample_2021_01 rename to kept_$i; alter index abate.sample_2021_01_pkey rename to kept_${i}_pkey; commit"
        expect_true "it was made anew" wait_until 20 stored_at_least 100
        psql_value "insert into abate.sample select * from abate.kept_$i; drop table abate.kept_$i"
    done
    fault_over
    plant_finish 60
    bed_check
    bed_end
}

fault notify_storm 1 10 "the registry changes without end"
fault_notify_storm() {
    local i
    bed
    plant_begin $((times * 6000)) 3000
    for ((i = 0; i < times; i++)); do
        psql_value "do \$\$ begin for i in 1..3000 loop perform pg_notify('abate_registry', i::text); commit; end loop; end \$\$"
    done
    fault_over
    plant_end 60
    bed_check
    bed_end
}

# ---- restored, foreign, fenced

fault restored 1 10 "the database put back from an older backup"
fault_restored() {
    local i
    bed
    for ((i = 0; i < times; i++)); do
        plant_begin 3000 4000
        wait_until 20 stored_at_least $((i * 5880 + 1000))
        "$postgres_bin/pg_dump" -Fc -d "$bed_database" -f "$servers/backup"
        plant_end 30
        plant_begin 3000 4000
        plant_end 30
        expect_true "stored" wait_until 30 stored_at_least $((i * 5880 + 5880))
        psql_value "drop database $bed_database with (force)" postgres
        psql_value "create database $bed_database" postgres
        "$postgres_bin/pg_restore" -d "$bed_database" "$servers/backup"
        rm "$servers/backup"
    done
    fault_over
    bed_check
    expect "samples" "$(rows_of sample)" $((times * 5880))
    bed_end
}

# The database of another site: its instance has a journal of its own.
fault foreign_database 1 3 "the database of another site"
fault_foreign_database() {
    local before uuid
    bed
    wait_until 20 log_has abated "writer: ready"
    abated_stop
    uuid=$(psql_value "select uuid from abate.journal_position")
    psql_value "update abate.journal_position set uuid = gen_random_uuid()"
    before=$(psql_value "select md5(string_agg(p::text, ' ' order by journal_id)) from abate.journal_position p")
    abated_start
    bed_connected
    plant_begin 2000 4000
    plant_end 30
    expect_true "refused" wait_until 20 log_has abated "has journal"
    expect_true "with the way out" log_has abated "abate.retire_journal"
    expect "nothing is written" "$(rows_of sample) $(rows_of rejected_message) $(psql_value "select md5(string_agg(p::text, ' ' order by journal_id)) from abate.journal_position p")" "0 0 $before"
    expect_true "abated takes messages all the time" is_alive abated
    psql_value "update abate.journal_position set uuid = '$uuid'"
    fault_over
    bed_check
    bed_end
}

# Two write the same backlog. What keeps a second daemon out, the lock, is taken away: the position alone decides.
fault second_writer 1 5 "a second writer of the same journal"
fault_second_writer() {
    local i
    for ((i = 0; i < times; i++)); do
        bed_linked database.batch_messages=100
        psql_value "$(psql_value "select pg_get_functiondef('abate.claim_journal'::regproc)" |
            sed "s/not pg_try_advisory_lock([^)]*)/false/")"
        proxy_say link refuse
        plant_begin 10000 20000
        plant_end 30
        rm -rf "$servers/journal2" && cp -r "$servers/journal" "$servers/journal2"
        sed "s,port = $broker_port,port = 1,; s,$servers/journal\",$servers/journal2\",; s,retry_most = .*,retry_most = 1s," \
            "$servers/abated.conf" >"$servers/second.conf"
        rm -f "$servers/abated2.log"
        abated_start abated2 "$servers/second.conf"
        proxy_say link pass
        fault_over
        bed_check
        expect_true "one was fenced" test "$(cat "$servers"/abated{,2}.log | grep -c 'another writer has moved it\|before the stored position')" -gt 0
        process_end abated2 TERM 10
        bed_end
    done
}

# ---- poison: messages that PostgreSQL alone refuses

readonly POISON_IS="reason like '%no_poison%' and substring(encode(payload, 'escape') from '\"id\":\"bed-(\d+)\"')::bigint"

fault poison_trickle 1 5 "poisonous messages among a few"
fault_poison_trickle() {
    bed
    psql_value "alter table abate.sample add constraint no_poison check (value[1]::bigint % 1000 <> 7)"
    bed_rejects="$POISON_IS % 1000 = 7"
    plant_begin $((times * 4000)) 2000
    plant_end 60
    fault_over
    bed_check
    expect "refused" "$(rows_of rejected_message "$bed_rejects")" "$((times * 4))"
    bed_end
}

fault poison_batch 1 5 "poisonous messages in large batches"
fault_poison_batch() {
    local i
    bed_linked
    psql_value "alter table abate.sample add constraint no_poison check (value[1]::bigint % 5000 <> 7)"
    bed_rejects="$POISON_IS % 5000 = 7"
    for ((i = 0; i < times; i++)); do
        proxy_say link refuse
        plant_begin 10000 20000
        plant_end 30
        proxy_say link pass
        fault_over
        bed_check
    done
    expect "refused" "$(rows_of rejected_message "$bed_rejects")" "$((times * 2))"
    bed_end
}

# The server refuses while rows are still on their way: the first of many, and a link that is slow.
fault poison_copying 1 5 "poison refused while the COPY is being sent"
fault_poison_copying() {
    bed_linked
    psql_value "create function abate.refuse() returns trigger language plpgsql as
            'begin if new.value[1]::bigint % 9000 = 7 then raise check_violation using message = ''no_poison''; end if; return new; end';
        create trigger refuse before insert on abate.sample for each row execute function abate.refuse()"
    bed_rejects="$POISON_IS % 9000 = 7"
    proxy_say link refuse
    plant_begin 18000 30000
    plant_end 30
    proxy_say link "delay 20"
    expect_true "found" wait_until 60 log_has abated "PostgreSQL refuses it"
    proxy_say link pass
    fault_over
    bed_check
    expect "refused" "$(rows_of rejected_message "$bed_rejects")" 2
    bed_end
}

# The reject is stored and its answer lost: the next message must not be refused in its place.
fault poison_unanswered 8 60 "poison, and the answer to each COMMIT lost"
fault_poison_unanswered() {
    local i before
    bed_linked
    bed_is_whole() { false; } # nothing of every other monitor is stored: no breaches of it
    psql_value "alter table abate.sample add constraint no_poison check (value[1]::bigint % 2 <> 1 or value[1]::bigint % 50 = 49)"
    bed_rejects="$POISON_IS % 2 = 1"
    plant_begin $((times * 4)) 2000
    for ((i = 0; i < times; i++)); do
        proxy_count link fired
        before=$found
        proxy_say link 'cut-when-server-sends "COMMIT\0"'
        wait_until 4 proxy_past link fired "$before" || break # all is stored
    done
    proxy_say link disarm
    expect_true "commits were cut" proxy_past link fired 3
    fault_over
    plant_end 60
    bed_check
    bed_end
}
