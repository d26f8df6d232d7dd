"""Traces and evaluation datasets with MLflow's own client. Prints what it saw as JSON."""

import json
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

url, name = sys.argv[1:3]
mlflow.set_tracking_uri(url)
client = MlflowClient()
seen = {}
experiment = mlflow.set_experiment(name)
where = [experiment.experiment_id]


@mlflow.trace(span_type="TOOL")
def add(x, y):
    return x + y


@mlflow.trace(attributes={"fruit": "apple", "exact": 2**62 + 1, "ratio": 1.0})
def answer(question):
    mlflow.update_current_trace(tags={"team": "flights"}, metadata={"mlflow.trace.session": "s1"})
    return {"text": question, "sum": add(1, 2)}


@mlflow.trace
def fails():
    raise ValueError("no")


with mlflow.start_run() as run:
    answer("why?")
first = mlflow.get_last_active_trace_id()
try:
    fails()
except ValueError:
    pass
second = mlflow.get_last_active_trace_id()
mlflow.flush_trace_async_logging()

trace = mlflow.get_trace(first)
seen["spans"] = [[span.name, span.span_type, span.inputs, span.outputs] for span in trace.data.spans]
root = trace.data.spans[0]
seen["attributes"] = [root.get_attribute(key) for key in ("fruit", "exact", "ratio")]
seen["state"], seen["team"] = trace.info.state.value, trace.info.tags["team"]
seen["preview"] = trace.info.request_preview
seen["sameAsLocal"] = json.loads(trace.to_json())["data"] == json.loads(client.get_trace(first).to_json())["data"]


def found(filter_string=None, **more):
    traces = mlflow.search_traces(locations=where, filter_string=filter_string, return_type="list", **more)
    return [each.info.trace_id for each in traces]


names = {first: "first", second: "second"}
called = lambda ids: [names[each] for each in ids]
seen["newestFirst"] = called(found())
seen["oldestFirst"] = called(found(order_by=["timestamp_ms ASC"]))
seen["one"] = called(found(max_results=1))
seen["failed"] = called(found("status = 'ERROR'"))
seen["tagged"] = called(found("tags.team = 'flights' AND name = 'answer'"))
seen["session"] = called(found("metadata.`mlflow.trace.session` = 's1'"))
seen["span"] = called(found("span.type = 'TOOL'"))
seen["attribute"] = called(found("span.attributes.fruit LIKE 'app%'"))
seen["text"] = called(found("trace.text LIKE '%why?%'"))
seen["pattern"] = called(found("trace.name RLIKE '^ans'"))
seen["ofRun"] = called(found(run_id=run.info.run_id))
client.link_traces_to_run([second], run.info.run_id)
seen["linked"] = sorted(called(found(run_id=run.info.run_id)))
client.set_trace_tag(first, "team", "b")
client.set_trace_tag(first, "other", "c")
client.delete_trace_tag(first, "other")
tags = client.get_trace(first).info.tags
seen["tags"] = [tags["team"], "other" in tags]

feedback = mlflow.log_feedback(trace_id=first, name="good", value=0.5, rationale="so so")
better = mlflow.override_feedback(trace_id=first, assessment_id=feedback.assessment_id, value=1.0)
mlflow.log_expectation(trace_id=first, name="answer", value={"text": "because"})
seen["assessments"] = sorted([each.name, each.value, each.valid] for each in client.get_trace(first).info.assessments if each.feedback)
mlflow.delete_assessment(trace_id=first, assessment_id=better.assessment_id)
seen["assessed"] = [mlflow.get_assessment(first, feedback.assessment_id).valid, client.get_trace(first).info.assessments[-1].name]

dataset = client.create_dataset(f"{name} cases", where, {"kind": "smoke"})
records = [
    {"inputs": {"q": "a", "n": 1.0}, "expectations": {"answer": "1"}, "tags": {"hard": "no"}},
    {"inputs": {"q": "b"}, "outputs": {"text": "x"}},
]
store = client._tracking_client.store
seen["inserted"] = store.upsert_dataset_records(dataset.dataset_id, records)
again = [{"inputs": {"n": 1.0, "q": "a"}, "expectations": {"more": 2}, "tags": {"seen": "twice"}}]
seen["updated"] = store.upsert_dataset_records(dataset.dataset_id, again)
kept, _ = store._load_dataset_records(dataset.dataset_id)
seen["records"] = [[each.inputs, each.outputs, each.expectations, each.tags] for each in kept]
page, token = store._load_dataset_records(dataset.dataset_id, max_results=1)
rest, end = store._load_dataset_records(dataset.dataset_id, max_results=1, page_token=token)
seen["pages"] = [page[0].inputs["q"], rest[0].inputs["q"], end]
same = client.get_dataset(dataset.dataset_id)
seen["dataset"] = [same.name, same.tags, same.experiment_ids == where, json.loads(same.profile)]
seen["schema"] = json.loads(same.schema)["inputs"]
seen["datasets"] = [each.name == same.name for each in client.search_datasets(where, "tags.kind = 'smoke'", order_by=["name ASC"])]
client.set_dataset_tags(dataset.dataset_id, {"kind": "b", "k": "v"})
client.delete_dataset_tag(dataset.dataset_id, "k")
seen["datasetTags"] = client.get_dataset(dataset.dataset_id).tags
other = client.create_experiment(f"{name} other")
store.add_dataset_to_experiments(dataset.dataset_id, [other])
seen["added"] = sorted(store.get_dataset_experiment_ids(dataset.dataset_id)) == sorted(where + [other])
store.remove_dataset_from_experiments(dataset.dataset_id, [other])
seen["removed"] = store.get_dataset_experiment_ids(dataset.dataset_id) == where
seen["deletedRecords"] = store.delete_dataset_records(dataset.dataset_id, [kept[0].dataset_record_id])
client.delete_dataset(dataset.dataset_id)
try:
    client.get_dataset(dataset.dataset_id)
except MlflowException as error:
    seen["gone"] = error.error_code

seen["deleted"] = client.delete_traces(experiment.experiment_id, trace_ids=[second])
seen["left"] = called(found())
seen["ids"] = [first, second, dataset.dataset_id]
print(json.dumps(seen))
