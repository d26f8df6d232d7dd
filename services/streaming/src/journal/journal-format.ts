import type { CalledVersion } from './call-journal.js';

/** One record of fixed size, always at the file's beginning. Numbers are little-endian. */
export const RECORD_BYTES = 512;
/** What end() writes: enough for the state. */
export const HEAD_BYTES = 8;

const MAGIC = 0x4a_52_48_01;
const AT = {
  magic: 0,
  running: 4,
  seq: 8,
  sinceMs: 16,
  offset: 24,
  partition: 32,
  textBytes: 36,
  text: 40,
  seqAgain: 504,
} as const;
const TEXT_BYTES = AT.seqAgain - AT.text;

/** The last call that a journal tells of. */
export interface JournaledCall extends CalledVersion {
  /** False: it has ended. */
  readonly running: boolean;
  /** Counts the process's calls. */
  readonly seq: number;
  /** When it began, ms of this machine's monotonic clock (see monotonicMs). */
  readonly sinceMs: number;
  /** First record of the batch in hand. */
  readonly partition: number;
  readonly offset: number;
}

/** A record with everything that stays the same over a version's calls. */
export function emptyRecord(version: CalledVersion | null): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32LE(MAGIC, AT.magic);
  if (version === null) return record;
  const { model, deployment, version: number, sha256 } = version;
  const text = Buffer.from(JSON.stringify([number, sha256, model, deployment]));
  // Names that do not fit (over 400 bytes together) are cut: the digest still tells the version.
  const cut = text.length <= TEXT_BYTES ? text : Buffer.from(JSON.stringify([number, sha256, model.slice(0, 90), '']));
  cut.copy(record, AT.text);
  record.writeUInt32LE(cut.length, AT.textBytes);
  return record;
}

export function writeCall(record: Buffer, seq: number, sinceMs: number, partition: number, offset: number): void {
  record.writeUInt32LE(1, AT.running);
  record.writeDoubleLE(seq, AT.seq);
  record.writeDoubleLE(sinceMs, AT.sinceMs);
  record.writeDoubleLE(offset, AT.offset);
  record.writeInt32LE(partition, AT.partition);
  record.writeDoubleLE(seq, AT.seqAgain);
}

export function writeEnd(record: Buffer): void {
  record.writeUInt32LE(0, AT.running);
}

/** Null before the first call; undefined when it was caught half written: look again. */
export function parseRecord(record: Buffer): JournaledCall | null | undefined {
  if (record.length < RECORD_BYTES || record.readUInt32LE(AT.magic) !== MAGIC) return undefined;
  const seq = record.readDoubleLE(AT.seq);
  if (seq !== record.readDoubleLE(AT.seqAgain)) return undefined;
  if (seq === 0) return null;
  const text = record.toString('utf8', AT.text, AT.text + record.readUInt32LE(AT.textBytes));
  const [version, sha256, model, deployment] = JSON.parse(text) as [number, string, string, string];
  return {
    running: record.readUInt32LE(AT.running) === 1,
    seq,
    sinceMs: record.readDoubleLE(AT.sinceMs),
    partition: record.readInt32LE(AT.partition),
    offset: record.readDoubleLE(AT.offset),
    version,
    sha256,
    model,
    deployment,
  };
}
