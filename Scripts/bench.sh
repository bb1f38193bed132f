#!/usr/bin/env bash
# Speed of generation beside transformers: the same weights, prompts and protocol, in the same minutes.
#
#   Scripts/bench.sh [MODEL_FOLDER PROMPTS.jsonl]
#
# Without arguments: GPT-2 124M with random weights, prompts of 16 tokens, 25 continuations of 20 tokens each. Runs
# alternate, so that a machine that slows down slows both. One JSON line a run on standard output; the ratio last.
# Needs what `Scripts/setup.sh --tests` installs. ROUNDS (2), DTYPE (bf16), THREADS (2), LIMIT (8 prompts) can be set.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
python=${PYTHON:-.venv/bin/python}
rounds=${ROUNDS:-2} dtype=${DTYPE:-bf16} threads=${THREADS:-2} limit=${LIMIT:-8}
output=runs/bench
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
"$python" -c 'import transformers' 2> /dev/null || { echo "First: Scripts/setup.sh --tests" >&2; exit 1; }
mkdir -p "$output"

if [ $# -eq 2 ]; then
    model=$1 prompts=$2
else
    model=$output/gpt2-random prompts=$output/gpt2-random/prompts.jsonl
    if [ ! -f "$prompts" ]; then
        echo "bench: making GPT-2 124M with random weights (half a minute)" >&2
        "$python" Tests/Parity/random_gpt2.py --output "$model" > /dev/null
    fi
fi
head -n "$limit" "$prompts" > "$output/prompts.jsonl"

seconds() { "$python" -c 'import time; print(time.perf_counter())'; }

ours() {  # wall time of the whole program, loading included, against the peer's decode loop alone
    local file=$output/theriac.jsonl started ended
    rm -f "$file"
    started=$(seconds)
    "$theriac" generate --model "$model" --prompts "$output/prompts.jsonl" --samples 25 --max-new-tokens 20 \
        --top-p 0.9 --seed "$1" --dtype "$dtype" --threads "$threads" --output "$file" > /dev/null
    ended=$(seconds)
    "$python" - "$file" "$started" "$ended" "$dtype" << 'PYTHON'
import json, sys
path, started, ended, dtype = sys.argv[1:]
records = [json.loads(line) for line in open(path, encoding="utf-8")]
tokens = sum(len(record["tokens"]) + (record["finish"] == "eos") for record in records)
seconds = float(ended) - float(started)
print(json.dumps({"who": "theriac", "dtype": dtype, "tokens": tokens, "seconds": round(seconds, 3),
                  "tokens_per_second": round(tokens / seconds, 1), "loading": "included"}))
PYTHON
}

theirs() {
    "$python" Tests/Parity/rtp_transformers.py --model "$model" --prompts "$output/prompts.jsonl" --samples 25 \
        --max-new-tokens 20 --top-p 0.9 --seed "$1" --dtype "$dtype" --threads "$threads" \
        --output "$output/transformers.jsonl" 2> /dev/null
}

: > "$output/results.jsonl"
for round in $(seq "$rounds"); do
    echo "bench: round $round of $rounds" >&2
    theirs "$round" | tee -a "$output/results.jsonl"
    ours "$round" | tee -a "$output/results.jsonl"
done
"$python" - "$output/results.jsonl" << 'PYTHON'
import json, statistics, sys
speeds = {}
for line in open(sys.argv[1]):
    record = json.loads(line)
    speeds.setdefault(record.get("who") or record["peer"], []).append(record["tokens_per_second"])
median = {who: statistics.median(values) for who, values in speeds.items()}
print(json.dumps({"median_tokens_per_second": median, "ratio": round(median["theriac"] / median["transformers"], 2)}))
PYTHON
