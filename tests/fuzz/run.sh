#!/usr/bin/env bash
# make fuzz: builds the targets with clang, libFuzzer and the sanitizers, runs each for a time, keeps and prints what was
# found. Inputs that reach something new are kept in FOLDER/corpus for the next run; the source's corpus is not touched.
#
#     run.sh SOURCE FOLDER [SECONDS [NOUN ...]]
set -euo pipefail

readonly source=$1 folder=$2 seconds=${3:-60}
read -ra nouns <<<"${4:-}"
[[ ${FUZZ_CC:-clang} != no ]] || { echo "fuzz: configure has found no clang (Debian: clang libclang-rt-dev)" >&2; exit 1; }

mkdir -p "$folder"
if [[ ! -f $folder/Makefile ]]; then
    (cd "$folder" && "$source/configure" --enable-fuzzing CC="${FUZZ_CC:-clang}" CFLAGS='-O1 -g' >configure.log 2>&1) ||
        { tail -n 20 "$folder/configure.log"; exit 1; }
fi
make -s -C "$folder" fuzz-targets >"$folder/make.log" 2>&1 || { tail -n 20 "$folder/make.log"; exit 1; }
if [[ ${#nouns[@]} -eq 0 ]]; then
    for target in "$source"/tests/fuzz/fuzz_*.c; do
        target=$(basename "$target" .c)
        nouns+=("${target#fuzz_}")
    done
fi

export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
status=0
for noun in "${nouns[@]}"; do
    seeds=("$source/tests/fuzz/corpus/$noun")
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    mkdir -p "$folder/corpus/$noun" "$folder/finds"
    if [[ -d $source/tests/cases/$noun ]]; then # payloads alone: what is expected of them teaches nothing
        mkdir -p "$folder/cases/$noun"
        for payload in "$source/tests/cases/$noun"/*/payload; do
            cp "$payload" "$folder/cases/$noun/$(basename "$(dirname "$payload")")"
        done
        seeds+=("$folder/cases/$noun")
    fi
    [[ ! -f $source/tests/fuzz/$noun.dict ]] || options+=(-dict="$source/tests/fuzz/$noun.dict")
    [[ $noun != mapping ]] || options+=(-max_len=8192)
    printf '%-10s %s s ... ' "$noun" "$seconds"
    if "$folder/tests/fuzz/fuzz_$noun" "${options[@]}" -artifact_prefix="$folder/finds/$noun-" "$folder/corpus/$noun" \
        "${seeds[@]}" >"$folder/$noun.log" 2>&1; then
        printf 'clean, %s runs\n' "$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$noun.log")"
    else
        status=1
        printf 'FOUND\n'
        tail -n 30 "$folder/$noun.log" | sed 's/^/    /'
    fi
done
find "$folder/finds" -type f 2>/dev/null | sed 's/^/find: /'
exit "$status"
