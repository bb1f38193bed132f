#!/usr/bin/env bash
# Sends changed requests to every route of `theriac serve`, generation included, over raw connections.
#
#   Scripts/fuzz-server.sh SECONDS
#
# Fails when the server ends, hangs, answers with a 5xx other than the defined ones (503, 504) or with JSON that is none,
# or afterwards answers otherwise than before; the request is then in runs/fuzz-server/problem-SEED-WORKER-NUMBER.bin. The
# same SEED (1) gives the same requests; `python3 Benchmarks/fuzz_requests.py SEED WORKER NUMBER` prints one. WORKERS (2)
# can be set. Prints counts by route and status, requests a second, and memory before and after, as JSON lines.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
[ $# -eq 1 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
export THERIAC=$theriac
exec "${PYTHON:-python3}" Benchmarks/fuzz_server.py "$1"
