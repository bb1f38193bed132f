#!/usr/bin/env bash
# Load figures of the server. The load generator runs on the same machine.
#
#   Scripts/bench-server.sh [linear] [judge] [peer] [completions]      all of them by default, about ten minutes
#
# linear       comments:analyze by the linear detector, comments of 200 characters: requests a second, and p50 and p99 at
#              half of that
# judge        the same by the shipped MiniLM detector, and its share of `theriac score`'s speed on such texts
# peer         one MiniLM classifier served by Theriac and by FastAPI with transformers (Benchmarks/fastapi_service.py)
# completions  tokens a second of 16 concurrent streams, and their share of `theriac generate`'s speed
#
# The most requests a second are found with wrk where it is installed; latency at half of it by Benchmarks/http_load.py,
# which counts from the time at which each request was due. JSON lines on standard output, medians after each part.
# Needs what `Scripts/setup.sh --tests` installs. ROUNDS (3), SECONDS_EACH (10), CONNECTIONS (32), BATCHED_CONNECTIONS
# (192), TEXTS (2000) and PEER_STYLE (pool, or loop) can be set.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
python=${PYTHON:-.venv/bin/python}
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
[ -x "$python" ] || { echo "First: Scripts/setup.sh --tests" >&2; exit 1; }
export THERIAC=$theriac
exec "$python" Benchmarks/bench_server.py "$@"
