"""MLflow's quick start with an ONNX model, and nothing but MLflow's own calls. Prints what the estimator says of some rows as JSON."""

import json
import sys

import mlflow
import mlflow.onnx
import mlflow.sklearn
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import infer_signature
from onnx import numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

url, experiment, model, versions = sys.argv[1:5]
mlflow.set_tracking_uri(url)
mlflow.set_experiment(experiment)
mlflow.sklearn.autolog()
client = MlflowClient()

columns = ["hour", "distance", "delay"]
values, labels = make_classification(400, 3, n_informative=3, n_redundant=0, random_state=7)
rows = pd.DataFrame(values.astype("float32"), columns=columns)
probes = rows.head(20)
seen = []

for number in range(1, int(versions) + 1):
    with mlflow.start_run(run_name=f"fit {number}") as run:
        estimator = LogisticRegression(C=0.1) if number == 1 else MLPClassifier((200,), alpha=0.01, max_iter=20, random_state=7)
        estimator.fit(rows, labels)
        probabilities = estimator.predict_proba(probes)
        onnx = to_onnx(estimator, probes.to_numpy()[:1], options={"zipmap": False})
        # As PyTorch's exporter has them; MLflow writes such tensors of 1 KiB and more into a file beside the model.
        for tensor in onnx.graph.initializer:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
        logged = mlflow.onnx.log_model(
            onnx,
            name="onnx",
            signature=infer_signature(probes, probabilities),
            registered_model_name=model,
        )
    version = logged.registered_model_version
    client.set_registered_model_alias(model, "champion", version)
    found = client.get_run(run.info.run_id)
    seen.append(
        {
            "version": int(version),
            "runId": run.info.run_id,
            "status": found.info.status,
            "regularisation": found.data.params.get("C") or found.data.params.get("alpha"),
            "files": len(mlflow.artifacts.list_artifacts(artifact_uri=logged.model_uri)),
            "autologged": "training_score" in found.data.metrics,
            "datasets": len(found.inputs.dataset_inputs),
            "models": len(found.outputs.model_outputs),
            "champion": client.get_model_version_by_alias(model, "champion").run_id,
            "scores": [float(row[1]) for row in probabilities],
        }
    )

records = [{"id": f"probe-{at}", **row} for at, row in enumerate(probes.to_dict("records"))]
print(json.dumps({"records": records, "seen": seen}))
