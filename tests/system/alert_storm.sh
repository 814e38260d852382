#!/usr/bin/env bash
# Many limits broken at once make few mails, and every breach is told: the small form of tests/bench/alert_storm.sh.
set -euo pipefail
exec bash "$(dirname "${BASH_SOURCE[0]}")/../bench/alert_storm.sh" 300
