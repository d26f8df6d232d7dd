"""Fills an MLflow server with what people have there: nested runs, histories, files, logged models, a registry with gaps. RUNS runs and some more."""

import os
import shutil
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag
from mlflow.entities.logged_model_status import LoggedModelStatus

url, runs, onnx = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
mlflow.set_tracking_uri(url)
client = MlflowClient()
START = 1_700_000_000_000

churn = client.create_experiment("churn", tags={"team": "growth", "note": "a 'quoted' one"})
client.log_param(client.create_run("0", run_name="in the default experiment", start_time=START).info.run_id, "a", "b")

parent = client.create_run(churn, run_name="parent", start_time=START, tags={"kind": "search"}).info.run_id
with tempfile.TemporaryDirectory() as folder:
    os.makedirs(f"{folder}/deep/deeper")
    for number in range(runs):
        run = client.create_run(
            churn, run_name=f"child {number}", start_time=START + number, tags={"mlflow.parentRunId": parent, "fold": str(number)}
        ).info.run_id
        points = 1700 if number == 0 else 12
        client.log_batch(
            run,
            metrics=[Metric("loss", 1 / (step + 1), START + step, step) for step in range(min(points, 1000))],
            params=[Param(f"p{at}", "x" * 50) for at in range(100)],
            tags=[RunTag("long", "y" * 4000)],
        )
        if points > 1000:
            client.log_batch(run, [Metric("loss", 1 / (step + 1), START + step, step) for step in range(1000, points)])
            client.log_batch(run, params=[Param(f"q{at}", str(at)) for at in range(30)])
        client.log_metric(run, "auc", float("nan"), START, 0)
        client.log_metric(run, "auc", 0.5 + number / 1000, START + 5, 1)
        client.log_metric(run, "negative step", float("inf"), START, -3)
        with open(f"{folder}/deep/deeper/fichier é {number}.txt", "w") as file:
            file.write(f"run {number}\n" * 5000)
        client.log_artifacts(run, folder)
        os.remove(f"{folder}/deep/deeper/fichier é {number}.txt")
        dataset = Dataset("rows", f"d{number % 3}", "local", '{"uri": "rows.csv"}', schema="{}", profile='{"num_rows": 3}')
        client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
        client.set_terminated(run, ["FINISHED", "FAILED", "KILLED"][number % 3], START + 1000 + number)
    client.log_metric(parent, "best", 0.9, START, 0)

    model = client.create_logged_model(churn, "classifier", parent, {"level": "gold"}, {"depth": "3"}, "onnx")
    shutil.copy(onnx, f"{folder}/model.onnx")
    client.log_model_artifacts(model.model_id, folder)
    client.log_outputs(parent, [LoggedModelOutput(model.model_id, 0)])
    client.log_metric(parent, "accuracy", 0.75, START + 7, 2, model_id=model.model_id, dataset_name="rows", dataset_digest="d0")
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.log_artifact(parent, f"{folder}/model.onnx", "onnx")
client.set_terminated(parent, "FINISHED", START + 10)

gone = client.create_run(churn, run_name="deleted").info.run_id
client.delete_run(gone)

client.create_registered_model("churn", {"owner": "ada"}, "who leaves")
root = client.get_run(parent).info.artifact_uri
made = []
for number in range(1, 7):
    source, model_id = [
        (f"{root}/onnx", None),
        (f"models:/{model.model_id}", model.model_id),
        (f"runs:/{parent}/onnx", None),
    ][number % 3]
    made.append(
        client.create_model_version("churn", source, parent, {"number": str(number)}, description=f"the {number}.", model_id=model_id)
    )
client.transition_model_version_stage("churn", "3", "Production")
client.transition_model_version_stage("churn", "1", "Archived")
for alias, version in (("champion", "3"), ("challenger", "6")):
    client.set_registered_model_alias("churn", alias, version)
for version in ("2", "5"):
    client.delete_model_version("churn", version)
client.copy_model_version("models:/churn@champion", "churn in production")
client.create_registered_model("it's empty")
mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}")
