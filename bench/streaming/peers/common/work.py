"""What a Python peer is told (BENCH_* variables), its model, and prediction records as dictionaries for fastavro."""
import json
import os
import random
import sys
from datetime import datetime, timedelta
from io import BytesIO

import fastavro
import onnxruntime

EPOCH = datetime(1970, 1, 1)
FEATURES = 30


def setting(name):
    return os.environ[f"BENCH_{name}"]


BROKERS, INPUT, OUTPUT, GROUP = (setting(name) for name in ("BROKERS", "INPUT", "OUTPUT", "GROUP"))
DEPLOYMENT = setting("DEPLOYMENT")
BATCH = int(setting("BATCH"))
PREFIX = b"\0" + int(setting("SCHEMA_ID")).to_bytes(4, "big")
_fixed = {
    "deployment": DEPLOYMENT,
    "model": setting("MODEL_NAME"),
    "version": int(setting("MODEL_VERSION")),
    "runId": ("string", setting("RUN_ID")),
    "features": None,
}
_headers = [
    ("ce_specversion", b"1.0"),
    ("ce_source", setting("SOURCE").encode()),
    ("ce_type", OUTPUT.encode()),
]


def _schema(path):
    """Without logical types: times stay numbers, which spares a datetime a record. The bytes are the same."""

    def plain(node):
        if isinstance(node, dict):
            return {key: plain(value) for key, value in node.items() if key != "logicalType"}
        return [plain(each) for each in node] if isinstance(node, list) else node

    with open(path) as file:
        return fastavro.parse_schema(plain(json.load(file)))


_input_schema = _schema(setting("INPUT_SCHEMA"))
_output_schema = _schema(setting("OUTPUT_SCHEMA"))
_names = [f"f{n}" for n in range(FEATURES)]


def wait_for_go():
    """Everything imported is paid for before; what comes after is measured."""
    print("ready", flush=True)
    sys.stdin.readline()


def load_model():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(setting("MODEL_FILE"), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda matrix: session.run(None, {name: matrix})


def decode(value):
    """Confluent framing: the schema id (one writer here) is skipped. The record as a dictionary."""
    return fastavro.schemaless_reader(BytesIO(memoryview(value)[5:]), _input_schema, None)


def features_of(reading):
    return [reading[name] for name in _names]


def encode(reading, label, probabilities, partition, offset):
    """PredictionMade in Confluent framing. Branches of unions are named, so that fastavro need not try them."""
    record_id = reading["id"]
    into = BytesIO()
    into.write(PREFIX)
    place = {"topic": INPUT, "partition": partition, "offset": offset}
    record = {
        **_fixed,
        "predictionId": f"{DEPLOYMENT}:{record_id}",
        "recordId": record_id,
        "eventTime": reading["ts"],
        "score": ("double", probabilities[1]),
        "outputs": [
            {"name": "label", "datatype": "INT64", "shape": [], "values": [("double", float(label))]},
            {"name": "probabilities", "datatype": "FP32", "shape": [2], "values": [("double", each) for each in probabilities]},
        ],
        "input": ("dev.headrace.inference.RecordPlace", place),
    }
    fastavro.schemaless_writer(into, _output_schema, record)
    return into.getvalue()


def headers_of(reading):
    """CloudEvents and a new trace, as (name, bytes) pairs."""
    time = (EPOCH + timedelta(milliseconds=reading["ts"])).isoformat(timespec="milliseconds")
    trace = f"{random.getrandbits(192):048x}"
    return [
        *_headers,
        ("ce_id", f"{DEPLOYMENT}:{reading['id']}".encode()),
        ("ce_time", f"{time}Z".encode()),
        ("traceparent", f"00-{trace[:32]}-{trace[32:]}-01".encode()),
    ]
