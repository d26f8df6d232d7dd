"""Writes rows as Python users do, with confluent-kafka. One JSON object in argv[1]; says what was not delivered, and the schema's id and GUID."""

import json
import sys

from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext


def encoder(given, registry):
    """A function of a row and the record's headers, which it may add to."""
    if "schema" not in given:
        return lambda row, headers: json.dumps(row).encode()
    conf = {"schema.id.serializer": header_schema_id_serializer} if given.get("header") else {}
    serializer = AvroSerializer(registry, given["schema"], conf=conf)
    context = lambda headers: SerializationContext(given["topic"], MessageField.VALUE, headers)
    return lambda row, headers: serializer(row, context(headers))


def main():
    given = json.loads(sys.argv[1])
    registry = SchemaRegistryClient({"url": given["registry"]})
    producer = Producer(
        {"bootstrap.servers": given["brokers"], "compression.type": given.get("codec", "none"), "linger.ms": 50}
    )
    encode = encoder(given, registry)
    try:
        for row in given["rows"]:
            headers = []
            value = encode(row, headers)
            producer.produce(given["topic"], key=str(row["id"]), value=value, headers=headers)
    except SchemaRegistryError as error:
        print(json.dumps({"refused": {"status": error.http_status_code, "message": error.error_message}}))
        return
    print(json.dumps({"undelivered": producer.flush(30)}))


main()
