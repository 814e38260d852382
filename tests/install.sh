#!/usr/bin/env bash
# The package in a clean Debian 12 under systemd: install.sh PACKAGE. Every command of the README's section "Deploying" is run
# as it stands there, then the package is upgraded, removed and purged. The root is a container of systemd-nspawn with a network
# of its own (loopback); nothing of the machine is touched but build/root.tar, the empty root, which is kept for the next time.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly top package=$1 empty=$top/build/root.tar mirror=http://deb.debian.org/debian

failures=0
folder=
nspawn=    # the process around it
container= # its first process

fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

end() {
    local status=$?
    set +e
    if [[ -n $nspawn ]]; then
        kill -TERM "$nspawn" # it shuts the container down; a second one would not wait
        timeout 60 tail --pid="$nspawn" -f /dev/null || kill -KILL "$nspawn"
        wait "$nspawn"
    fi 2>/dev/null
    [[ -z $folder ]] || rm -rf --one-file-system "$folder"
    exit "$status"
}

story() {
    printf '# %s\n' "$1"
}

expect() { # WHAT COMMAND...: in the root
    local what=$1
    shift
    if inside "set -x
$*" >"$folder/told" 2>&1; then
        printf 'ok - %s\n' "$what"
    else
        printf 'not ok - %s\n' "$what"
        sed 's/^/    /' "$folder/told" | cut -c 1-300 | tail -n 20
        failures=$((failures + 1))
    fi
}

expect_not() { # WHAT COMMAND...
    local what=$1
    shift
    expect "$what" "! { $*; }"
}

# ---- the root

# Before systemd is there, with the machine's network.
outside() {
    systemd-nspawn -q -D "$folder/root" --pipe --register=no --keep-unit -- "$@" </dev/null
}

root_make() {
    if [[ ! -f $empty ]]; then
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3-aiosmtpd,procps bookworm "$folder/new" "$mirror" \
            >"$folder/log" 2>&1 || { tail "$folder/log"; fail "debootstrap"; }
        tar -cf "$empty.new" -C "$folder/new" . && mv "$empty.new" "$empty"
        rm -rf "$folder/new"
    fi
    mkdir -p "$folder/root"
    tar -xpf "$empty" -C "$folder/root"
    mkdir -p "$folder/root/root/build"
    cp "$package" "$folder/root/root/build/"
    cp "$top/tests/alert/mail_server.py" "$folder/root/root/"
    echo 'APT::Get::Assume-Yes "true";' >"$folder/root/etc/apt/apt.conf.d/90yes"
    # Within there is no network: what apt will want is fetched before. The scripts run under systemd.
    local wanted
    wanted=$(blocks | grep -o '^apt install .*') || fail "the README does not install"
    {
        outside apt-get -q update
        outside sh -c "cd /root && ${wanted/apt install/apt-get -q --download-only install}"
    } >>"$folder/log" 2>&1 || { tail "$folder/log"; fail "packages cannot be fetched"; }
}

root_boot() {
    systemd-nspawn -q -D "$folder/root" --boot --register=no --keep-unit --private-network --console=pipe \
        --machine="abate-$$" </dev/null >>"$folder/boot" 2>&1 &
    nspawn=$!
    local n state
    for ((n = 0; n < 200; n++)); do
        container=$(pgrep -P "$nspawn") || true
        state=$([[ -z $container ]] || inside 'systemctl is-system-running' 2>&1) || true
        [[ $state != running && $state != degraded ]] || return 0
        sleep 1
    done
    cat "$folder/boot"
    fail "systemd does not start in the root"
}

# A line for bash, in /root.
inside() {
    nsenter -t "$container" -a -r -w -- /usr/bin/env -i -C /root HOME=/root LANG=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -euo pipefail -c "$1" </dev/null
}

# ---- the README

# The section's blocks, each behind a line "#### STEP", the words in bold before it.
blocks() {
    awk '/^## / { on = $0 == "## Deploying" }
         !on { next }
         /^\*\*/ { split($0, part, "[*][*]"); step = part[2] }
         /^```/ { inside = $0 == "```sh"; if (inside) print "#### " step; next }
         inside' "$top/README.md"
}

run_block() { # STEP TEXT
    story "as it is written: $1"
    if inside "set -x
$2" >"$folder/block" 2>&1; then
        printf 'ok - each command\n'
    else
        printf 'not ok - as it stands there\n'
        failures=$((failures + 1))
    fi
    sed 's/^/    /' "$folder/block" | cut -c 1-200 | tail -n "${INSTALL_LINES:-40}"
}

