/** A buffer that had to become larger than this is not kept for the next chunk, bytes. */
const KEPT_BYTES = 8 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

/** Records of compressed batches, unpacked one after another into one buffer, so that a chunk can hold many small batches. */
export class UnpackedRecords {
  bytes: Buffer = Buffer.alloc(0);
  used = 0;

  /** Forgets everything except [start, end), which lies at 0 from now on. */
  keep(start: number, end: number): void {
    const kept = this.bytes;
    if (kept.length > KEPT_BYTES && end - start <= KEPT_BYTES / 2)
      this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * (end - start)));
    kept.copy(this.bytes, 0, start, end);
    this.used = end - start;
  }

  /** Adds a copy of the records and returns where it begins; `bytes` may be another buffer then, positions stay. */
  append(records: Buffer): number {
    const start = this.used;
    const needed = start + records.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(FIRST_BYTES, needed, Math.min(2 * this.bytes.length, needed + KEPT_BYTES)),
      );
      this.bytes.copy(larger, 0, 0, start);
      this.bytes = larger;
    }
    records.copy(this.bytes, start);
    this.used = needed;
    return start;
  }
}
