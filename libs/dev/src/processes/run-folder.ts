import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait-for.js';
import { startTimeOf } from './process-identity.js';

export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  /** Tells the process from a later one with the same pid. */
  readonly startTime: string;
  /** What asks it to end well. */
  readonly stopSignal: NodeJS.Signals;
}

/** One file `<name>.pid` a child, so that what a killed parent left running can be found and ended. */
export class RunFolder {
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
  }

  record(name: string, pid: number, stopSignal: NodeJS.Signals): void {
    const startTime = startTimeOf(pid);
    if (startTime === null) return;
    writeFileSync(this.#file(name), formatRecord({ name, pid, startTime, stopSignal }));
  }

  forget(name: string): void {
    rmSync(this.#file(name), { force: true });
  }

  /** Children of an earlier run that still live; files of dead ones are removed on the way. */
  leftovers(): RecordedProcess[] {
    const living: RecordedProcess[] = [];
    for (const file of readdirSync(this.path).filter((name) => name.endsWith('.pid'))) {
      const record = parseRecord(file.slice(0, -4), readFileSync(join(this.path, file), 'utf8'));
      if (record && isSameProcess(record, startTimeOf(record.pid))) living.push(record);
      else rmSync(join(this.path, file), { force: true });
    }
    return living;
  }

  /** Ends what an earlier run left: its stop signal first, SIGKILL after `graceMs`. Returns what was ended. */
  async endLeftovers(graceMs = 10_000): Promise<RecordedProcess[]> {
    const leftovers = this.leftovers();
    await Promise.all(leftovers.map((record) => end(record, graceMs)));
    for (const { name } of leftovers) this.forget(name);
    return leftovers;
  }

  #file(name: string): string {
    return join(this.path, `${name}.pid`);
  }
}

/** The reaper (reaper.ts) reads the first two words, in this order. */
export function formatRecord({ pid, stopSignal, startTime }: RecordedProcess): string {
  return `${pid} ${stopSignal.replace('SIG', '')} ${startTime}\n`;
}

export function parseRecord(name: string, text: string): RecordedProcess | null {
  const match = /^(\d+) ([A-Z]+) (.+)\n$/.exec(text);
  if (!match) return null;
  return { name, pid: Number(match[1]), stopSignal: `SIG${match[2]}` as NodeJS.Signals, startTime: match[3]! };
}

/** A pid alone may belong to a stranger by now; nothing of another start time is ever signalled. */
export function isSameProcess(record: RecordedProcess, startTimeNow: string | null): boolean {
  return startTimeNow === record.startTime;
}

async function end(record: RecordedProcess, graceMs: number): Promise<void> {
  const gone = () => !isSameProcess(record, startTimeOf(record.pid));
  const what = `${record.name} (pid ${record.pid}) to end`;
  signal(record.pid, record.stopSignal);
  await waitFor(gone, { what, timeoutMs: graceMs }).catch(() => signal(record.pid, 'SIGKILL'));
  await waitFor(gone, { what, timeoutMs: 10_000 });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
