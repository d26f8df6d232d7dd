"""What a data scientist asks of the platform with MLflow's own client: the champion, its run, its file. Prints JSON."""

import hashlib
import json
import os
import sys
import tempfile

import mlflow
from mlflow import MlflowClient

url, model = sys.argv[1:3]
mlflow.set_tracking_uri(url)
client = MlflowClient()

champion = client.get_model_version_by_alias(model, "champion")
run = client.get_run(champion.run_id)
with tempfile.TemporaryDirectory() as folder:
    local = mlflow.artifacts.download_artifacts(f"models:/{model}@champion", dst_path=folder)
    with open(os.path.join(local, "model.onnx"), "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
print(
    json.dumps(
        {
            "experiments": {each.experiment_id: each.name for each in client.search_experiments()},
            "version": int(champion.version),
            "runId": champion.run_id,
            "experimentId": run.info.experiment_id,
            "status": run.info.status,
            "params": run.data.params,
            "metrics": run.data.metrics,
            "sha256": sha256,
        }
    )
)
