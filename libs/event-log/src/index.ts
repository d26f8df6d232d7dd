export { placeOf } from './dead-letters.js';
export { ATTEMPTS, attemptOf, isForGroup, isRedriven, REDRIVE_GROUP } from './redriven.js';
export { headerText } from './event-headers.js';
export * from './event-log.js';
export { InMemoryEventLog } from './in-memory-event-log.js';
export { KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.js';
export { framingOf, newFraming, VALUE_SCHEMA_ID_HEADER, type Framing } from './framing.js';
export { framingOfRow } from './row-framing.js';
export { jsonValue, withoutEnvelope } from './json-value.js';
export { ReaderSchemas, type ReaderSchema } from './reader-schemas.js';
export {
  ConfluentSchemaRegistry,
  InMemorySchemaRegistry,
  schemaGuid,
  type RegisteredSchema,
  type SchemaRef,
  type SchemaRegistry,
} from './schema-registry.js';
export { refOf, Serde, type EncodedValue } from './serde.js';
export { storedEventPublisher } from './stored-events.js';
export { asEventTime, asRecordId, asTruth, eventTimeOf, fieldsOf, recordIdOf } from './record-fields.js';
