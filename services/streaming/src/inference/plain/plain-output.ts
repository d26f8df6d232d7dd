import type { DeploymentSpec, PlainOutputSpec } from '@headrace/contracts';
import {
  eventHeaders,
  framingOfRow,
  jsonValue,
  newFraming,
  refOf,
  type ColumnOutput,
  type DecodedRows,
  type EventLog,
  type RecordColumns,
} from '@headrace/event-log';
import { continueTrace, HeadraceError } from '@headrace/service-kit';
import type { OutputColumn } from '../output-columns.js';
import type { PredictionOrigin } from '../prediction-origin.js';
import type { Scorer } from '../scorer.js';
import { TRACEPARENT_BYTES } from '../trace-bytes.js';
import { ValueReaders, type ReaderSource } from '../value-readers.js';
import { Misfit } from './fit-value.js';
import { PlainPlan, type PlainRow } from './plain-plan.js';

/** Rows of one run of the model. */
export interface AnsweredRows {
  readonly origin: PredictionOrigin;
  readonly columns: RecordColumns;
  readonly rows: DecodedRows;
  /** By decoded row: where its traceparent begins in the columns' bytes, −1 where it has none. */
  readonly traces: Int32Array;
  /** Decoded rows [from, to); the answers' row 0 is `from`. */
  readonly from: number;
  readonly to: number;
  readonly outputs: readonly OutputColumn[];
  readonly score: OutputColumn | undefined;
}

/** Records in a schema of the user's own, beside the predictions and in their transaction. An object a record: for those who ask for it. */
export class PlainOutput {
  private readonly readers: ValueReaders;
  private readonly framing = newFraming();

  private constructor(
    readonly topic: string,
    private readonly schemaId: number,
    private readonly plan: PlainPlan,
    input: DeploymentSpec['input'],
  ) {
    this.readers = new ValueReaders(input.subject ?? `${input.topic}-value`, input);
  }

  /** @throws HeadraceError INPUT_INVALID when the schema is missing or cannot be filled, UNAVAILABLE without the schema registry */
  static async load(
    eventLog: Pick<EventLog, 'latestSchema'>,
    { topic, subject = `${topic}-value`, fields }: PlainOutputSpec,
    input: DeploymentSpec['input'],
    { outputs }: Pick<Scorer, 'outputs'>,
  ): Promise<PlainOutput> {
    const latest = await eventLog.latestSchema(subject);
    if (latest?.schemaType !== 'AVRO')
      throw new HeadraceError('INPUT_INVALID', `The plain output needs an Avro schema under subject ${subject}`);
    return new PlainOutput(topic, latest.id, new PlainPlan(latest.schema, fields, outputs), input);
  }

  /** By decoded row: the value, or why there can be none. */
  async encode(rows: AnsweredRows, source: ReaderSource): Promise<Array<Buffer | Misfit>> {
    const values: Array<Buffer | Misfit> = [];
    for (let slot = rows.from; slot < rows.to; slot++) {
      const row = rows.rows.records[slot]!;
      const value = this.plan.needsValue ? await this.valueOf(rows.columns, row, source) : undefined;
      values.push(this.encodeRow({ facts: factsOf(rows, slot), outputs: rows.outputs, at: slot - rows.from, value }));
    }
    return values;
  }

  /** Same key as the input; the same partition where both topics have as many. */
  write(output: ColumnOutput, { origin, columns, rows, traces }: AnsweredRows, slot: number, value: Buffer): void {
    const row = rows.records[slot]!;
    const trace = traces[slot]!;
    const former = trace < 0 ? undefined : columns.bytes.toString('latin1', trace, trace + TRACEPARENT_BYTES);
    const event = {
      topic: { name: this.topic } as never,
      key: null,
      value: null,
      id: `${origin.deployment}:${rows.idOf(slot, columns.bytes)}`,
      eventTime: rows.times[slot]!,
      traceparent: continueTrace(former),
    };
    const headers = Object.entries(eventHeaders(event, origin.source));
    output.writerFor(columns, row).append(
      Date.now(),
      keyOf(columns, row),
      value,
      headers.map(([name, text]) => [name, Buffer.from(text as string)] as const),
    );
  }

  private encodeRow(row: PlainRow): Buffer | Misfit {
    try {
      const body = this.plan.encode(row);
      const framed = Buffer.alloc(5 + body.length);
      framed.writeUInt32BE(this.schemaId, 1);
      framed.set(body, 5);
      return framed;
    } catch (error) {
      if (error instanceof Misfit) return error;
      throw error;
    }
  }

  /** It could be read once, so it can be read again. */
  private async valueOf(columns: RecordColumns, row: number, source: ReaderSource): Promise<unknown> {
    const framing = framingOfRow(this.framing, columns, row);
    const payload = columns.bytes.subarray(framing.payloadStart, columns.valueEnds[row]);
    if (framing.kind === 'none') return jsonValue(payload);
    const reader = await this.readers.readerOf(source, refOf(framing));
    if (reader instanceof HeadraceError) throw reader;
    return reader === 'json' ? jsonValue(payload) : reader.asObject(payload);
  }
}

function factsOf({ origin, columns, rows, from, score }: AnsweredRows, slot: number): PlainRow['facts'] {
  const row = rows.records[slot]!;
  const recordId = rows.idOf(slot, columns.bytes);
  return {
    recordId,
    predictionId: `${origin.deployment}:${recordId}`,
    deployment: origin.deployment,
    modelName: origin.model,
    modelVersion: origin.version,
    runId: origin.runId,
    eventTime: rows.times[slot]!,
    score: score ? score.numbers![(slot - from + 1) * score.width - 1]! : null,
    key: keyOf(columns, row),
    topic: columns.topic,
    partition: columns.partition,
    offset: columns.offsets[row]!,
  };
}

function keyOf({ keyStarts, keyEnds, bytes }: RecordColumns, row: number): Buffer | null {
  const start = keyStarts[row]!;
  return start < 0 ? null : bytes.subarray(start, keyEnds[row]);
}
