"""Writes gbt.onnx and logistic.onnx: `python make-models.py` in this folder, with the packages of requirements.txt.

Data, trees and conversion have fixed seeds, so that a second run gives the same figures. Features are 30 columns of N(0, 1), about what work/readings.mjs draws.
"""
import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

FEATURES = 30
ROWS = 20_000


def training_set():
    """features float32 [ROWS, 30] and labels {0, 1}: a linear part, products of neighbours and noise, so that every tree has something to split."""
    random = np.random.default_rng(2024)
    x = random.standard_normal((ROWS, FEATURES)).astype(np.float32)
    z = x @ random.standard_normal(FEATURES) + (x[:, :-1] * x[:, 1:]).sum(axis=1) + random.standard_normal(ROWS)
    return x, (z > 0).astype(np.int64)


def write(name, model, x, y):
    model.fit(x, y)
    onnx = to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17)
    # One name for both, so that a deployment can swap them.
    path = f"{name}.onnx"
    with open(path, "wb") as file:
        file.write(onnx.SerializeToString())
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    _, probabilities = session.run(None, {session.get_inputs()[0].name: x[:512]})
    difference = np.abs(probabilities - model.predict_proba(x[:512])).max()
    print(path, len(onnx.SerializeToString()), "bytes;", "differs from sklearn by", difference)
    assert difference < 1e-5
    for tensor in [*session.get_inputs(), *session.get_outputs()]:
        print(" ", tensor.name, tensor.type, tensor.shape)


x, y = training_set()
write("gbt", GradientBoostingClassifier(n_estimators=100, max_depth=3, subsample=0.5, random_state=7), x, y)
write("logistic", LogisticRegression(max_iter=500), x, y)
