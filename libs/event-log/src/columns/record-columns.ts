/**
 * Records of one partition as they lie in fetched bytes: no object a record. Row i is described by element i of each array; the
 * arrays may be longer than `count`. Valid until the handler it was given to has settled: buffers and arrays are used again.
 */
export interface RecordColumns {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  /** What all positions point into. */
  readonly bytes: Buffer;
  readonly offsets: Float64Array;
  /** Broker's append time or the producer's time, as the topic has it, ms since the epoch. */
  readonly timestamps: Float64Array;
  /** First byte of the key; -1 for a record without one. */
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  /** First byte of the value; -1 for a tombstone. */
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  /** First byte after the header count; headers are (varint length, name, varint length or -1, value), as many as headerCounts. */
  readonly headerStarts: Int32Array;
  /** Where the headers end, and the record: all headers can be copied at once, and none is read past it. */
  readonly headerEnds: Int32Array;
  readonly headerCounts: Int32Array;
  /** Offset after the partition's last record when the batch was fetched. */
  readonly highWatermark: number;
}
