import type { DeploymentSpec } from '@headrace/contracts';
import {
  asEventTime,
  framingOf,
  jsonValue,
  newFraming,
  placeOf,
  Read,
  refOf,
  VALUE_SCHEMA_ID_HEADER,
  type ColumnRejection,
  type DecodedRows,
  type RecordColumns,
  type SchemaRef,
  type ValueReader,
} from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { ColumnHeaders, Header } from './column-headers.js';
import { readRecord } from './read-record.js';
import { recordAt } from './record-at.js';
import { TRACEPARENT_BYTES } from './trace-bytes.js';
import type { ReaderSource, ValueReaders } from './value-readers.js';

/** True for a row that is not this deployment's to score: neither scored nor rejected. Asked only where there are headers. */
export type SkipRow = (columns: RecordColumns, row: number, headers: ColumnHeaders) => boolean;

/** Where decoded rows go. */
export interface DecodeTarget {
  readonly rows: DecodedRows;
  /** By decoded row: where its traceparent's value begins, −1 where it has none. */
  readonly traces: Int32Array;
  readonly reject: ColumnRejection[];
  /** Of rejections of what a record says; that its bytes cannot be read has nothing to do with a model. */
  readonly details: ColumnRejection['details'];
}

/**
 * Reads one batch's records into the columns that a model is fed from. Avro goes straight there; JSON, and rows in doubt, are read as
 * objects, so that one rule, readRecord, says what is accepted.
 */
export class ColumnDecoder {
  private readonly headers = new ColumnHeaders();
  private readonly framing = newFraming();
  private readonly needsHeaders: boolean;
  private row = 0;
  private reader: ValueReader | 'json' | HeadraceError = 'json';
  private readerRef: SchemaRef | undefined;

  constructor(
    private readonly input: DeploymentSpec['input'],
    private readonly readers: ValueReaders,
    private readonly source: ReaderSource,
    private readonly skip: SkipRow,
    private readonly columns: RecordColumns,
    private readonly target: DecodeTarget,
  ) {
    this.needsHeaders = input.recordId === undefined || input.eventTime === undefined;
  }

  /** False when all records are dealt with. */
  get hasMore(): boolean {
    return this.row < this.columns.count;
  }

  /** Fills the target's rows, in the records' order, until they are full or the records end. */
  async fill(): Promise<void> {
    const { columns, target } = this;
    const { rows } = target;
    for (; this.row < columns.count && rows.count < rows.capacity; this.row++) {
      const hasHeaders = columns.headerCounts[this.row]! > 0;
      if ((hasHeaders || this.needsHeaders) && !this.headers.find(columns, this.row)) {
        this.unreadable("The record's headers contradict its length");
        continue;
      }
      if (hasHeaders && this.skip(columns, this.row, this.headers)) continue;
      const slot = rows.count;
      const start = this.valueStart();
      if (start < 0) continue;
      const ref = this.framing.kind === 'none' ? undefined : refOf(this.framing);
      if (ref !== this.readerRef) {
        this.reader = ref === undefined ? 'json' : await this.readers.readerOf(this.source, ref);
        this.readerRef = ref;
      }
      this.value(this.reader, start);
      if (rows.count === slot) continue;
      rows.records[slot] = this.row;
      target.traces[slot] = hasHeaders ? this.traceStart() : -1;
    }
  }

  /** First byte of what the schema describes; −1 when there is none. */
  private valueStart(): number {
    const { columns, framing, row } = this;
    if (columns.valueStarts[row]! < 0) return this.unreadable('The value is a tombstone (null)');
    const { starts, ends } = this.headers;
    const header = columns.headerCounts[row]! > 0 ? starts[Header.VALUE_SCHEMA_ID]! : -1;
    const end = columns.valueEnds[row]!;
    framingOf(framing, columns.bytes, columns.valueStarts[row]!, end, header, ends[Header.VALUE_SCHEMA_ID]);
    if (framing.kind === 'malformed')
      return this.unreadable(`The value names no schema in its header ${VALUE_SCHEMA_ID_HEADER}`);
    if (framing.kind === 'none' && framing.payloadStart === end) return this.unreadable('The value is empty');
    return framing.payloadStart;
  }

  private value(reader: ValueReader | 'json' | HeadraceError, start: number): void {
    const { columns, row, target } = this;
    const end = columns.valueEnds[row]!;
    const payload = (): Buffer => columns.bytes.subarray(start, end);
    if (reader === 'json') return this.asObject(() => jsonValue(payload()), 1);
    if (reader instanceof HeadraceError) return this.refuse(reader.code, reader.message);
    const { plan, unitsPerMs } = reader;
    const { rows } = target;
    const read = plan ? plan.read(columns.bytes, start, end, rows, rows.count) : Read.SUSPECT;
    if (read === Read.OK) this.accept();
    else if (read === Read.SUSPECT) this.asObject(() => reader.asObject(payload()), unitsPerMs);
    else this.unreadable(reader.undecodable);
  }

  /** What no field is declared for comes from the headers, else from the broker. */
  private accept(): void {
    const { columns, headers, row } = this;
    const { rows } = this.target;
    const slot = rows.count++;
    if (this.input.recordId === undefined) {
      const start = headers.starts[Header.CE_ID]!;
      const isNamed = start >= 0 && rows.takeId(slot, columns.bytes, start, headers.ends[Header.CE_ID]!);
      if (!isNamed) rows.putId(slot, placeOf({ ...columns, offset: columns.offsets[row]! }));
    }
    if (this.input.eventTime === undefined)
      rows.times[slot] = asEventTime(headers.text(columns, Header.CE_TIME)) ?? columns.timestamps[row]!;
  }

  private asObject(decode: () => unknown, unitsPerMs: number): void {
    let value: unknown;
    try {
      value = decode();
    } catch (error) {
      if (!(error instanceof HeadraceError) || error.code !== 'UNDECODABLE') throw error;
      return this.refuse(error.code, error.message);
    }
    const { rows, details } = this.target;
    const read = readRecord(this.input, recordAt(this.columns, this.row, this.headers, value), unitsPerMs);
    if (!read.ok) return this.refuse(read.code, read.message, details);
    const slot = rows.count++;
    rows.putId(slot, read.recordId);
    rows.times[slot] = read.eventTime;
    rows.features.set(read.features, slot * rows.width);
  }

  private traceStart(): number {
    const start = this.headers.starts[Header.TRACEPARENT]!;
    return start >= 0 && this.headers.ends[Header.TRACEPARENT]! - start === TRACEPARENT_BYTES ? start : -1;
  }

  private unreadable(message: string): -1 {
    this.refuse('UNDECODABLE', message);
    return -1;
  }

  private refuse(code: string, message: string, details?: ColumnRejection['details']): void {
    this.target.reject.push({ row: this.row, code, message, details });
  }
}
