#!/usr/bin/env bash
# Makes the bundled assets again from the public sets: `steer` in minutes, `judge` and the language model in an hour each.
#
#   THERIAC_SHARED=FOLDER Scripts/make-assets.sh [steer] [judge] [lm] [experts]      all of them without a name
#
# FOLDER holds `data/` as THIRD-PARTY.md lists it (default: ../shared). Each recipe in Recipes names the sets it
# takes. A stopped run goes on where it was. Results lie in runs/assets, to be looked at before they replace what
# is bundled.
set -euo pipefail
cd "$(dirname "$0")/.."
theriac=${THERIAC:-.build/release/theriac}
export THERIAC_SHARED=${THERIAC_SHARED:-../shared}
[ -x "$theriac" ] || { echo "Build first: make build" >&2; exit 1; }
[ -d "$THERIAC_SHARED/data" ] || {
    echo "No data in '$THERIAC_SHARED'. Name the folder that holds data/ in THERIAC_SHARED." >&2
    exit 1
}

if [ $# -eq 0 ]; then set -- steer judge lm experts; fi
for name in "$@"; do
    case $name in
        steer)
            echo "assets: training the detector steer (minutes)"
            "$theriac" train detector --recipe Recipes/train-steer.yaml --data "$THERIAC_SHARED/data" --output runs/assets/steer ;;
        judge)
            echo "assets: training the detector judge in two stages (up to an hour each)"
            "$theriac" train detector --recipe Recipes/train-judge.yaml --data "$THERIAC_SHARED/data" --output runs/judge-2.1.0
            "$theriac" train detector --recipe Recipes/train-judge-further.yaml --data "$THERIAC_SHARED/data" \
                --output runs/assets/judge ;;
        lm)
            echo "assets: training the language model (hours)"
            "$theriac" train lm --recipe Recipes/train-lm.yaml --output runs/assets/lm ;;
        experts)
            echo "assets: making what decoding-time methods need, for theriac-lm (half an hour)"
            texts=(--model theriac-lm --texts civil-comments-spans --texts wikipedia-context-large --texts paradetox
                --detector steer --limit 6000 --data "$THERIAC_SHARED/data")
            for class in nontoxic toxic; do
                "$theriac" train expert "${texts[@]}" --set class=$class --output "runs/assets/experts/$class"
            done
            "$theriac" train gedi "${texts[@]}" --output runs/assets/experts/gedi
            "$theriac" train control-token "${texts[@]}" --output runs/assets/experts/control-token
            "$theriac" train steering "${texts[@]}" --output runs/assets/steering/theriac-lm
            "$theriac" train vocabulary-shift "${texts[@]}" --output runs/assets/vocabulary-shifts/theriac-lm
            "$theriac" train pplm-discriminator "${texts[@]}" --output runs/assets/discriminators/theriac-lm
            # 78 MB, too much to ship; fewer texts, for every token of every text is an entry.
            "$theriac" train neighbours "${texts[@]}" --limit 2000 --output runs/assets/neighbours/theriac-lm ;;
        *) echo "No asset '$name'. Known are steer, judge, lm and experts." >&2; exit 64 ;;
    esac
done
echo "assets: in runs/assets; compare their cards with those of the bundled ones"
