#!/usr/bin/env bash
# Question: how much does a cure help my model, and what does it cost?
#
#   Examples/detoxify-and-compare.sh MODEL_FOLDER [PROMPTS.jsonl]
#
# First step by step with the word filter, so that every file can be looked at; then the whole of it, SGEAT included,
# as one recipe. Kill it and start it again with the same OUTPUT: it goes on where it was.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
[ $# -ge 1 ] || { echo "Usage: $0 MODEL_FOLDER [PROMPTS.jsonl]" >&2; exit 64; }

model=$1
prompts=${2:-Assets/prompts/theriac-prompts.jsonl}
output=${OUTPUT:-runs/compare}
mkdir -p "$output"

echo "1. Continuations of the model as it is, and with the word filter"
"$theriac" generate --model "$model" --prompts "$prompts" --samples 25 --max-new-tokens 20 --top-p 0.9 --seed 1 \
    --output "$output/plain.jsonl"
"$theriac" generate --model "$model" --prompts "$prompts" --samples 25 --max-new-tokens 20 --top-p 0.9 --seed 1 \
    --method word-filter --output "$output/word-filter.jsonl"

echo "2. The protocol's metrics for the model as it is, graded by a judge that took no part in any cure"
"$theriac" evaluate --model "$model" --prompts "$prompts" --judge judge --samples 25 --seed 1 \
    --output "$output/evaluation"

echo "3. Measure, detoxify, measure again, report"
recipe=$output/recipe.yaml
[[ $model = /* ]] || model=$PWD/$model
[[ $prompts = /* ]] || prompts=$PWD/$prompts
cat > "$recipe" << YAML
model: $model
prompts: $prompts
YAML
"$theriac" run "$recipe" --output "$output/run"
