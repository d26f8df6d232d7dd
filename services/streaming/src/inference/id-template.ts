import { avroLongs, avroStrings, concatBytes } from './avro-bytes.js';
import type { PredictionOrigin } from './prediction-origin.js';
import { TRACEPARENT_BYTES } from './trace-bytes.js';

export const HEADER_COUNT = 6;

/** Bytes that are the same for all predictions whose record id is of one length; the ids, the time and the trace are put in. */
export interface IdTemplate {
  /** From the value's beginning up to the event time, and where the ids go. */
  readonly value: Uint8Array;
  readonly predictionId: number;
  readonly recordId: number;
  /** All headers, and where the record id within ce_id, ce_time's and traceparent's values go. */
  readonly headers: Uint8Array;
  readonly ceId: number;
  readonly ceTime: number;
  readonly trace: number;
}

/** @param timeBytes length of ce_time */
export function idTemplate(origin: PredictionOrigin, idBytes: number, timeBytes: number): IdTemplate {
  const { deployment, model, version, runId, schemaId, source, outputTopic } = origin;
  const own = Buffer.from(`${deployment}:`);
  const id = new Uint8Array(idBytes);
  const prefix = new Uint8Array(5);
  new DataView(prefix.buffer).setUint32(1, schemaId);
  const beforeIds = concatBytes(prefix, avroLongs(own.length + idBytes), own);
  const between = avroLongs(idBytes);
  const run = runId === null ? avroLongs(0) : concatBytes(avroLongs(1), avroStrings(runId));
  // Kafka's varints are Avro's, so that a header is two strings.
  const beforeCeId = concatBytes(avroStrings('ce_specversion', '1.0', 'ce_id'), avroLongs(own.length + idBytes), own);
  const afterCeId = concatBytes(
    avroStrings('ce_source', `/headrace/${source}`, 'ce_type', outputTopic, 'ce_time'),
    avroLongs(timeBytes),
  );
  const beforeTrace = concatBytes(avroStrings('traceparent'), avroLongs(TRACEPARENT_BYTES));
  const ceTime = beforeCeId.length + idBytes + afterCeId.length;
  return {
    value: concatBytes(beforeIds, id, between, id, avroStrings(deployment, model), avroLongs(version), run),
    predictionId: beforeIds.length,
    recordId: beforeIds.length + idBytes + between.length,
    headers: concatBytes(
      beforeCeId,
      id,
      afterCeId,
      new Uint8Array(timeBytes),
      beforeTrace,
      new Uint8Array(TRACEPARENT_BYTES),
    ),
    ceId: beforeCeId.length,
    ceTime,
    trace: ceTime + timeBytes + beforeTrace.length,
  };
}
