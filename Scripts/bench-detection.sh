#!/usr/bin/env bash
# Speed of a transformer detector beside transformers: the same MiniLM-L6 weights and the same comments, in the same
# minutes; and how far the scores are apart.
#
#   Scripts/bench-detection.sh COMMENTS.jsonl       JSON lines with "text"; the first 2,000 are read
#
# A classifier of seven labels is made of .models/all-MiniLM-L6-v2 with a random head. Theriac's time is the whole
# program's, loading, tokenizing and printing included; the peer's is tokenizing and computing in batches of 32 with
# dynamic padding, as Detoxify does it. Runs alternate. Needs what `Scripts/setup.sh --tests` installs. ROUNDS (3),
# THREADS (2) and TEXTS (2000) can be set.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
python=${PYTHON:-.venv/bin/python}
rounds=${ROUNDS:-3} threads=${THREADS:-2} texts=${TEXTS:-2000}
base=${THERIAC_MODELS:-.models}/all-MiniLM-L6-v2
output=runs/bench-detection
[ $# -eq 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
"$python" -c 'import transformers' 2> /dev/null || { echo "First: Scripts/setup.sh --tests" >&2; exit 1; }
mkdir -p "$output"
head -n "$texts" "$1" > "$output/comments.jsonl"
[ -d "$output/model" ] || "$python" Tests/Parity/minilm_transformers.py make "$base" "$output/model"

seconds() { "$python" -c 'import time; print(time.perf_counter())'; }

ours() {
    local started ended
    started=$(seconds)
    "$theriac" score --json --detector "$output/model" --dtype "$1" --threads "$threads" "$output/comments.jsonl" \
        > "$output/theriac-$1.jsonl"
    ended=$(seconds)
    "$python" -c 'import json, sys; n, s = int(sys.argv[1]), float(sys.argv[3]) - float(sys.argv[2])
print(json.dumps({"who": "theriac", "dtype": sys.argv[4], "texts_per_second": round(n / s, 1), "loading": "included"}))' \
        "$(wc -l < "$output/comments.jsonl")" "$started" "$ended" "$1"
}

: > "$output/results.jsonl"
for round in $(seq "$rounds"); do
    for dtype in bf16 fp32; do
        echo "bench: round $round of $rounds, $dtype" >&2
        "$python" Tests/Parity/minilm_transformers.py score "$output/model" "$output/comments.jsonl" "$dtype" \
            "$threads" "$output/transformers-$dtype.jsonl" | tee -a "$output/results.jsonl"
        ours "$dtype" | tee -a "$output/results.jsonl"
    done
done
"$python" Tests/Parity/minilm_transformers.py compare "$output"
