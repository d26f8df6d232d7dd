import { formatRecord, isSameProcess, parseRecord, startTimeOf, type RecordedProcess } from '@headrace/dev';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * One supervisor a folder. The file names its owner's pid and start time, so a lock left by a killed supervisor holds nobody up.
 * It appears whole or not at all (hard link), so no reader sees half a record.
 */
export class RunLock {
  private constructor(private readonly path: string) {}

  /** @returns the lock, or the process that holds it */
  static acquire(path: string): RunLock | RecordedProcess {
    mkdirSync(dirname(path), { recursive: true });
    const mine = `${path}.${process.pid}`;
    const startTime = startTimeOf(process.pid) ?? '';
    writeFileSync(mine, formatRecord({ name: 'supervisor', pid: process.pid, startTime, stopSignal: 'SIGTERM' }));
    try {
      return takeOver(mine, path) ?? new RunLock(path);
    } finally {
      rmSync(mine, { force: true });
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

/** Null when the lock is ours now. */
function takeOver(mine: string, path: string): RecordedProcess | null {
  for (;;) {
    try {
      linkSync(mine, path);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder) return holder;
    rmSync(path, { force: true });
  }
}

function holderOf(path: string): RecordedProcess | null {
  try {
    const record = parseRecord('supervisor', readFileSync(path, 'utf8'));
    return record && isSameProcess(record, startTimeOf(record.pid)) ? record : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
