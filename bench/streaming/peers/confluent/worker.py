"""confluent-kafka: consume() a batch, one call of onnxruntime, one transaction with the offsets."""
import signal

import numpy
from confluent_kafka import Consumer, Producer, TopicPartition

import work

running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
work.wait_for_go()
score = work.load_model()
consumer = Consumer({
    "bootstrap.servers": work.BROKERS,
    "group.id": work.GROUP,
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "isolation.level": "read_committed",
    # Fetches go on in librdkafka's thread while a batch is scored.
    "fetch.max.bytes": 16 * 2**20,
    "max.partition.fetch.bytes": 4 * 2**20,
    "queued.max.messages.kbytes": 64 * 1024,
})
producer = Producer({
    "bootstrap.servers": work.BROKERS,
    "transactional.id": work.GROUP,
    "partitioner": "murmur2_random",
    "linger.ms": 5,
    "batch.size": 2**20 - 1024,
    "batch.num.messages": 10_000,
    "queue.buffering.max.messages": 500_000,
    "retry.backoff.ms": 5,
})
producer.init_transactions()
consumer.subscribe([work.INPUT])


def score_batch(messages):
    readings = [work.decode(message.value()) for message in messages]
    matrix = numpy.array([work.features_of(reading) for reading in readings], dtype=numpy.float32)
    labels, probabilities = score(matrix)
    for message, reading, label, both in zip(messages, readings, labels.tolist(), probabilities.tolist()):
        producer.produce(
            work.OUTPUT,
            work.encode(reading, label, both, message.partition(), message.offset()),
            message.key(),
            message.partition(),
            headers=work.headers_of(reading),
        )


def next_offsets(messages):
    last = {message.partition(): message.offset() for message in messages}
    return [TopicPartition(work.INPUT, partition, offset + 1) for partition, offset in last.items()]


while running:
    # Returns as soon as the batch is full, else after the timeout with what there is.
    messages = consumer.consume(work.BATCH, timeout=0.05)
    if not messages:
        continue
    for message in messages:
        if message.error():
            raise RuntimeError(message.error())
    producer.begin_transaction()
    score_batch(messages)
    producer.send_offsets_to_transaction(next_offsets(messages), consumer.consumer_group_metadata())
    producer.commit_transaction()
consumer.close()
