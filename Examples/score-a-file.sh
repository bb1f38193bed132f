#!/usr/bin/env bash
# Question: how toxic are these texts?
#
#   Examples/score-a-file.sh [FILE]      JSONL with `text`, or plain text, one a line (.txt)
#
# Without a file, a few invented texts are scored. One JSON object a line goes to scores.jsonl; the summary below
# needs Python, the scores do not.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }

output=${OUTPUT:-$(mktemp -d)}
file=${1:-$output/texts.jsonl}
if [ $# -eq 0 ]; then
    cat > "$file" << 'TEXTS'
{"id": "thanks", "text": "Thank you, that answers my question."}
{"id": "weather", "text": "Rain until noon, then sun from the west."}
{"id": "quarrel", "text": "You never read what you answer, do you?"}
{"id": "insult", "text": "Shut up, you pathetic idiot."}
{"id": "place", "text": "The train to Scunthorpe leaves at nine."}
{"id": "empty", "text": ""}
TEXTS
fi

# `steer` is the fast bundled detector. A text without a score says why, and is never counted as clean.
# A bad line is reported on standard error and makes the exit code non-zero; the other lines are scored all the same.
status=0
"$theriac" score --detector steer --json "$file" > "$output/scores.jsonl" || status=$?

python3 - "$output/scores.jsonl" << 'PYTHON'
import json, sys
records = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
scored = [record for record in records if "attributes" in record]
for record in sorted(scored, key=lambda record: -record["attributes"]["toxicity"])[:10]:
    print(f'{record["attributes"]["toxicity"]:.3f}  {record["id"]}')
print(f"{len(scored)} of {len(records)} texts scored")
PYTHON
echo "All attributes: $output/scores.jsonl"
exit "$status"
