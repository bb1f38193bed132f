#!/usr/bin/env bash
# What decoding-time methods cost.
#
#   Scripts/bench-methods.sh peer       DExperts with three GPT-2 124M beside a plain transformers loop with caches
#   Scripts/bench-methods.sh overhead   every method on the bundled model: seconds over those of plain generation
#
# Runs alternate, so that a machine that slows down slows all. One JSON line a run on standard output, medians last.
# Speed is that of writing, loading excluded on both sides. `peer` needs what `Scripts/setup.sh --tests` installs. ROUNDS
# (3), DTYPE (bf16), THREADS (2), LIMIT (20 prompts; 40 for overhead) can be set; METHODS names the methods to take.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
python=${PYTHON:-.venv/bin/python}
rounds=${ROUNDS:-3} dtype=${DTYPE:-bf16} threads=${THREADS:-2}
output=runs/bench-methods
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
mkdir -p "$output"

# NAME ARGUMENTS…: writes, and prints the speed that the program reports.
ours() {
    local name=$1 said speed
    shift
    rm -f "$output/$name.jsonl" "$output/$name.jsonl.run.json"
    said=$("$theriac" generate --samples 25 --max-new-tokens 20 --dtype "$dtype" --threads "$threads" "$@" \
        --output "$output/$name.jsonl" 2>&1 | tr '\r' '\n' | tail -1)
    speed=$(grep -oE '[0-9]+ tokens/s' <<< "$said" | grep -oE '^[0-9]+') || { echo "bench: $name: $said" >&2; exit 1; }
    echo "{\"who\": \"$name\", \"dtype\": \"$dtype\", \"tokens_per_second\": $speed}"
}

medians() {
    "$python" - "$output/results.jsonl" "$1" << 'PYTHON'
import json, statistics, sys
path, baseline = sys.argv[1:]
speeds = {}
for line in open(path):
    record = json.loads(line)
    speeds.setdefault(record["who"], []).append(record["tokens_per_second"])
median = {who: statistics.median(values) for who, values in speeds.items()}
print(json.dumps({"median_tokens_per_second": median,
                  "seconds_over_baseline": {who: round(median[baseline] / value, 2) for who, value in median.items()}}))
PYTHON
}

: > "$output/results.jsonl"
case ${1:-} in
    peer)
        "$python" -c 'import transformers' 2> /dev/null || { echo "First: Scripts/setup.sh --tests" >&2; exit 1; }
        for number in 0 1 2; do
            [ -f "$output/gpt2-$number/prompts.jsonl" ] ||
                "$python" Tests/Parity/random_gpt2.py --output "$output/gpt2-$number" --seed "$number" > /dev/null 2>&1
        done
        head -n "${LIMIT:-20}" "$output/gpt2-0/prompts.jsonl" > "$output/prompts.jsonl"
        for round in $(seq "$rounds"); do
            echo "bench: round $round of $rounds" >&2
            "$python" Benchmarks/dexperts_transformers.py --model "$output/gpt2-0" --expert "$output/gpt2-1" \
                --anti-expert "$output/gpt2-2" --prompts "$output/prompts.jsonl" --limit 1000 --seed "$round" \
                --dtype "$dtype" --threads "$threads" 2> /dev/null | tee -a "$output/results.jsonl"
            ours dexperts --model "$output/gpt2-0" --prompts "$output/prompts.jsonl" --top-p 1 --seed "$round" \
                --method dexperts --set "dexperts.expert=$output/gpt2-1" --set "dexperts.anti-expert=$output/gpt2-2" |
                tee -a "$output/results.jsonl"
        done
        medians dexperts ;;
    overhead)
        methods=${METHODS:-word-filter dexperts gedi self-debiasing toxification-reversal steering clean-context rejection best-of-n streaming-guard}
        for round in $(seq "$rounds"); do
            echo "bench: round $round of $rounds" >&2
            for method in plain $methods; do
                chosen=()
                [ "$method" = plain ] || chosen=(--method "$method")
                ours "$method" --model theriac-lm --prompts Assets/prompts/theriac-prompts.jsonl --limit "${LIMIT:-40}" --top-p 0.9 --seed "$round" "${chosen[@]}" |
                    tee -a "$output/results.jsonl"
            done
        done
        medians plain ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
