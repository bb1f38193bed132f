"""Reference values of calibration and rank correlation.

Usage: calibration_parity.py CASES.json. Writes scikit-learn's and scipy's values of each case to standard output.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import kendalltau, pearsonr, spearmanr
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import cohen_kappa_score, log_loss


def values(case):
    scores = np.array(case["scores"])
    labels = np.array(case["labels"], dtype=float)
    others = np.array(case["others"])
    grid = np.array(case["grid"])
    logits = np.log(scores / (1 - scores))
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, labels)
    platt = _SigmoidCalibration().fit(logits, labels)

    def loss(log_slope):
        probability = expit(np.exp(log_slope) * logits)
        return -np.sum(labels * np.log(probability) + (1 - labels) * np.log1p(-probability))

    found = minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
    return {
        "isotonic": isotonic.predict(grid).tolist(),
        "platt": platt.predict(np.log(grid / (1 - grid))).tolist(),
        "temperature": [float(np.exp(-found.x))],
        "log_loss": [log_loss(labels, scores)],
        "pearson": [pearsonr(scores, others).statistic],
        "spearman": [spearmanr(scores, others).statistic],
        "kendall": [kendalltau(scores, others).statistic],
        "kappa": [cohen_kappa_score(scores >= 0.5, others >= 0.5)],
    }


with open(sys.argv[1]) as file:
    cases = json.load(file)
json.dump([values(case) for case in cases], sys.stdout)
