export { placeOf } from './dead-letters.js';
export { headerText } from './event-headers.js';
export * from './event-log.js';
export { EventLogModule } from './event-log.module.js';
export { InMemoryEventLog } from './in-memory-event-log.js';
export { KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.js';
export { OnBatch } from './on-batch.js';
export { InMemorySchemaRegistry, type SchemaRegistry } from './schema-registry.js';
export { Serde } from './serde.js';
