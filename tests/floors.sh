#!/usr/bin/env bash
# Who may include whom. Fails on a breach, and on a file no table names.
#
#     5  programs: wiring only
#     4  stories: no system call, no third-party header
#     3  one module an outside thing; each hides one library
#     2  what to make of bytes and numbers          \
#     1  things                                      > lib/: pure
#     0  words                                      /
#
# A module is NAME.h, NAME.c, the files NAME_part.c of the same noun, and NAME_own.h between those alone.
set -euo pipefail

# floor folder module [header of others it may include ...]
table() {
    cat <<'END'
0 lib     buf
0 lib     decimal
0 lib     histogram
0 lib     instant
0 lib     pause
0 lib     pointer
0 lib     reason
0 lib     scale
0 lib     text
0 lib     time_form
0 lib     width
1 lib     base64
1 lib     crc32c
1 lib     csv
1 lib     digest        openssl/crypto.h openssl/evp.h openssl/hmac.h
1 lib     html
1 lib     letter
1 lib     mail
1 lib     message
1 lib     metrics
1 lib     months
1 lib     payload
1 lib     profile
1 lib     record
1 lib     registry      uthash.h
1 lib     scenario
1 lib     sheaf         uthash.h
1 lib     table
1 lib     template
1 lib     topic
1 lib     trouble
2 lib     ack_link
2 lib     alertmanager  jansson.h
2 lib     answer        jansson.h
1 lib     unit          udunits2.h
2 lib     batch
2 lib     catalogue
2 lib     conf          confuse.h
2 lib     copy_row
2 lib     form
2 lib     form_hj212
2 lib     form_json     jansson.h
2 lib     form_profile  jansson.h
2 lib     form_senml    jansson.h
2 lib     form_statement jansson.h
2 lib     mapping       confuse.h
2 lib     origin
2 lib     outcome
2 lib     sample
2 lib     simulation
2 lib     tally
2 lib     watch
3 daemon  channel
3 daemon  crash
3 daemon  csv_file      zlib.h
3 daemon  folder
3 daemon  http          event2/buffer.h event2/bufferevent.h event2/http.h event2/keyvalq_struct.h event2/listener.h
3 daemon  journal
3 daemon  letter_link
3 daemon  log
3 daemon  loop          event2/event.h
3 daemon  memory        malloc.h
3 daemon  mqtt          dlfcn.h mosquitto.h mqtt_protocol.h openssl/err.h openssl/ssl.h openssl/x509v3.h
3 daemon  pg            libpq-fe.h
3 daemon  program       spawn.h sys/pidfd.h
3 daemon  progress
3 daemon  resolve       arpa/inet.h netdb.h pthread.h stdatomic.h sys/eventfd.h
3 daemon  secret
3 daemon  session
3 daemon  settings
3 daemon  textfile
3 daemon  transfer      curl/curl.h pthread.h stdatomic.h sys/eventfd.h
3 sql     sql
4 daemon  acks
4 daemon  catalogue_rows
4 daemon  chain
4 daemon  evidence
4 daemon  duty
4 daemon  folder_load
4 daemon  intake
4 daemon  judge
4 daemon  migrate
4 daemon  notifier
4 daemon  outlet
4 daemon  proof
4 daemon  probe
4 daemon  publisher
4 daemon  receipt
4 daemon  replay
4 daemon  retry
4 daemon  service
4 daemon  tries
4 daemon  trouble_record
4 daemon  verify
4 daemon  vigil
4 daemon  writer
5 daemon  abated        systemd/sd-daemon.h
5 daemon  abatectl
5 daemon  ctl
END
}

# Files that are part of a module of another name: a story told in chapters.
chapters() {
    cat <<'END'
loading      writer
recording    writer
transaction  writer
filling      writer
END
}

# State in lib that there is no way around: module, name, why.
excused() {
    cat <<'END'
conf     parsing  libConfuse's error function cannot be told where to put its words
mapping  parsing  likewise
END
}

# The C library's headers that neither ask the system nor keep a state. signal.h on floor 4: names for loop_signal().
readonly words='assert ctype endian errno float inttypes limits math stdarg stdbool stddef stdint stdio stdlib string'
readonly lib_words="$words time"
readonly story_words="$words signal"
readonly system_words="$words dirent fcntl getopt locale poll signal sys/file sys/random sys/resource sys/socket sys/stat
    sys/time sys/types sys/uio sys/wait time unistd"

# What libabate.a may not call: files, sockets, clocks, time zones, output, threads, processes, the environment.
readonly impure='open open64 openat openat64 creat close read write pread pwrite pread64 pwrite64 readv writev fsync
    fdatasync unlink rename stat lstat fstat fopen fopen64 freopen fdopen fclose fread fwrite fgets fputs fputc fgetc getc
    putc puts putchar printf vprintf fprintf vfprintf dprintf __printf_chk __vprintf_chk __fprintf_chk __vfprintf_chk
    perror stdin stdout stderr syslog vsyslog openlog socket connect bind listen accept send sendto sendmsg recv recvfrom
    recvmsg poll select epoll_wait getaddrinfo time clock clock_gettime gettimeofday localtime localtime_r mktime tzset
    ctime sleep usleep nanosleep alarm getenv secure_getenv setenv putenv setlocale rand srand random srandom getrandom
    arc4random fork execve execvp system popen kill raise signal sigaction exit _exit atexit pthread_create
    pthread_mutex_lock pthread_mutex_unlock dlopen mmap mmap64 strtok asctime gmtime strerror'

cd "$(dirname "${BASH_SOURCE[0]}")/.."
breaches=0

