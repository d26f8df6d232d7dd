export { placeOf } from './dead-letters.js';
export { publishAgain } from './publish-again.js';
export { ATTEMPTS, attemptOf, isForGroup, isRedriven, REDRIVE_GROUP } from './redriven.js';
export { eventHeaders, headerText } from './event-headers.js';
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
  type SubjectSchema,
} from './schema-registry.js';
export { refOf, Serde, type EncodedValue } from './serde.js';
export { topicName } from './topic-name.js';
export { storedEventPublisher } from './stored-events.js';
export { asEventTime, asRecordId, asTruth, eventTimeOf, fieldAt, fieldsOf, recordIdOf } from './record-fields.js';
export { compilePlan, ColumnPlan, Read } from './avro/column-plan.js';
export { DecodedRows } from './avro/decoded-rows.js';
export { type WantedFields } from './avro/wanted-fields.js';
export { describeValue, readFeatures, type FeatureFault } from './read-features.js';
export { unitsPerMs } from './avro/writer-type.js';
export { ValueReader } from './avro/value-reader.js';
export type { RecordColumns } from './columns/record-columns.js';
export { RecordBatchWriter } from './columns/record-batch-writer.js';
export { varintSize, varlongSize, writeVarint, writeVarlong } from './columns/varint.js';
export { BatchWalker } from './columns/walk-batches.js';
export { rowOf } from './columns/row-view.js';
