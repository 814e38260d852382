#!/usr/bin/env bash
# Resident memory does not grow with what goes through: the small form of tests/bench/memory.sh.
set -euo pipefail
exec bash "$(dirname "${BASH_SOURCE[0]}")/../bench/memory.sh" --monitors 1000 --messages 200000 --seconds 120 --growth 2048 --batch 4000
