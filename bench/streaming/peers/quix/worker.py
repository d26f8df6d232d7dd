"""Quix Streams: a StreamingDataFrame with exactly-once checkpoints. It hands over one record at a time, so the model is called once a record."""
import logging

import numpy
from quixstreams import Application, message_context

import work

work.wait_for_go()
score = work.load_model()
application = Application(
    broker_address=work.BROKERS,
    consumer_group=work.GROUP,
    auto_offset_reset="earliest",
    processing_guarantee="exactly-once",
    auto_create_topics=False,
    # A checkpoint is a transaction: its cost is spread over so many records.
    commit_every=work.BATCH,
    commit_interval=5.0,
    consumer_extra_config={"fetch.max.bytes": 16 * 2**20, "max.partition.fetch.bytes": 4 * 2**20},
    # The same partition for a key as Java's producer chooses.
    producer_extra_config={"partitioner": "murmur2_random", "linger.ms": 5, "batch.size": 2**20 - 1024, "retry.backoff.ms": 5},
    loglevel=logging.WARNING,
)
source = application.topic(work.INPUT, value_deserializer="bytes", key_deserializer="bytes")
target = application.topic(work.OUTPUT, value_serializer="bytes", key_serializer="bytes")


def predict(value):
    """(headers, value) of the prediction."""
    reading = work.decode(value)
    labels, probabilities = score(numpy.array([work.features_of(reading)], dtype=numpy.float32))
    context = message_context()
    encoded = work.encode(reading, int(labels[0]), probabilities[0].tolist(), context.partition, context.offset)
    return work.headers_of(reading), encoded


frame = application.dataframe(source).apply(predict)
frame = frame.set_headers(lambda prediction, key, timestamp, headers: prediction[0])
frame.apply(lambda prediction: prediction[1]).to_topic(target)
application.run()