run_readme() {
    local line step='' text=''
    while IFS= read -r line; do
        if [[ $line == '#### '* ]]; then
            [[ -z $step ]] || run_block "$step" "$text"
            step=${line#\#### } text=
        else
            text+=$line$'\n'
        fi
    done < <(blocks)
    run_block "$step" "$text"
}

# The displays of a section of abate-operations(7).
page_block() { # SECTION
    awk -v section="$1" '
        /^\.Sh / { on = substr($0, 5) == section }
        !on { next }
        /^\.Bd / { inside = 1; next }
        /^\.Ed/ { inside = 0 }
        inside { gsub(/\\-/, "-"); sub(/\\e$/, "\\"); print }' "$top/daemon/abate-operations.7"
}

# ---- what is expected

installed() {
    story "what the README promises"
    expect "the service runs" systemctl is-active abated
    expect "as its own user" '[[ $(ps -o user= -p "$(systemctl show -P MainPID abated)") == abated ]]'
    expect "it will at the next boot" systemctl is-enabled abated
    expect "the value is stored" '[[ $(runuser -u postgres -- psql -XAtc "select value[1] from abate.sample" abate) == 412 ]]'
    expect "the breach is there" '[[ $(runuser -u postgres -- psql -XAtc "select count(*) from abate.breach_open where rule = '"'early'"'" abate) == 1 ]]'
    expect "the mail of the test came" grep -q 'duty@example.org' post/list
    expect "the mail of the breach came" grep -q 'li@example.org' post/list
    expect "it is healthy" 'curl -s http://127.0.0.1:9380/health | grep -q "\"status\":\"ready\""'
    expect "a stranger's certificate is not let in" '! mosquitto_pub -h localhost -p 8883 -t plants/410100/P17/x -m x'
    expect "plant P17 does not speak for another" 'cd /etc/mosquitto/abate
        [[ $(mosquitto_pub -h localhost -p 8883 --cafile ca.crt --cert P17.crt --key P17.key -i P17 -V 5 -q 1 \
             -t plants/410100/P18/1 -m x 2>&1) == *"ot authorized"* ]]'
    expect "manual pages" ls /usr/share/man/man8/abated.8.gz /usr/share/man/man1/abatectl.1.gz /usr/share/man/man5/abated.conf.5.gz
    expect "bash completes" 'ls /usr/share/bash-completion/completions/abatectl'
}

# For bash: a value of plant P17 is published, and shows in the database within ten seconds.
publish() { # VALUE
    printf '%s' 'cd /etc/mosquitto/abate
        mosquitto_pub -h localhost -p 8883 --cafile ca.crt --cert P17.crt --key P17.key -i P17 -V 5 -q 1 \
            -t plants/410100/P17/88888880000001 \
            -m "{\"time\":\"$(date -Iseconds)\",\"period\":\"minute\",\"readings\":{\"a21026\":'"$1"'}}"
        for n in {1..100}; do
            ! runuser -u postgres -- psql -XAtc "select value[1] from abate.sample" abate | grep -x '"$1"' || break; sleep 0.1
        done; [[ $n -lt 100 ]]'
}

# Runs a command as the service sees the files.
readonly seen='seen() { nsenter -t "$(systemctl show -P MainPID abated)" -m -r -w -- "$@"; }; '

enclosed() {
    story "enclosed: the service sees the system's programs and configuration, and its own state"
    expect "the unit alone counts no more than 1.0" 'systemd-analyze security --no-pager --threshold=10 abated.service'
    expect "files of others" 'install -d {/opt,/srv,/home,/var/lib}/other; touch {/opt,/srv,/home,/var/lib}/other/file /root/file'
    expect "they are nowhere" "$seen"'[[ $(seen ls / | xargs) == "bin dev etc lib lib64 mnt opt proc root run sbin srv sys tmp usr var" ]]
        [[ -z $(seen ls -A /mnt /opt /srv | grep -v :$ | xargs) && $(seen ls /var | xargs) == "lib run tmp" && $(seen ls /var/lib) == abate ]]
        [[ -z $(seen find / \( -path /proc -o -path /sys -o -path /usr \) -prune -o -path "*/other/file" -print) ]]'
    expect "nothing can be made but in its state" "$seen"'for place in / /usr /etc /run /mnt /opt /srv /var /var/lib; do
            ! seen touch "$place/made" || exit
        done; seen touch /var/lib/abate/made; rm /var/lib/abate/made'
    expect "names, time zones, certificates, a shell" "$seen"'seen getent hosts localhost
        seen ls /etc/localtime /usr/share/zoneinfo/Asia/Shanghai; seen bash -c "cat /etc/ssl/certs/*.pem" | grep -c BEGIN'
    expect "a link from /etc into /run" "$seen"'install -d /run/systemd/resolve; echo "nameserver ::1" >/run/systemd/resolve/made
        ln -s ../run/systemd/resolve/made /etc/made; seen grep "nameserver ::1" /etc/made; rm /etc/made'
    expect "systemd needed no place of its own making" 'diff <(dpkg -L abate | grep ^/usr/lib/abate/root | sort) <(find /usr/lib/abate/root | sort)'
    expect "it says how it is" 'systemctl show -P StatusText abated | grep .'
    expect "the watchdog hears of it" 'for n in {1..100}; do
        [[ $(systemctl show -P WatchdogTimestampMonotonic abated) -le $(systemctl show -P ActiveEnterTimestampMonotonic abated) ]] ||
            exit 0; sleep 0.1; done; false'
    expect "its lines are in the journal" 'journalctl -u abated -o cat | grep "connected, session new"'
    expect "PostgreSQL comes back, its folder of sockets another one" 'stat -c %i /run/postgresql >before
        systemctl stop postgresql; rm -r /run/postgresql; install -d /run/between
        systemd-tmpfiles --create postgresql-common.conf; systemctl start postgresql; ! stat -c %i /run/postgresql | cmp - before'
    expect "the same daemon stores by it" "$(publish 9)"'; [[ $(systemctl show -P NRestarts abated) == 0 ]]'
    expect "a credential" 'cd /etc/systemd/system; install -d abated.service.d; echo word >/root/secret
        printf "[Service]\nLoadCredential=secret:/root/secret\n" >abated.service.d/secret.conf
        systemctl daemon-reload; systemctl restart abated
        '"$seen"'[[ $(seen cat /run/credentials/abated.service/secret) == word ]]
        rm abated.service.d/secret.conf; systemctl daemon-reload; systemctl restart abated'
}

restricted() {
    story "with addresses.conf: it speaks to this machine alone, and that is all it needs here"
    expect "the drop-in" 'install -D -m 644 -t /etc/systemd/system/abated.service.d /usr/share/doc/abate/systemd/addresses.conf.example
        cd /etc/systemd/system/abated.service.d; mv addresses.conf.example addresses.conf; systemctl daemon-reload; systemctl restart abated'
    expect "no more than 0.9" 'systemd-analyze security --no-pager --threshold=9 abated.service'
    inside 'systemd-analyze security --no-pager abated.service | tail -n 1'
    expect "healthy within ten seconds" 'for n in {1..100}; do
        curl -s http://127.0.0.1:9380/health | grep -q "\"status\":\"ready\"" && exit; sleep 0.1; done; false'
}

restored() {
    story "abate-operations(7): what the backup lacks is stored again from the journal"
    run_block "BACKING UP" "$(page_block 'BACKING UP')"
    expect "another value" "$(publish 7)"
    run_block RESTORING "$(page_block RESTORING)"
    expect "it is there" 'for n in {1..200}; do
        runuser -u postgres -- psql -XAtc "select value[1] from abate.sample" abate | sort | xargs | grep -x "412 7 9" && exit; sleep 0.1; done; false'
    run_block UPGRADING "cd build; $(page_block UPGRADING)"
}

several() {
    story "one of several"
    expect "a certificate of its own" 'cd /etc/mosquitto/abate
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=north -keyout north.key -out north.csr
        openssl x509 -req -in north.csr -CA ca.crt -CAkey ca.key -days 9 -out north.crt
        install -o abated -m 400 -t /etc/abate north.crt north.key
        sed -n "/^user abated/,/^\$/p" acl | sed "s/^user abated/user north/" >>acl
        systemctl reload mosquitto'
    expect "its configuration" 'sed "s/^broker/instance = north\n&/; /^http/,\$d; s/= abated$/= north/; s/abated[.]\(crt\|key\)/north.\1/; /receipts/d" \
        /etc/abate/abated.conf >/etc/abate/north.conf
        printf "journal {\n    directory = /var/lib/abate/north/journal\n}\n" >>/etc/abate/north.conf'
    expect "starts" systemctl start abated@north
    expect "its journal" 'ls /var/lib/abate/north/journal/*.seg'
    expect "it is at the broker" 'for n in {1..100}; do
        journalctl -u abated@north -o cat | grep "connected, session new" && exit; sleep 0.1; done; false'
    expect "reload" systemctl reload abated abated@north
    expect "a wrong file is not taken" 'cp /etc/abate/abated.conf good; echo broken >>/etc/abate/abated.conf
        ! systemctl reload abated; cp good /etc/abate/abated.conf; systemctl is-active abated'
}

placed() {
    story "abate-operations(7): places elsewhere"
    expect "a journal on another disk, a program of a channel" 'install -d /opt/gateway; install -d -o abated -m 700 /srv/abate
        printf "#!/bin/sh\nls / /home /opt /srv >/srv/abate/told 2>&1\n" >/opt/gateway/send; chmod 755 /opt/gateway/send
        systemctl stop abated@north; mv /var/lib/abate/north/journal /srv/abate/
        sed -i "s,directory = .*,directory = /srv/abate/journal," /etc/abate/north.conf
        printf "trouble {\n    after = 1s\n}\nchannel \"gateway\" {\n    kind = exec\n    program = /opt/gateway/send\n    troubles_to = duty\n}\n" \
            >>/etc/abate/north.conf
        runuser -u abated -- abated -c /etc/abate/north.conf -t'
    expect "the service does not see them, and says so" '! systemctl start abated@north; systemctl stop abated@north
        journalctl -u abated@north -o cat | tail -n 30 | tee /dev/stderr | grep "cannot make ./srv/abate/journal"'
    expect "the drop-in" "install -d /etc/systemd/system/abated@.service.d
        cat >/etc/systemd/system/abated@.service.d/places.conf <<'END'
$(page_block INSTALLING)
END
        systemctl daemon-reload; systemctl start abated@north"
    expect "it goes on with its journal" 'ls /srv/abate/journal/*.seg; ! ls /var/lib/abate/north/journal'
    expect "the program is run, and sees what it may" 'rm -f /srv/abate/told
        systemctl stop postgresql; sleep 3; systemctl start postgresql
        for n in {1..100}; do [[ ! -s /srv/abate/told ]] || break; sleep 0.1; done; cat /srv/abate/told
        grep "/home.: No such file" /srv/abate/told; [[ $(sed -n "/^.opt:/,/^\$/p" /srv/abate/told | xargs) == "/opt: gateway" ]]
        [[ $(sed -n "/^.srv:/,/^\$/p" /srv/abate/told | xargs) == "/srv: abate" ]]'
    expect "a place that has none in the root" 'install -D /dev/null /data/mapping/table
        printf "[Service]\nBindReadOnlyPaths=/data/mapping/table\n" >/etc/systemd/system/abated@.service.d/data.conf
        systemctl daemon-reload; systemctl restart abated@north; ls /usr/lib/abate/root/data/mapping/table'
}

upgraded() {
    local unit
    story "upgrade: the configuration is kept, what runs is restarted, what does not is not started"
    expect "changed" 'echo "log = info" >>/etc/abate/abated.conf
        for unit in abated abated@north; do systemctl show -P MainPID "$unit" >"before.$unit"; done'
    expect "the package again" 'dpkg --force-confdef --force-confold -i build/abate_*.deb'
    expect "the configuration" 'grep -qx "log = info" /etc/abate/abated.conf'
    for unit in abated abated@north; do
        expect "$unit is restarted" "systemctl is-active $unit; ! systemctl show -P MainPID $unit | cmp - before.$unit"
    done
    expect "stopped" systemctl stop abated@north
    expect "the package again" 'dpkg --force-confdef --force-confold -i build/abate_*.deb'
    expect_not "what was stopped stays so" systemctl is-active abated@north
    expect "the other runs" systemctl is-active abated
    expect "started" systemctl start abated@north
}

removed() {
    story "removed: it stops; journal, configuration and database stay"
    expect "removed" apt-get -q remove abate
    expect_not "nothing runs" pgrep -x abated
    expect "the journal" 'ls /var/lib/abate/journal/*.seg'
    expect_not "nothing of its root" ls /usr/lib/abate
    expect "the configuration" ls /etc/abate/abated.conf
    expect "installed again it goes on" 'apt-get -q install ./build/abate_*.deb && systemctl start abated && systemctl is-active abated'
    story "purged: journal and database are evidence, and stay"
    expect "it says so" 'apt-get -q purge abate 2>&1 | tee /dev/stderr | grep "var/lib/abate is kept"'
    expect "the journal" 'ls /var/lib/abate/journal/*.seg'
    expect_not "the package's configuration is gone" ls /etc/abate/abated.conf
    expect "the database" 'runuser -u postgres -- psql -XAtc "select 1 from abate.sample" abate | grep -q 1'
    expect "keys that somebody put beside it stay" ls /etc/abate/abated.key
    story "purged with nothing in its folder"
    expect "installed and purged" 'apt-get -q install ./build/abate_*.deb; rm -r /var/lib/abate; install -d -o abated /var/lib/abate
        apt-get -q purge abate'
    expect_not "nothing is left" ls /var/lib/abate
    expect_not "no unit" 'systemctl cat abated'
}

[[ $(id -u) -eq 0 ]] || fail "only root can make a root"
[[ -f $package ]] || fail "no package \"$package\""
folder=$(mktemp -d "${TMPDIR:-/tmp}/abate.XXXXXX")
trap end EXIT
trap 'exit 130' INT TERM
root_make
root_boot
inside 'nohup python3 mail_server.py post --port 25 >mail.log 2>&1 & sleep 1'
run_readme
installed
enclosed
restricted
restored
several
placed
upgraded
removed
[[ $failures -eq 0 ]] || inside 'journalctl -b -u abated -n 400' || true
printf '# %d failures\n' "$failures"
[[ $failures -eq 0 ]]
