"""A scikit-learn model as ONNX, for the deployment beside this file.

    pip install scikit-learn skl2onnx
    python examples/own-model/train.py payment-risk.onnx

The data are made up: risk rises with the amount, at night, and with failed attempts.
"""

import sys

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

# The order of the columns is the order of spec.input.features in deployment.yaml.
FEATURES = ["amount", "hour", "failedAttempts"]


def make_data(rows, seed):
    """Features as float32 [rows, 3], and whether the payment was a fraud."""
    random = np.random.default_rng(seed)
    amount = random.gamma(2.0, 60.0, rows)
    hour = random.integers(0, 24, rows)
    attempts = random.poisson(0.4, rows)
    risk = 0.012 * amount + 1.2 * (hour < 6) + 0.9 * attempts - 4.5
    fraud = random.random(rows) < 1 / (1 + np.exp(-risk))
    return np.column_stack([amount, hour, attempts]).astype(np.float32), fraud


features, fraud = make_data(20_000, seed=1)
train_x, test_x, train_y, test_y = train_test_split(features, fraud, test_size=0.25, random_state=1)
model = GradientBoostingClassifier(random_state=1).fit(train_x, train_y)
auc = roc_auc_score(test_y, model.predict_proba(test_x)[:, 1])

# zipmap=False: probabilities come out as a tensor [N, 2] and not as a list of maps.
onnx = to_onnx(model, train_x[:1], options={"zipmap": False})
with open(sys.argv[1], "wb") as file:
    file.write(onnx.SerializeToString())

example = np.array([[412.5, 3, 2]], dtype=np.float32)
print(f"{sys.argv[1]}: test auc {auc:.4f}")
print(f"amount 412.5 at 3 o'clock after 2 failed attempts: fraud with probability {model.predict_proba(example)[0, 1]:.6f}")
