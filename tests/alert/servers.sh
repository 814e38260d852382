# shellcheck shell=bash disable=SC2154
# Gateways for the tests of alerts, behind tests/servers.sh:
#
#     gateway_start post mail_server.py [OPTION ...]     process "post"; what comes lies in $servers/post
#     port_of post
#     certificates                                       $servers/keys/{right,wrong}.crt, server.{crt,key}, stranger.{crt,key}
#     channel_conf NAME KIND KEY=VALUE ...               a section at the end of abated.conf

gateway_start() { # NAME SCRIPT [OPTION ...]
    local name=$1 script=$2
    shift 2
    : >"$servers/$name.log"
    process_start "$name" "" /usr/bin/python3 "$ABATE_SOURCE/tests/alert/$script" "$servers/$name" "$@"
    wait_until 20 log_has "$name" ready || { show_log "$name"; servers_fail "gateway \"$name\" does not start"; }
}

port_of() { # NAME
    sed -n 's/^ready //p' "$servers/$1.log"
}

certificates() {
    local pair authority name
    mkdir "$servers/keys"
    for authority in right wrong; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$authority" \
            -keyout "$servers/keys/$authority.key" -out "$servers/keys/$authority.crt" 2>>"$servers/openssl.log"
    done
    for pair in right:server wrong:stranger; do
        authority=${pair%:*} name=${pair#*:}
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
            -keyout "$servers/keys/$name.key" -out "$servers/keys/$name.csr" 2>>"$servers/openssl.log"
        openssl x509 -req -in "$servers/keys/$name.csr" -CA "$servers/keys/$authority.crt" \
            -CAkey "$servers/keys/$authority.key" -CAcreateserial -days 2 \
            -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$servers/keys/$name.crt" 2>>"$servers/openssl.log"
    done
}

# Values stand in '...'.
channel_conf() { # NAME KIND [KEY=VALUE ...]
    local pair
    {
        printf 'channel "%s" {\n    kind = %s\n' "$1" "$2"
        for pair in "${@:3}"; do
            printf "    %s = '%s'\n" "${pair%%=*}" "${pair#*=}"
        done
        printf '}\n'
    } >>"$servers/abated.conf"
}
