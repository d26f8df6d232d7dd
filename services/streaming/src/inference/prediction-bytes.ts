import type { RecordBatchWriter, RecordColumns, DecodedRows } from '@headrace/event-log';
import { varintSize, varlongSize, writeVarint, writeVarlong } from '@headrace/event-log';
import { avroLongs, avroStrings, concatBytes, put, putRange } from './avro-bytes.js';
import { IsoTime, isoTimeBytes } from './iso-time.js';
import type { OutputColumn } from './output-columns.js';
import { TraceBytes, TRACEPARENT_BYTES } from './trace-bytes.js';

/** What all predictions of one batch have in common. */
export interface PredictionOrigin {
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly runId: string | null;
  /** The input. */
  readonly topic: string;
  readonly partition: number;
  /** Schema id of PredictionMade under the output topic's subject. */
  readonly schemaId: number;
  readonly outputTopic: string;
  /** Name of the service that writes (ce_source). */
  readonly source: string;
  /** Whether the features are repeated. */
  readonly echo: boolean;
}

const HEADERS = 6;
const PREFIX_BYTES = 5;
const DOUBLE = 0;
const STRING = 2;

/**
 * Writes PredictionMade events, CloudEvents and trace headers straight into records. Whatever does not change from row to row is
 * encoded once; equal to what Serde and eventHeaders make of the same event, byte for byte (but for the random span).
 */
