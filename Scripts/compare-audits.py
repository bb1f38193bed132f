#!/usr/bin/env python3
"""What a mitigation changed: two audits of detectors side by side, with 95 % intervals over the groups.

  theriac audit detector BEFORE --output audits/before --limit 2000
  theriac audit detector AFTER --output audits/after --limit 2000
  Scripts/compare-audits.py audits/before audits/after

Reads audit.json of each. Groups that the audit marks (fewer than 50 texts, or fewer than 10 toxic or nontoxic ones) are
left out, as in its own summary. An interval resamples the groups, the same draw for both sides: it says how far the
result hangs on which groups are asked about, not on which texts. Whether a difference is beyond chance shows in the
last column. Templates are no sample of texts, so their area has no interval. Power means have the exponent -5, so the
worst groups count most; "final" is the score of the Jigsaw competition, a quarter each of the area over all texts and
the three power means.
"""
import json
import random
import sys


def groups(part):
    found = {}
    for group in part["groups"]:
        counts = group["counts"]
        toxic = counts["truePositives"] + counts["falseNegatives"]
        clean = counts["trueNegatives"] + counts["falsePositives"]
        if toxic + clean >= 50 and toxic >= 10 and clean >= 10:
            found[group["group"]] = group
    return found


def power_mean(values):
    return (sum(max(value, 1e-9) ** -5 for value in values) / len(values)) ** (-1 / 5)


def mean(values):
    return sum(values) / len(values)


def figures(part, chosen):
    """Figures over `chosen` groups, which may repeat."""
    counts = part["counts"]
    clean_rate = counts["falsePositives"] / (counts["falsePositives"] + counts["trueNegatives"])
    miss_rate = counts["falseNegatives"] / (counts["falseNegatives"] + counts["truePositives"])

    def of(key):
        return [group[key]["value"] for group in chosen]

    areas = [power_mean(of(key)) for key in ("subgroup", "backgroundPositive", "backgroundNegative")]
    return {
        "final": mean([part["area"]["value"]] + areas),
        "subgroup AUC": areas[0],
        "BPSN AUC": areas[1],
        "BNSP AUC": areas[2],
        "flagged clean": mean(of("falsePositiveRate")),
        "missed toxic": mean(of("falseNegativeRate")),
        "FPR gap": mean([abs(rate - clean_rate) for rate in of("falsePositiveRate")]),
        "FNR gap": mean([abs(rate - miss_rate) for rate in of("falseNegativeRate")]),
    }


def compare(before, after, title):
    first, second = groups(before), groups(after)
    names = sorted(first.keys() & second.keys())
    if not names:
        return
    generator = random.Random(1)
    draws = [names] + [[generator.choice(names) for _ in names] for _ in range(1000)]
    rows = [
        (figures(before, [first[name] for name in draw]), figures(after, [second[name] for name in draw]))
        for draw in draws
    ]

    def cell(values, sign=""):
        ordered = sorted(values[1:])
        low, high = ordered[24], ordered[974]
        return f"{values[0]:{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"

    def area(part):
        found = part["area"]
        if found["low"] == found["high"]:
            return f"{found['value']:.3f}"
        return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"

    print(f"\n{title}, {len(names)} groups\n")
    print("| | before | after | change |\n|---|--:|--:|--:|")
    print(f"| ROC-AUC of all texts (interval over texts) | {area(before)} | {area(after)} | "
          f"{after['area']['value'] - before['area']['value']:+.3f} |")
    for name in rows[0][0]:
        first_values = [row[0][name] for row in rows]
        second_values = [row[1][name] for row in rows]
        change = [b - a for a, b in zip(first_values, second_values)]
        print(f"| {name} | {cell(first_values)} | {cell(second_values)} | {cell(change, '+')} |")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    before, after = (json.load(open(f"{folder}/audit.json")) for folder in sys.argv[1:])
    for kind in ("sets", "templates"):
        later = {(part["name"], part["grouping"]): part for part in after[kind]}
        for part in before[kind]:
            other = later.get((part["name"], part["grouping"]))
            if other is not None and (kind == "templates" or part["name"].startswith("all ")):
                compare(part, other, part["name"])


main()
