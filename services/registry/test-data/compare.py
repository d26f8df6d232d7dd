"""Reference values of comparisons: SciPy's own tests, and DeLong's variance written out over all pairs of rows (SciPy has none). Prints JSON."""

import json

import numpy as np
from scipy import stats

random = np.random.default_rng(11)
rows = 120
label = (random.random(rows) < 0.4).astype(int)
first = np.round(np.clip(0.5 * label + random.random(rows) * 0.6, 0.01, 0.99), 2)
second = np.round(np.clip(0.35 * label + 0.2 * first + random.random(rows) * 0.5, 0.01, 0.99), 2)


def wins(scores):
    positives, negatives = scores[label == 1][:, None], scores[label == 0][None, :]
    return (positives > negatives) + 0.5 * (positives == negatives)


def delong():
    a, b = wins(first), wins(second)
    gap = b - a
    variance = gap.mean(axis=1).var(ddof=1) / gap.shape[0] + gap.mean(axis=0).var(ddof=1) / gap.shape[1]
    z = gap.mean() / np.sqrt(variance)
    low, high = stats.norm.interval(0.95, gap.mean(), np.sqrt(variance))
    return {"first": a.mean(), "second": b.mean(), "low": low, "high": high, "pValue": 2 * stats.norm.sf(abs(z))}


def mcnemar():
    right = [(scores >= 0.5).astype(int) == label for scores in (first, second)]
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    p = stats.binomtest(only_first, only_first + only_second).pvalue
    return {"first": right[0].mean(), "second": right[1].mean(), "oddsRatio": only_second / only_first, "pValue": p}


def loss():
    of = lambda p: -np.log(np.where(label == 1, p, 1 - p))
    gap = of(second) - of(first)
    ends = stats.bootstrap((gap,), np.mean, n_resamples=20000, method="percentile", rng=3).confidence_interval
    return {"first": of(first).mean(), "second": of(second).mean(), "low": ends.low, "high": ends.high}


folds = [[0.71, 0.69, 0.74, 0.70, 0.68, 0.73, 0.72, 0.75], [0.73, 0.70, 0.77, 0.745, 0.675, 0.772, 0.749, 0.801]]
gap = np.array(folds[1]) - np.array(folds[0])
ranks = stats.rankdata(abs(gap))
wilcoxon = {
    "folds": folds,
    "pValue": stats.wilcoxon(folds[1], folds[0]).pvalue,
    "rankBiserial": (ranks[gap > 0].sum() - ranks[gap < 0].sum()) / ranks.sum(),
}

truth = np.round(random.normal(10, 4, 60), 3)
regression = {"truth": truth.tolist()}
for name, error in (("first", 1.0), ("second", 0.6)):
    regression[name] = np.round(truth + random.normal(0, error, 60), 3).tolist()
errors = [np.abs(np.array(regression[name]) - truth) for name in ("first", "second")]
regression["pValue"] = stats.wilcoxon(errors[1], errors[0]).pvalue

table = {"label": label.tolist(), "first": first.tolist(), "second": second.tolist()}
print(json.dumps({"table": table, "delong": delong(), "mcnemar": mcnemar(), "logLoss": loss(), "wilcoxon": wilcoxon, "regression": regression}))