export class PredictionBytes {
  private readonly time = new IsoTime();
  private readonly prefix: Uint8Array;
  private readonly deployment: Uint8Array;
  private readonly afterId: Uint8Array;
  private readonly input: Uint8Array;
  private readonly features: Uint8Array;
  private readonly beforeCeId: Uint8Array;
  private readonly afterCeId: Uint8Array;
  private readonly beforeTrace: Uint8Array;
  private readonly featureBytes: Buffer;
  private readonly echo: boolean;
  private readonly timestampMs = Date.now();
  private bytes: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    origin: PredictionOrigin,
    private readonly columns: RecordColumns,
    private readonly rows: DecodedRows,
    /** By decoded row: where the input's traceparent begins in the columns' bytes, −1 where there is none. */
    private readonly traces: Int32Array,
    private readonly trace: TraceBytes,
  ) {
    const { schemaId, deployment, model, version, runId, topic, partition } = origin;
    this.prefix = new Uint8Array(PREFIX_BYTES);
    new DataView(this.prefix.buffer).setUint32(1, schemaId);
    this.deployment = Buffer.from(`${deployment}:`);
    this.afterId = concatBytes(
      avroStrings(deployment, model),
      avroLongs(version),
      runId === null ? avroLongs(0) : concatBytes(avroLongs(1), avroStrings(runId)),
    );
    this.features =
      origin.echo && rows.width > 0 ? avroLongs(1, rows.width) : avroLongs(...(origin.echo ? [1, 0] : [0]));
    this.input = concatBytes(avroLongs(1), avroStrings(topic), avroLongs(partition));
    this.echo = origin.echo && rows.width > 0;
    this.featureBytes = Buffer.from(rows.features.buffer, rows.features.byteOffset, rows.features.byteLength);
    this.beforeCeId = concatBytes(avroStrings('ce_specversion', '1.0', 'ce_id'));
    this.afterCeId = avroStrings('ce_source', `/headrace/${origin.source}`, 'ce_type', origin.outputTopic, 'ce_time');
    this.beforeTrace = concatBytes(avroStrings('traceparent'), avroLongs(TRACEPARENT_BYTES));
  }

  private outputs: readonly OutputColumn[] = [];
  private score: OutputColumn | undefined;
  private outputBytes = 0;
  private outputCount: Uint8Array = new Uint8Array(0);

  /** The model's answers that `write` takes rows from. */
  answers(outputs: readonly OutputColumn[], score: string | undefined): void {
    this.outputs = outputs;
    const column = outputs.find(({ name }) => name === score);
    this.score = column?.numbers && column.width > 0 ? column : undefined;
    this.outputCount = outputs.length > 0 ? avroLongs(outputs.length) : new Uint8Array(0);
    // Each row's values end with a 0, and so do the outputs.
    this.outputBytes = outputs.reduce(
      (sum, { head, width, numbers }) => sum + head.length + 1 + (numbers ? width * 9 : 0),
      this.outputCount.length + 1,
    );
  }

  /** Writes one prediction: for the decoded row `slot`, of the answers' row `at`. */
  write(writer: RecordBatchWriter, slot: number, at: number): void {
    const { columns, rows } = this;
    const row = rows.records[slot]!;
    const idLength = rows.idLengths[slot]!;
    const predictionIdLength = this.deployment.length + idLength;
    const eventTime = rows.times[slot]!;
    const offset = columns.offsets[row]!;
    const isoBytes = isoTimeBytes(eventTime);
    const valueBytes =
      PREFIX_BYTES +
      varintSize(predictionIdLength) +
      predictionIdLength +
      varintSize(idLength) +
      idLength +
      this.afterId.length +
      varlongSize(eventTime) +
      (this.score ? 9 : 1) +
      this.outputBytes +
      this.textBytes(at) +
      this.features.length +
      (this.echo ? rows.width * 8 + 1 : 0) +
      this.input.length +
      varlongSize(offset);
    const headersBytes =
      this.beforeCeId.length +
      varintSize(predictionIdLength) +
      predictionIdLength +
      this.afterCeId.length +
      varintSize(isoBytes) +
      isoBytes +
      this.beforeTrace.length +
      TRACEPARENT_BYTES;
    const keyStart = columns.keyStarts[row]!;
    const key = keyStart < 0 ? null : columns.bytes;
    let to = writer.begin(this.timestampMs, key, keyStart, columns.keyEnds[row]!, valueBytes, headersBytes, HEADERS);
    if (writer.bytes !== this.bytes) this.use(writer.bytes);
    const { bytes } = this;
    to = put(bytes, to, this.prefix);
    to = this.putPredictionId(to, slot, predictionIdLength);
    to = writeVarint(bytes, to, idLength);
    to = this.putId(to, slot);
    to = put(bytes, to, this.afterId);
    to = writeVarlong(bytes, to, eventTime);
    to = this.putScore(to, at);
    to = this.putOutputs(to, at);
    to = this.putFeatures(to, slot);
    to = put(bytes, to, this.input);
    to = writeVarlong(bytes, to, offset);
    to = writer.beginHeaders(to);
    to = put(bytes, to, this.beforeCeId);
    to = this.putPredictionId(to, slot, predictionIdLength);
    to = put(bytes, to, this.afterCeId);
    to = writeVarint(bytes, to, isoBytes);
    to = this.time.write(bytes, to, eventTime);
    to = put(bytes, to, this.beforeTrace);
    writer.end(this.trace.write(bytes, to, columns.bytes, this.traces[slot]!));
  }

  private use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private putPredictionId(to: number, slot: number, length: number): number {
    to = writeVarint(this.bytes, to, length);
    return this.putId(put(this.bytes, to, this.deployment), slot);
  }

  private putId(to: number, slot: number): number {
    const { rows } = this;
    const start = rows.idStarts[slot]!;
    if (start >= 0) return putRange(this.bytes, to, this.columns.bytes, start, rows.idLengths[slot]!);
    return putRange(this.bytes, to, rows.texts, -1 - start, rows.idLengths[slot]!);
  }

  private putScore(to: number, at: number): number {
    const { bytes, score } = this;
    if (!score) {
      bytes[to] = 0;
      return to + 1;
    }
    bytes[to] = 2;
    this.view.setFloat64(to + 1, score.numbers![(at + 1) * score.width - 1]!, true);
    return to + 9;
  }

  private putOutputs(to: number, at: number): number {
    const { bytes, view } = this;
    to = put(bytes, to, this.outputCount);
    for (const { head, width, numbers, texts } of this.outputs) {
      to = put(bytes, to, head);
      const end = (at + 1) * width;
      for (let from = at * width; from < end; from++) {
        if (numbers) {
          bytes[to] = DOUBLE;
          view.setFloat64(to + 1, numbers[from]!, true);
          to += 9;
        } else {
          bytes[to] = STRING;
          const text = texts[from]!;
          to = writeVarint(bytes, to + 1, Buffer.byteLength(text));
          to += bytes.write(text, to);
        }
      }
      bytes[to++] = 0;
    }
    bytes[to] = 0;
    return to + 1;
  }

  private putFeatures(to: number, slot: number): number {
    to = put(this.bytes, to, this.features);
    if (!this.echo) return to;
    const length = this.rows.width * 8;
    this.featureBytes.copy(this.bytes, to, slot * length, (slot + 1) * length);
    this.bytes[to + length] = 0;
    return to + length + 1;
  }

  /** Bytes of the values that are text, with branch and length. */
  private textBytes(at: number): number {
    let sum = 0;
    for (const { numbers, texts, width } of this.outputs) {
      if (numbers) continue;
      for (let from = at * width; from < (at + 1) * width; from++) {
        const length = Buffer.byteLength(texts[from]!);
        sum += 1 + varintSize(length) + length;
      }
    }
    return sum;
  }
}
