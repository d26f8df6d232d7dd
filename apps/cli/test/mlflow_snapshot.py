"""All that a server holds, as MLflow's client reads it, with names in place of ids: two servers hold the same when this prints the same."""

import hashlib
import json
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

url = sys.argv[1]
mlflow.set_tracking_uri(url)
client = MlflowClient()
names = {}
OWN = "headrace.import."


def every(search, **asked):
    token = None
    while True:
        page = search(page_token=token, **asked)
        yield from page
        token = page.token
        if not token:
            return


def files(list_files, download):
    found = {}

    def walk(folder):
        for each in list_files(folder):
            if each.is_dir:
                walk(each.path)
            else:
                with tempfile.TemporaryDirectory() as target, open(download(each.path, target), "rb") as file:
                    found[each.path] = [each.file_size, hashlib.sha256(file.read()).hexdigest()]

    walk(None)
    return found


def tags(given):
    return {key: names.get(value, value) for key, value in given.items() if not key.startswith(OWN)}


def point(metric):
    return [metric.key, str(metric.value), metric.timestamp, metric.step]


def run_of(run):
    run_id = run.info.run_id
    inputs = [[each.dataset.to_dictionary(), [[tag.key, tag.value] for tag in each.tags]] for each in run.inputs.dataset_inputs]
    return {
        "info": [run.info.run_name, run.info.user_id, run.info.status, run.info.start_time, run.info.end_time],
        "params": run.data.params,
        "tags": tags(run.data.tags),
        "metrics": {key: sorted(map(point, client.get_metric_history(run_id, key))) for key in run.data.metrics},
        "latest": {key: str(value) for key, value in run.data.metrics.items()},
        "inputs": sorted(inputs, key=json.dumps),
        "outputs": [names[each.model_id] for each in (run.outputs.model_outputs if run.outputs else [])],
        "files": files(
            lambda folder: client.list_artifacts(run_id, folder),
            lambda path, target: mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=target),
        ),
    }


def model_of(model):
    return {
        "info": [model.name, model.model_type, str(model.status), names.get(model.source_run_id)],
        "params": model.params,
        "tags": tags(model.tags),
        "metrics": [[*point(each), names[each.run_id], each.dataset_name, each.dataset_digest] for each in model.metrics or []],
        "files": files(
            lambda folder: client.list_logged_model_artifacts(model.model_id, folder),
            lambda path, target: mlflow.artifacts.download_artifacts(f"{model.artifact_location}/{path}", dst_path=target),
        ),
    }


def source_of(version):
    source = version.source
    for at, name in names.items():
        source = source.replace(at, name)
    return source.replace("mlflow-artifacts:///", "mlflow-artifacts:/")


experiments = list(every(client.search_experiments, view_type=ViewType.ACTIVE_ONLY))
for each in experiments:
    names[f"mlflow-artifacts:/{each.experiment_id}/"] = f"mlflow-artifacts:/{each.name}/"
runs = {e.name: list(every(client.search_runs, experiment_ids=[e.experiment_id], max_results=100)) for e in experiments}
models = {e.name: list(every(client.search_logged_models, experiment_ids=[e.experiment_id])) for e in experiments}
for run in sum(runs.values(), []):
    names[run.info.run_id] = f"run '{run.info.run_name}'"
for model in sum(models.values(), []):
    names[model.model_id] = f"model '{model.name}'"

registered = {}
prompts = "tags.`mlflow.prompt.is_prompt` = 'true'"
for model in [*every(client.search_registered_models), *every(client.search_registered_models, filter_string=prompts)]:
    found = []
    for number in range(1, 10):
        try:
            found.append(client.get_model_version(model.name, str(number)))
        except mlflow.MlflowException:
            pass
    registered[model.name] = {
        "model": [model.description or "", tags(model.tags), model.aliases],
        "versions": [
            [v.version, source_of(v), names.get(v.run_id), v.current_stage, v.description or "", tags(v.tags), v.creation_timestamp]
            for v in found
        ],
    }

snapshot = {
    "experiments": {e.name: tags(e.tags) for e in experiments},
    "runs": {name: sorted((run_of(run) for run in found), key=lambda run: run["info"][0]) for name, found in runs.items()},
    "models": {name: [model_of(model) for model in found] for name, found in models.items()},
    "registered": registered,
}
print(json.dumps(snapshot, sort_keys=True, ensure_ascii=False))
