#!/usr/bin/env bash
# Question: how do I train a language model, and what is it worth?
#
#   Examples/train-a-small-model.sh RECIPE.yaml TEST.txt
#
# RECIPE.yaml says on what and how; Documentation/recipes.md lists its keys. TEST.txt holds documents separated by
# blank lines that are not in the training text. Start the script again after an interruption: training goes on from
# its last checkpoint and reaches the same weights.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
[ $# -eq 2 ] || { echo "Usage: $0 RECIPE.yaml TEST.txt" >&2; exit 64; }

recipe=$1
test=$2
output=${OUTPUT:-runs/small-model}

echo "1. Training (loss and speed as it goes; the folder is a Hugging Face checkpoint in the end)"
"$theriac" train lm --recipe "$recipe" --output "$output/model"

echo "2. Perplexity, tokens and bits per byte on text it has not seen"
"$theriac" evaluate --model "$output/model" --corpus "$test" --output "$output/perplexity"

echo "3. What it writes"
"$theriac" generate --model "$output/model" --prompts Assets/prompts/sgeat-prompts.jsonl --samples 1 \
    --max-new-tokens 40 --top-p 0.9 --seed 1 --output "$output/samples.jsonl"
head -n 5 "$output/samples.jsonl"

echo "4. How toxic it is"
"$theriac" evaluate --model "$output/model" --prompts Assets/prompts/theriac-prompts.jsonl --judge judge \
    --samples 25 --seed 1 --output "$output/toxicity"
