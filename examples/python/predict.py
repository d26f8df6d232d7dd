"""Sends one flight as Avro and waits for its prediction.

    pip install "confluent-kafka[avro,schemaregistry]"
    python examples/python/predict.py

The demo (npm start) runs the deployment flight-delays on these topics. The platform's gateway serves the schema registry.
"""

import math
import os
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

BROKERS = os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092")
REGISTRY = SchemaRegistryClient({"url": os.environ.get("SCHEMA_REGISTRY_URL", "http://127.0.0.1:8080")})
FEATURES, PREDICTIONS = "flights.features", "headrace.predictions"

flight = {
    "flightId": f"python-{uuid.uuid4()}",
    "departedAt": 979583400000,  # 2001-01-15 18:30, ms since the epoch
    "origin": "ORD",
    "destination": "LGA",
    "distance": 733.0,
    "hour": 18,
    "hourSin": math.sin(2 * math.pi * 18 / 24),
    "hourCos": math.cos(2 * math.pi * 18 / 24),
    "weekday": 1,
    "originLateRate": 0.35,
    "destinationLateRate": 0.3,
    "networkLateRate": 0.25,
}


def from_the_end():
    """A consumer of what is committed from now on."""
    consumer = Consumer(
        {
            "bootstrap.servers": BROKERS,
            "group.id": flight["flightId"],
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
        }
    )
    ends = []
    for partition in consumer.list_topics(PREDICTIONS, timeout=10).topics[PREDICTIONS].partitions:
        place = TopicPartition(PREDICTIONS, partition)
        place.offset = consumer.get_watermark_offsets(place, timeout=10)[1]
        ends.append(place)
    consumer.assign(ends)
    return consumer


def send():
    """Writes the flight with the schema that the topic's subject has."""
    schema = REGISTRY.get_latest_version(f"{FEATURES}-value").schema
    serializer = AvroSerializer(REGISTRY, schema.schema_str, conf={"auto.register.schemas": False, "use.latest.version": True})
    value = serializer(flight, SerializationContext(FEATURES, MessageField.VALUE))
    producer = Producer({"bootstrap.servers": BROKERS, "enable.idempotence": True})
    producer.produce(FEATURES, key=flight["origin"], value=value)
    producer.flush(10)


def prediction(consumer):
    """The first prediction of this flight by the deployment flight-delays."""
    deserializer = AvroDeserializer(REGISTRY)
    while True:
        message = consumer.poll(30)
        if message is None:
            raise TimeoutError("no prediction within 30 s: is the deployment flight-delays running?")
        if message.error():
            raise RuntimeError(message.error())
        value = deserializer(message.value(), SerializationContext(PREDICTIONS, MessageField.VALUE))
        if value["recordId"] == flight["flightId"] and value["deployment"] == "flight-delays":
            return value


consumer = from_the_end()
send()
answer = prediction(consumer)
consumer.close()
print(f"{flight['flightId']}: late with probability {answer['score']:.3f} by {answer['model']} v{answer['version']}")
