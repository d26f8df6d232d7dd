import * as format from './batch-format.js';
import type { BatchHeader } from './batch-header.js';
import { VarintCursor } from './varint.js';

export interface AbortedTransaction {
  readonly producerId: bigint | number;
  /** Of its first record in the partition; it may lie before what was fetched. */
  readonly firstOffset: bigint | number;
}

const ABORT = 0;

/**
 * Which batches of a fetch under read_committed were aborted (KIP-98): a producer's batches are, from the first offset that the broker
 * named on until the marker that ends the transaction. Batches are shown in offset order.
 */
export class AbortedTransactions {
  readonly #aborting = new Set<number>();
  readonly #cursor = new VarintCursor(Buffer.alloc(0));
  #pending: Array<{ producerId: number; firstOffset: number }> = [];
  #next = 0;

  begin(aborted: readonly AbortedTransaction[]): void {
    this.#aborting.clear();
    this.#next = 0;
    this.#pending = aborted.map((each) => ({
      producerId: Number(each.producerId),
      firstOffset: Number(each.firstOffset),
    }));
    this.#pending.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** True when the batch's records are to be left out: aborted ones, and markers, which are no records at all. */
  leavesOut(batch: BatchHeader, bytes: Buffer): boolean {
    while (this.#next < this.#pending.length && this.#pending[this.#next]!.firstOffset <= batch.lastOffset)
      this.#aborting.add(this.#pending[this.#next++]!.producerId);
    if (batch.isControl) {
      if (this.#aborting.size > 0 && this.#isAbortMarker(batch, bytes)) this.#aborting.delete(batch.producerId);
      return true;
    }
    return batch.isTransactional && this.#aborting.has(batch.producerId);
  }

  /** The first record's key: version and type, int16 each. */
  #isAbortMarker({ start, end, recordCount, codecId }: BatchHeader, bytes: Buffer): boolean {
    if (recordCount < 1 || codecId !== 0) return false;
    const cursor = this.#cursor.over(bytes, start + format.RECORDS, end);
    cursor.varint(); // length
    cursor.position++; // attributes
    cursor.skip(); // timestamp
    cursor.varint(); // offset
    const keyBytes = cursor.varint();
    if (cursor.overrun || keyBytes < 4 || cursor.position + keyBytes > end) return false;
    return bytes.readInt16BE(cursor.position + 2) === ABORT;
  }
}
