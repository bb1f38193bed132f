#!/usr/bin/env bash
# Mixed load for a while, with memory watched, and then ten times more than the server can take for a minute.
#
#   Scripts/soak-server.sh MINUTES
#
# Load: comments:analyze by both detectors, batches, moderations, suggested scores into a store, completions by
# theriac-lm (also as streams, and streams whose reader leaves), the operator's page, and requests that are wrong. Memory,
# threads and open files go into runs/soak-server/samples.jsonl every two seconds. Prints JSON lines: counts by kind and
# status, memory along the way, the overload, and whether every acknowledged suggestion is in the store. Fails when
# one is not, when a request got an undefined 5xx, or when the server did not end well. OVERLOAD_SECONDS (60) and
# LOAD (1: the share of the usual rates) can be set. Server and clients run on the same machine.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
[ $# -eq 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
export THERIAC=$theriac
exec "${PYTHON:-python3}" Benchmarks/soak_server.py "$1"
