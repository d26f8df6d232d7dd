import type { Logger, MetricsSnapshot } from '@headrace/service-kit';
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentState } from '../deployments/deployment-state.js';
import type { JournaledCall } from '../journal/journal-format.js';
import { readJournal } from '../journal/file-call-journal.js';
import { forgetJournal, identityOf, journalPath, type ProcessIdentity } from '../journal/journal-folder.js';
import { Link } from './link.js';

export interface WorkerRole {
  /** Unique in the pool, stable over restarts. */
  readonly name: string;
  /** The one deployment that it runs; null: all that are shared. */
  readonly only: string | null;
}

/** What a worker finds in its arguments. */
export interface WorkerArguments extends WorkerRole {
  readonly folder: string;
  readonly parent: ProcessIdentity;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A worker that does not answer in this time, ms, is busy with a model, or stopped; what it said before counts. */
const ANSWER_MS = 1000;
const LATEST_ANSWER_MS = 30_000;
/** Young generation of three times this: the hot path makes few objects, and V8's own choice (16) costs resident memory only. MiB. */
const SEMI_SPACE_MIB = 4;

/** One process of the pool, as its parent sees it. */
export class WorkerProcess {
  readonly link: Link;
  readonly exited: Promise<WorkerExit>;
  /** Resolves at its first start of work; never when it ends before. */
  readonly becameReady: Promise<void>;
  ready = false;
  /** The pool ended it: no model is to blame. */
  endedByPool = false;
  private gone = false;
  private counts: MetricsSnapshot = [];
  private asking: Promise<void> | null = null;

  private constructor(
    readonly role: WorkerRole,
    private readonly child: ChildProcess,
    readonly journal: string,
  ) {
    this.link = new Link(child);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.gone = true;
        resolve({ code, signal });
      });
      // A channel that breaks is seen at the process's end.
      child.on('error', () => undefined);
    });
    this.becameReady = new Promise((resolve) => this.link.onTell('ready', () => ((this.ready = true), resolve())));
    this.link.onTell<MetricsSnapshot>('counts', (counts) => (this.counts = counts));
  }

  /** @throws Error when no process can be started */
  static fork(entry: string, role: WorkerRole, folder: string): WorkerProcess {
    const parent = identityOf(process.pid);
    const args: WorkerArguments = { ...role, folder, parent };
    const child = fork(entry, [JSON.stringify(args)], {
      serialization: 'advanced',
      execArgv: [...process.execArgv, `--max-semi-space-size=${SEMI_SPACE_MIB}`],
    });
    if (child.pid === undefined) throw new Error(`cannot start ${entry}`);
    return new WorkerProcess(role, child, journalPath(folder, parent, identityOf(child.pid)));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The last call of a model that it has begun. */
  call(): JournaledCall | null {
    return readJournal(this.journal);
  }

  async states(): Promise<DeploymentState[] | null> {
    return this.link.ask<DeploymentState[]>('states', null, ANSWER_MS).catch(() => null);
  }

  /** What it counts now, or counted when it last answered. One that is busy is asked once; a late answer counts the next time. */
  async metrics(): Promise<MetricsSnapshot> {
    if (this.gone) return this.counts;
    this.asking ??= this.link
      .ask<MetricsSnapshot>('metrics', null, LATEST_ANSWER_MS)
      .then((counts) => void (this.counts = counts))
      .catch(() => undefined)
      .finally(() => (this.asking = null));
    const enough = new AbortController();
    const late = sleep(ANSWER_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([this.asking, late, this.exited]).finally(() => enough.abort());
    return this.counts;
  }

  /** Lets it finish what it has in hand and leave its groups; kills it when that takes longer. */
  async stop(graceMs: number): Promise<void> {
    this.endedByPool = true;
    this.link.tell('stop');
    const timer = setTimeout(() => this.kill(), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.endedByPool = true;
    this.child.kill('SIGKILL');
  }

  forget(logger: Logger): void {
    try {
      forgetJournal(this.journal);
    } catch (error) {
      logger.warn({ err: error, journal: this.journal }, 'cannot remove a journal');
    }
  }
}