breach() {
    printf 'breach: %s\n' "$*"
    breaches=$((breaches + 1))
}

declare -A floor=() folder=() headers=() chapter=()
while read -r n where name theirs; do
    floor[$name]=$n folder[$name]=$where headers[$name]=$theirs
done < <(table)
while read -r name module; do
    chapter[$name]=$module
done < <(chapters)

# module_of PATH: sets `of` to the longest name in the table that the file's name begins with, or "". No process for each.
module_of() {
    of=${1##*/}
    of=${of%.[ch]}
    of=${chapter[$of]:-$of}
    while [[ -z ${floor[$of]:-} && $of == *_* ]]; do
        of=${of%_*}
    done
    [[ -n ${floor[$of]:-} ]] || of=
}

is_among() { # WORD WORD...
    local word=$1 IFS=' '
    shift
    [[ " $* " == *" $word "* ]]
}

check_own() { # FILE MODULE HEADER
    local of theirs
    module_of "$3"
    theirs=$of
    if [[ -z $theirs ]]; then
        breach "$1: \"$3\" is in no table: give it a floor"
    elif [[ $3 == *_own.h && $theirs != "$2" ]]; then
        breach "$1: \"$3\" is $theirs's own"
    elif [[ ${floor[$theirs]} -gt ${floor[$2]} ]]; then
        breach "$1 (floor ${floor[$2]}): \"$3\" is on floor ${floor[$theirs]}"
    fi
}

check_system() { # FILE MODULE HEADER
    local allowed=$system_words
    [[ ${floor[$2]} -gt 2 ]] || allowed=$lib_words
    [[ ${floor[$2]} -ne 4 ]] || allowed=$story_words
    # shellcheck disable=SC2086 # lists of words
    if is_among "$3" ${headers[$2]}; then
        return
    elif is_among "$3" "${headers[@]}"; then
        breach "$1: <$3> is hidden by another module"
    elif ! is_among "${3%.h}" $allowed; then
        breach "$1 (floor ${floor[$2]}): <$3>"
    fi
}

check_includes() {
    local file of module line
    for file in lib/*.[ch] daemon/*.[ch]; do
        module_of "$file"
        module=$of
        if [[ -z $module ]]; then
            breach "$file is in no table: give it a floor"
            continue
        fi
        [[ ${folder[$module]} == "${file%%/*}" ]] || breach "$file: \"$module\" belongs into ${folder[$module]}/"
        while read -r line; do
            case $line in
            \"*) line=${line#\"}; check_own "$file" "$module" "${line%%\"*}" ;;
            \<*) line=${line#<}; check_system "$file" "$module" "${line%%>*}" ;;
            esac
        done < <(sed -n 's/^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*//p' "$file")
    done
    for module in "${!floor[@]}"; do
        [[ ${folder[$module]} == sql || -f ${folder[$module]}/$module.c || -f ${folder[$module]}/$module.h ]] ||
            breach "the table names \"$module\", which is not there"
    done
}

# What no makefile names is not in the release tarball.
check_shipped() {
    local file named
    named=" $(cat */*.am */*/*.am | tr '\n\t=' '   ') "
    for file in lib/*.[ch] daemon/*.[ch] debian/* sql/*/*.sql tests/*.sh tests/test_*.c tests/bench/*.* tests/faults/*.*; do
        [[ $named == *" ${file%.c} "* || $named == *" ${file%.c}.c "* || -d $file ]] ||
            breach "$file is in no makefile: a release would lack it"
    done
}

# Query text belongs into sql/queries/.
check_queries() {
    local found
    found=$(grep -nEi '"[^"]*\b(select .* from|insert into|delete from|update [a-z_.]+ set|copy [a-z_.]+ (from|\()|create (table|role|schema|function|temp)|alter (table|role)|drop (table|schema))\b' \
        lib/*.[ch] daemon/*.[ch] || true
        grep -nEi '"(begin|commit|rollback|listen|notify|set|reset)( [a-z_ =]+)?;"' lib/*.[ch] daemon/*.[ch] || true)
    [[ -z $found ]] || while read -r line; do breach "query text in C: $line"; done <<<"$found"
}

# The built library: what it calls, and what it could change. Sanitizers bring both of their own.
check_library() {
    local library=${ABATE_BUILD:-build}/libabate.a called object name
    [[ -f $library ]] || { breach "no $library to look into: build first, or set ABATE_BUILD"; return; }
    called=$(nm -u "$library" 2>/dev/null | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u)
    if grep -q '^__asan_' <<<"$called"; then
        echo "a library with sanitizers is not looked into"
        return
    fi
    for name in $impure; do
        ! grep -qx "$name" <<<"$called" ||
            breach "lib calls $name: $(nm -A -u "$library" | awk -v n="$name" '$NF == n { print $1 }' | tr '\n' ' ')"
    done
    while read -r object name; do
        object=${object%.o*} object=${object#*-} # the build puts its target's name before
        grep -q "^$object *$name " < <(excused) || breach "lib has a state that can change: $object: $name"
    done < <(objdump -t "$library" | awk '/file format/ { file = $1 } NF < 4 { next }
        $(NF - 2) ~ /^\.(data|bss|tdata|tbss)($|\.)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ && $NF !~ /^\./ && $(NF - 1) !~ /^0+$/ { print file, $NF }
        $(NF - 2) == "*COM*" { print file, $NF }')
}

check_includes
check_shipped
check_queries
check_library
[[ $breaches -eq 0 ]] || { printf '%d breaches\n' "$breaches"; exit 1; }
printf 'floors: %d modules, no breach\n' "${#floor[@]}"
