#!/usr/bin/env bash
# What decoding costs, by form: tests/bench/decode.c.
#
#     decode.sh [--rounds N] [--slice MS]
set -euo pipefail

rounds=15 slice=20
while [[ $# -gt 0 ]]; do
    case $1 in
    --rounds) rounds=$2 ;;
    --slice) slice=$2 ;;
    *) echo "usage: decode.sh [--rounds N] [--slice MS]" >&2 && exit 2 ;;
    esac
    shift 2
done
profiles=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../daemon/profiles" && pwd)
make -s -C "$ABATE_BUILD" tests/bench/decode
exec "$ABATE_BUILD/tests/bench/decode" "$profiles" "$rounds" "$slice"
