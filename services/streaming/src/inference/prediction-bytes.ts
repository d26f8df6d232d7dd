import type { DecodedRows, RecordBatchWriter, RecordColumns } from '@headrace/event-log';
import { answerTemplate, type AnswerTemplate } from './answer-template.js';
import { longSize, putLong, putRange } from './avro-bytes.js';
import { HEADER_COUNT, idTemplate, type IdTemplate } from './id-template.js';
import { IsoTime, isoTimeBytes } from './iso-time.js';
import type { OutputColumn } from './output-columns.js';
import type { PredictionOrigin } from './prediction-origin.js';
import type { TraceBytes } from './trace-bytes.js';

const DOUBLE_BYTES = 8;

/**
 * Writes PredictionMade events, CloudEvents and trace headers straight into records, equal to what Serde and eventHeaders make of the
 * same event, byte for byte (but for the random span). A record is copied from templates, one for the length of its id and one for the
 * model's outputs; only what differs from row to row is put in.
 */
export class PredictionBytes {
  private readonly time = new IsoTime();
  private readonly timestampMs = Date.now();
  private readonly featureBytes: Buffer;
  /** By length of the record id and of the time's text. */
  private readonly idTemplates = new Map<number, IdTemplate>();
  private outputs: readonly OutputColumn[] = [];
  private score: OutputColumn | undefined;
  /** Undefined where each row needs its own. */
  private answer: AnswerTemplate | undefined;
  private bytes: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    private readonly origin: PredictionOrigin,
    private readonly columns: RecordColumns,
    private readonly rows: DecodedRows,
    /** By decoded row: where the input's traceparent begins in the columns' bytes, −1 where there is none. */
    private readonly traces: Int32Array,
    private readonly trace: TraceBytes,
  ) {
    const { buffer, byteOffset, byteLength } = rows.features;
    this.featureBytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  /** The model's answers that `write` takes rows from. */
  answers(outputs: readonly OutputColumn[], score: OutputColumn | undefined): void {
    this.outputs = outputs;
    this.score = score;
    this.answer = outputs.every(({ numbers }) => numbers) ? this.answerOf(0) : undefined;
  }

  /** Writes one prediction: for the decoded row `slot`, of the answers' row `at`. */
  write(writer: RecordBatchWriter, slot: number, at: number): void {
    const { columns, rows } = this;
    const row = rows.records[slot]!;
    const eventTime = rows.times[slot]!;
    const offset = columns.offsets[row]!;
    const id = this.idTemplateOf(rows.idLengths[slot]!, isoTimeBytes(eventTime));
    const answer = this.answer ?? this.answerOf(at);
    const valueBytes = id.value.length + longSize(eventTime) + answer.bytes.length + longSize(offset);
    const keyStart = columns.keyStarts[row]!;
    const key = keyStart < 0 ? null : columns.bytes;
    const keyEnd = columns.keyEnds[row]!;
    let to = writer.begin(this.timestampMs, key, keyStart, keyEnd, valueBytes, id.headers.length, HEADER_COUNT);
    if (writer.bytes !== this.bytes) this.use(writer.bytes);
    const { bytes } = this;
    bytes.set(id.value, to);
    this.putId(to + id.predictionId, slot);
    this.putId(to + id.recordId, slot);
    to = putLong(bytes, to + id.value.length, eventTime);
    to = this.putAnswer(to, answer, slot, at);
    to = writer.beginHeaders(putLong(bytes, to, offset));
    bytes.set(id.headers, to);
    this.putId(to + id.ceId, slot);
    this.time.write(bytes, to + id.ceTime, eventTime);
    this.trace.write(bytes, to + id.trace, columns.bytes, this.traces[slot]!);
    writer.end(to + id.headers.length);
  }

  private use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private idTemplateOf(idBytes: number, timeBytes: number): IdTemplate {
    const key = idBytes * 32 + timeBytes;
    let template = this.idTemplates.get(key);
    if (!template) this.idTemplates.set(key, (template = idTemplate(this.origin, idBytes, timeBytes)));
    return template;
  }

  private answerOf(at: number): AnswerTemplate {
    return answerTemplate(this.origin, this.outputs, this.score, this.rows.width, at);
  }

  private putId(to: number, slot: number): void {
    const { rows } = this;
    const start = rows.idStarts[slot]!;
    const from = start < 0 ? rows.texts : this.columns.bytes;
    putRange(this.bytes, to, from, start < 0 ? -1 - start : start, rows.idLengths[slot]!);
  }

  private putAnswer(to: number, { bytes, holes, features }: AnswerTemplate, slot: number, at: number): number {
    this.bytes.set(bytes, to);
    for (const { numbers, width, column, at: hole } of holes)
      this.view.setFloat64(to + hole, numbers[at * width + column]!, true);
    if (features >= 0) {
      const length = this.rows.width * DOUBLE_BYTES;
      this.featureBytes.copy(this.bytes, to + features, slot * length, (slot + 1) * length);
    }
    return to + bytes.length;
  }
}
