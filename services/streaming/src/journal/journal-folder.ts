import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '../pool/process-facts.js';

/** A process that a pid taken over by a stranger cannot be mistaken for. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** Whose journal a file is: its name says it. */
export interface JournalOwner {
  readonly path: string;
  readonly parent: ProcessIdentity;
  readonly worker: ProcessIdentity;
}

const NAME = /^(\d+)\.(\w+)-(\d+)\.(\w+)\.journal$/;

/** The journals of one machine's workers on one Kafka: quarantines of one cluster are no news for another. */
export function journalFolder(stateDir: string, brokers: readonly string[]): string {
  const cluster = createHash('sha256').update(brokers.join(',')).digest('hex').slice(0, 12);
  const folder = join(stateDir, cluster);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function journalPath(folder: string, parent: ProcessIdentity, worker: ProcessIdentity): string {
  return join(folder, `${parent.pid}.${parent.startTime}-${worker.pid}.${worker.startTime}.journal`);
}

/** @throws Error when there is no such process */
export function identityOf(pid: number): ProcessIdentity {
  const facts = processFacts(pid);
  if (!facts) throw new Error(`no process ${pid}`);
  return { pid, startTime: facts.startTime };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return processFacts(pid)?.startTime === startTime;
}

export function journalsIn(folder: string): JournalOwner[] {
  return readdirSync(folder).flatMap((name) => {
    const match = NAME.exec(name);
    if (!match) return [];
    const [, parentPid, parentStart, workerPid, workerStart] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    return {
      path: join(folder, name),
      parent: { pid: Number(parentPid), startTime: parentStart },
      worker: { pid: Number(workerPid), startTime: workerStart },
    };
  });
}

export function forgetJournal(path: string): void {
  rmSync(path, { force: true });
}
