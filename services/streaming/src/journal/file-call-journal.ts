import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { CalledVersion, CallJournal, CallSlot } from './call-journal.js';
import {
  emptyRecord,
  HEAD_BYTES,
  parseRecord,
  RECORD_BYTES,
  writeCall,
  writeEnd,
  type JournaledCall,
} from './journal-format.js';
import { monotonicMs } from './monotonic-clock.js';

/**
 * The journal as a file that is overwritten in place. What is written is in the system's page cache and so outlives SIGKILL and SIGSEGV of
 * the process (not a power cut, after which no call hangs either). About 3 µs a write.
 */
export class FileCallJournal implements CallJournal {
  private seq = 0;
  private current: Buffer;

  private constructor(private readonly file: number) {
    this.current = emptyRecord(null);
    writeSync(file, this.current, 0, RECORD_BYTES, 0);
  }

  static create(path: string): FileCallJournal {
    return new FileCallJournal(openSync(path, 'w', 0o600));
  }

  slot(version: CalledVersion): CallSlot {
    return emptyRecord(version);
  }

  begin(slot: CallSlot, partition: number, offset: number): void {
    this.current = slot as Buffer;
    writeCall(this.current, ++this.seq, monotonicMs(), partition, offset);
    writeSync(this.file, this.current, 0, RECORD_BYTES, 0);
  }

  end(): void {
    writeEnd(this.current);
    writeSync(this.file, this.current, 0, HEAD_BYTES, 0);
  }

  close(): void {
    closeSync(this.file);
  }
}

const scratch = Buffer.alloc(RECORD_BYTES);

/** What a process's journal says now; null when it has called nothing yet, or there is no journal. */
export function readJournal(path: string): JournaledCall | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      const bytes = readSync(file, scratch, 0, RECORD_BYTES, 0);
      const call = parseRecord(scratch.subarray(0, bytes));
      if (call !== undefined) return call;
    }
    return null;
  } finally {
    closeSync(file);
  }
}
