"""Reference values of the detection metrics: reads cases as JSON on standard input, writes scikit-learn's values."""

import json
import sys

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score


def expected_calibration_error(scores, labels, bins=10):
    """Bins of equal width, closed on the right; 0 falls into the first."""
    edges = np.arange(bins + 1) / bins
    place = np.clip(np.searchsorted(edges, scores, side="left") - 1, 0, bins - 1)
    error = 0.0
    for number in range(bins):
        chosen = place == number
        if chosen.any():
            error += chosen.mean() * abs(labels[chosen].mean() - scores[chosen].mean())
    return error


def group_areas(scores, labels, members):
    """Areas of Borkan et al. (2019), as scikit-learn computes areas; left out where a class is missing."""
    chosen = {
        "subgroup": members,
        "background_positive": np.where(labels, ~members, members),
        "background_negative": np.where(labels, members, ~members),
    }
    return {
        name: roc_auc_score(labels[part], scores[part])
        for name, part in chosen.items()
        if len(set(labels[part])) == 2
    }


def values(case):
    scores = np.array(case["scores"])
    labels = np.array(case["labels"])
    members = np.array(case["members"])
    flagged = scores >= 0.5
    return group_areas(scores, labels, members) | {
        "roc_auc": roc_auc_score(labels, scores),
        "average_precision": average_precision_score(labels, scores),
        "f1": f1_score(labels, flagged),
        "macro_f1": f1_score(labels, flagged, average="macro"),
        "brier": brier_score_loss(labels, scores),
        "ece": expected_calibration_error(scores, labels),
    }


json.dump([values(case) for case in json.load(sys.stdin)], sys.stdout)
