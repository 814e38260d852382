#!/usr/bin/env bash
# Every input of the corpora, and every case of the payload forms, goes through its fuzz target once: a plain test, which
# needs no libFuzzer.
set -euo pipefail
: "${ABATE_BUILD:=build}" "${ABATE_SOURCE:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
status=0

for target in "$ABATE_SOURCE"/tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    noun=${name#fuzz_}
    inputs=("$ABATE_SOURCE/tests/fuzz/corpus/$noun")
    [[ ! -d $ABATE_SOURCE/tests/cases/$noun ]] || inputs+=("$ABATE_SOURCE/tests/cases/$noun")
    case $noun in # one form's payloads are bad input for another
    json | senml | hj212 | statement | receipt | profile) inputs+=("$ABATE_SOURCE"/tests/cases/*) ;;
    conf) inputs+=("$ABATE_SOURCE/daemon/abated.conf.example" "$ABATE_SOURCE/daemon/profiles") ;;
    mapping) inputs+=("$ABATE_SOURCE"/tests/demo/*.mapping) ;;
    plan) inputs+=("$ABATE_SOURCE/sql/plans/zhengzhou-2019" "$ABATE_SOURCE/tests/plans/littletown-2021") ;;
    esac
    printf '%-10s ' "$noun"
    "$ABATE_BUILD/tests/fuzz/$name" "${inputs[@]}" || { printf 'not ok - %s\n' "$noun"; status=1; }
done
exit "$status"
