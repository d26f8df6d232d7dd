"""What a Python user does with confluent-kafka against the platform's schema registry. One JSON object in argv[2], one on stdout."""

import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext


def write(registry, given):
    """Serialises rows with the schema, registering it, and produces them."""
    serializer = AvroSerializer(registry, given["schema"])
    producer = Producer({"bootstrap.servers": given["brokers"]})
    context = SerializationContext(given["topic"], MessageField.VALUE)
    for row in given["rows"]:
        producer.produce(given["topic"], value=serializer(row, context))
    return {"undelivered": producer.flush(20)}


def read(registry, given):
    """Deserialises the first `count` records of partition 0 with the schemas that wrote them."""
    deserializer = AvroDeserializer(registry)
    consumer = Consumer({"bootstrap.servers": given["brokers"], "group.id": given["topic"]})
    consumer.assign([TopicPartition(given["topic"], 0, 0)])
    context = SerializationContext(given["topic"], MessageField.VALUE)
    values = []
    while len(values) < given["count"]:
        message = consumer.poll(20)
        if message is None:
            raise TimeoutError(f"read {len(values)} of {given['count']} records")
        if message.error():
            raise RuntimeError(message.error())
        values.append(deserializer(message.value(), context))
    consumer.close()
    return {"values": values}


def evolve(registry, given):
    """Asks for and then tries an incompatible change; walks the rest of the client's API once."""
    subject, schema = given["subject"], Schema(given["schema"], "AVRO")
    compatible = registry.test_compatibility(subject, schema)
    try:
        registry.register_schema(subject, schema)
        refused = None
    except SchemaRegistryError as error:
        refused = {"status": error.http_status_code, "code": error.error_code}
    latest = registry.get_latest_version(subject)
    found = registry.lookup_schema(subject, latest.schema)
    return {
        "compatible": compatible,
        "refused": refused,
        "latest": {"id": latest.schema_id, "version": latest.version, "guid": latest.guid},
        "found": {"id": found.schema_id, "version": found.version, "guid": found.guid},
        "by_guid": registry.get_schema_by_guid(latest.guid).schema_str == latest.schema.schema_str,
        "subjects": subject in registry.get_subjects(),
        "versions": registry.get_versions(subject),
        "level": (registry.set_compatibility(subject, "FULL"), registry.get_compatibility(subject))[1],
    }


def main():
    command, given = sys.argv[1], json.loads(sys.argv[2])
    registry = SchemaRegistryClient({"url": given["registry"]})
    result = {"write": write, "read": read, "evolve": evolve}[command](registry, given)
    print(json.dumps(result, default=str))


main()
