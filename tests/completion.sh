#!/usr/bin/env bash
# What bash offers behind a beginning of an abatectl line. And that nothing of the program's own table is missing.
set -euo pipefail
export LC_ALL=C
program=${ABATE_BUILD:-build}/abatectl
# shellcheck source=daemon/completion/abatectl
. "$(dirname "${BASH_SOURCE[0]}")/../daemon/completion/abatectl"
folder=$(mktemp -d "${TMPDIR:-/tmp}/abate.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/plans"
: >"$folder/payload.json"
cd "$(dirname "$program")"
program=$PWD/abatectl
cd "$folder"
wrong=0

# As the program, which is not started for each.
help=$("$program" -h)
scenarios=$("$program" simulate --scenarios)
told() {
    case "$*" in
    -h) printf '%s\n' "$help" ;;
    "simulate --scenarios") printf '%s\n' "$scenarios" ;;
    esac
}

offered() { # WORD...: sorted, with blanks between, in `got`; $asked is the program
    local words=() word i
    COMP_WORDS=("$asked" "$@")
    COMP_CWORD=$#
    _abatectl || true # compopt fails where nobody types
    for word in "${COMPREPLY[@]}"; do
        for ((i = ${#words[@]}; i > 0; i--)); do
            [[ ${words[i - 1]} > $word ]] || break
            words[i]=${words[i - 1]}
        done
        words[i]=$word
    done
    got=${words[*]}
}

is() { # WANTED WORD...
    local wanted=$1
    shift
    offered "$@"
    if [[ $got != "$wanted" ]]; then
        printf 'not ok - abatectl %s: got "%s", wanted "%s"\n' "$*" "$got" "$wanted"
        wrong=$((wrong + 1))
    fi
}

asked=$program
is "check" ch
is "drift" simulate --scenario d
asked=told
is "check" ch
is "-d" -d
is "payload.json plans" -c ''
is "evidence" -c payload.json e
is "ack list silence test" alert ''
is "--outbox" alert test --o
is "--who" alert ack --w
is "--json --most --open --plant -c" alert list -
is "--conninfo --for --from --lift --maintenance --monitor --parameter --plant --reason --region --rule --until --who" alert silence --
is "ls verify" journal ''
is "--json" journal ls --
is "--from --head --json" journal verify --
is "ahead detach drop list" partitions ''
is "--conninfo --json --yes -c" partitions drop -
is "list retry" rejects ''
is "--all --feed --json --limit --reason --since --topic -c" rejects retry -
is "load show" plan ''
is "plans" plan load ''
is "--conninfo --dry-run --json" plan load --
is "" plan show --at ''
is "import" register ''
is "--conninfo --dry-run --json" register import --
is "payload.json plans" register import ''
is "plans" replay --data ''
is "payload.json plans" replay ''
is "plans" evidence --raw ''
is "--json --raw" evidence --
is "" evidence ''
is "payload.json" decode --form json pa
is "payload.json plans" decode --profile ''
is "payload.json plans" decode --lines ''
is "--arrived --feed --form --json --lines --profile --registry --topic --zone" decode --
is "--conninfo --dry-run --json" migrate --
is "--region --registry" simulate --reg
is "drift" simulate --scenario d
is "exceedance" simulate --monitors 3 --scenario ex
is "" nonsense ''

# Each option that the program's help has is offered by its command.
commands=$(sed -nE 's/^  ([a-z]+) .*/\1/p' <<<"$help")
options=$(grep -oE -- '--[a-z][a-z-]*' <<<"$help" | sort -u)
all=
for command in $commands; do
    offered "$command" --
    all+=" $got"
    offered "$command" ''
    for verb in $got; do
        offered "$command" "$verb" --
        all+=" $got"
    done
done
all=$(tr ' ' '\n' <<<"$all" | grep -- '^--' | sort -u)
[[ $options == "$all" ]] || { printf 'not ok - options: '; comm -3 <(echo "$options") <(echo "$all") | xargs; wrong=$((wrong + 1)); }
offered ''
[[ $(tr ' ' '\n' <<<"$got" | grep -v '^-' | sort) == $(sort <<<"$commands") ]] || { echo "not ok - commands"; wrong=$((wrong + 1)); }
[[ $wrong -eq 0 ]] && echo "completion: $(wc -w <<<"$commands") commands, $(wc -w <<<"$options") options"
