"""What a data scientist does with MLflow's own client, against one address. Prints what it saw as JSON."""

import hashlib
import json
import os
import shutil
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

url, model, onnx = sys.argv[1:4]
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
mlflow.set_tracking_uri(url)
client = MlflowClient()
seen = {}


def refused(call):
    try:
        call()
    except MlflowException as error:
        return error.error_code
    return None


experiment_id = mlflow.create_experiment(f"experiment of {model}", tags={"team": "flights"})
seen["experimentAgain"] = refused(lambda: mlflow.create_experiment(f"experiment of {model}"))
mlflow.set_experiment(f"experiment of {model}")

with mlflow.start_run(run_name="first", tags={"kind": "test"}) as run:
    mlflow.log_params({"depth": 3, "trainer": "mlp"})
    mlflow.log_metrics({"auc": 0.61, "loss": float("nan")}, step=0)
    mlflow.log_metric("auc", 0.67, step=1)
    mlflow.set_tag("verdict", "good")
    seen["paramAgain"] = refused(lambda: client.log_param(run.info.run_id, "depth", 4))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        shutil.copy(onnx, path)
        mlflow.log_artifact(path, "model")
with mlflow.start_run(run_name="second"):
    mlflow.log_metric("auc", 0.5)
with mlflow.start_run(run_name="third", nested=False):
    mlflow.log_metric("auc", 0.7)

run_id = run.info.run_id
data = client.get_run(run_id).data
seen["params"], seen["auc"], seen["verdict"] = data.params, data.metrics["auc"], data.tags["verdict"]
seen["history"] = [point.value for point in client.get_metric_history(run_id, "auc")]
seen["artifacts"] = [file.path for file in client.list_artifacts(run_id, "model")]


def names(**search):
    found = mlflow.search_runs([experiment_id], output_format="list", **search)
    return [each.info.run_name for each in found]


seen["good"] = names(filter_string="metrics.auc > 0.6 and attributes.status = 'FINISHED'", order_by=["metrics.auc DESC"])
seen["deep"] = names(filter_string="params.depth = '3' and tags.kind = 'test'")
seen["experiments"] = [each.name for each in mlflow.search_experiments(filter_string=f"name = 'experiment of {model}'")]

client.create_registered_model(model, tags={"team": "flights"}, description="made by the client")
seen["modelAgain"] = refused(lambda: client.create_registered_model(model))
source = f"{run.info.artifact_uri}/model"
version = client.create_model_version(model, source, run_id, tags={"stage": "candidate"})
by_run = client.create_model_version(model, f"runs:/{run_id}/model", run_id)
seen["versions"] = [version.version, by_run.version]
seen["otherRun"] = refused(lambda: client.create_model_version(model, source, "0123456789abcdef"))
seen["localFile"] = refused(lambda: client.create_model_version(model, "/etc", run_id))
client.update_model_version(model, "1", description="the first")
client.set_model_version_tag(model, "1", "checked", "yes")
client.set_registered_model_alias(model, "champion", "1")
seen["reserved"] = refused(lambda: client.set_registered_model_alias(model, "latest", "1"))
champion = client.get_model_version_by_alias(model, "champion")
seen["champion"] = [champion.version, champion.run_id, champion.description, champion.tags["checked"]]
seen["aliases"] = client.get_registered_model(model).aliases
seen["found"] = sorted(int(each.version) for each in client.search_model_versions(f"name = '{model}' and run_id = '{run_id}'"))
seen["models"] = [each.name for each in client.search_registered_models(f"name = '{model}'")]
with tempfile.TemporaryDirectory() as folder:
    local = mlflow.artifacts.download_artifacts(f"models:/{model}@champion", dst_path=folder)
    with open(os.path.join(local, "model.onnx"), "rb") as file:
        seen["downloaded"] = hashlib.sha256(file.read()).hexdigest()
client.set_registered_model_alias(model, "old", "2")
client.delete_registered_model_alias(model, "old")
seen["noAlias"] = refused(lambda: client.get_model_version_by_alias(model, "old"))
copy = client.copy_model_version(f"models:/{model}@champion", f"{model} copy")
seen["copied"] = [copy.version, copy.source, copy.tags["checked"]]
client.transition_model_version_stage(model, "1", "production")
client.transition_model_version_stage(model, "2", "Production", archive_existing_versions=True)
seen["stages"] = {each.current_stage: each.version for each in client.get_latest_versions(model)}
client.rename_registered_model(f"{model} copy", f"{model} renamed")
seen["renamed"] = refused(lambda: client.get_registered_model(f"{model} copy"))
seen["alongWithIt"] = client.get_model_version(f"{model} renamed", "1").run_id == run_id
client.delete_registered_model(f"{model} renamed")
client.delete_model_version_tag(model, "1", "checked")
client.delete_model_version(model, "2")
seen["left"] = [each.version for each in client.search_model_versions(f"name = '{model}'")]
seen["runId"] = run_id
print(json.dumps(seen))
