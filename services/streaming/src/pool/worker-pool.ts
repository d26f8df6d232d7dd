import { topics, type DeploymentChanged } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { finalCounts, HeadraceError, type Logger, type MetricsSnapshot } from '@headrace/service-kit';
import type { JournaledCall } from '../journal/journal-format.js';
import type { Prober } from '../probe/prober.js';
import type { ProbeRequest } from '../probe/run-probe.js';
import type { QuarantineOffice } from '../quarantine/quarantine-office.js';
import type { Quarantines } from '../quarantine/quarantines.js';
import { judgeDeath } from './judge-death.js';
import { endLeftovers } from './leftovers.js';
import { isolationOf, mergeStates, type PoolState, type WorkerReport } from './merge-states.js';
import type { PoolMetrics } from './pool-metrics.js';
import { processFacts } from './process-facts.js';
import { StrikeFile } from './strike-file.js';
import type { CallLimits } from './watch-call.js';
import { Watchdog } from './watchdog.js';
import { WorkerProcess, type WorkerExit } from './worker-process.js';
import { WorkerSeat } from './worker-seat.js';

export interface PoolParts {
  readonly eventLog: EventLog;
  readonly quarantines: Quarantines;
  readonly office: QuarantineOffice;
  readonly prober: Prober;
  readonly metrics: PoolMetrics;
  readonly logger: Logger;
}

export interface PoolOptions {
  /** File that a worker process runs. */
  readonly entry: string;
  /** Of the journals. */
  readonly folder: string;
  readonly shared: number;
  /** For each deployment with isolation: dedicated. */
  readonly dedicated: number;
  readonly limits: CallLimits;
}

/** A worker as an operator sees it. */
export interface WorkerView {
  readonly worker: string;
  readonly only: string | null;
  readonly pid: number | null;
  readonly ready: boolean;
  readonly restarts: number;
  readonly lastEnd: string | null;
  readonly residentBytes: number | null;
  /** The model call in hand. */
  readonly call: JournaledCall | null;
}

/** Less than the service's own limit for its end. */
const STOP_GRACE_MS = 15_000;

/** The worker processes of this service process: as many as wanted, watched, followed by others when they end. */
export class WorkerPool {
  private readonly shared: WorkerSeat[];
  private readonly dedicated = new Map<string, WorkerSeat[]>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly strikes: StrikeFile;
  private readonly watchdog: Watchdog;
  private deployments: Table<DeploymentChanged> | undefined;
  /** What workers that have ended had counted. */
  private ended: MetricsSnapshot = [];
  private stopped = false;

  constructor(
    private readonly parts: PoolParts,
    private readonly options: PoolOptions,
  ) {
    this.strikes = new StrikeFile(options.folder);
    this.shared = Array.from({ length: options.shared }, (_, n) => this.seat(`shared-${n}`, null));
    this.watchdog = new Watchdog({ ...parts, limits: options.limits, workers: () => this.processes() });
  }

  /** 1. ends what dead parents left  2. starts the workers that all deployments share  3. those that belong to one. */
  async start(): Promise<void> {
    const { folder, limits } = this.options;
    await endLeftovers({ ...this.parts, folder, strikes: this.strikes, callLimitMs: limits.callLimitMs });
    this.watchdog.start();
    for (const seat of this.shared) seat.start();
    this.deployments = await this.parts.eventLog.table(topics.deployments);
    this.deployments.onChange((name) => this.seatFor(name));
    for (const [name] of this.deployments.entries()) this.seatFor(name);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const seats = this.seats();
    await Promise.all([...seats.map((seat) => seat.stop(STOP_GRACE_MS)), ...this.leaving]);
    this.watchdog.stop();
    await this.deployments?.stop();
  }

  /** @throws HeadraceError UNAVAILABLE when no shared worker works */
  check(): void {
    if (this.shared.some(({ current }) => current?.ready)) return;
    const why = this.shared.find(({ lastEnd }) => lastEnd)?.lastEnd;
    throw new HeadraceError('UNAVAILABLE', why ? `the last worker ${why}` : 'the workers are starting');
  }

  async states(): Promise<PoolState[]> {
    return mergeStates(this.deployments?.entries() ?? [], await Promise.all(this.seats().map(report)));
  }

  workers(): WorkerView[] {
    return this.seats().map(({ role, current, restarts, lastEnd }) => {
      const call = current?.call() ?? null;
      const residentBytes = current ? (processFacts(current.pid)?.residentBytes ?? null) : null;
      const pid = current?.pid ?? null;
      const { name: worker, only } = role;
      return {
        worker,
        only,
        pid,
        ready: current?.ready ?? false,
        restarts,
        lastEnd,
        residentBytes,
        call: call?.running ? call : null,
      };
    });
  }

  async snapshots(): Promise<MetricsSnapshot[]> {
    const workers = this.processes();
    this.parts.metrics.workers.set(workers.filter(({ ready }) => ready).length);
    return [this.ended, ...(await Promise.all(workers.map((worker) => worker.metrics())))];
  }

  private seats(): WorkerSeat[] {
    return [...this.shared, ...[...this.dedicated.values()].flat()];
  }

  private processes(): WorkerProcess[] {
    return this.seats().flatMap(({ current }) => current ?? []);
  }

  private seat(name: string, only: string | null): WorkerSeat {
    const { logger } = this.parts;
    return new WorkerSeat(
      { name, only },
      { fork: (role) => this.fork(role), onEnd: (worker, exit) => this.onEnd(worker, exit), logger },
    );
  }

  private fork(role: WorkerSeat['role']): WorkerProcess {
    const worker = WorkerProcess.fork(this.options.entry, role, this.options.folder);
    worker.link.onAsk<ProbeRequest>('probe', (request) => this.parts.prober.check(request));
    return worker;
  }

  /** Gives a deployment workers of its own, or takes them away. */
  private seatFor(name: string): void {
    const wanted = this.deployments?.get(name);
    const isDedicated = wanted !== undefined && isolationOf(wanted) === 'dedicated';
    const seats = this.dedicated.get(name);
    if (isDedicated && !seats && !this.stopped) {
      const made = Array.from({ length: this.options.dedicated }, (_, n) => this.seat(`${name}-${n}`, name));
      this.dedicated.set(name, made);
      for (const seat of made) seat.start();
    } else if (!isDedicated && seats) {
      this.dedicated.delete(name);
      const left = Promise.all(seats.map((seat) => seat.stop(STOP_GRACE_MS))).then(() => undefined);
      this.leaving.add(left);
      void left.finally(() => this.leaving.delete(left));
    }
  }

  /** Whether a model is to blame is decided, and published, before the next worker starts. */
  private async onEnd(worker: WorkerProcess, { code, signal }: WorkerExit): Promise<void> {
    this.ended = await finalCounts([this.ended, await worker.metrics()]);
    const call = worker.call();
    worker.forget(this.parts.logger);
    if (worker.endedByPool) return;
    this.parts.metrics.ends.inc({ cause: signal ?? `code ${code}` });
    const { quarantine, strikes } = judgeDeath({ signal, call, at: Date.now() }, this.strikes.read());
    this.strikes.write(strikes);
    if (quarantine && call) await this.parts.office.put(call, quarantine.reason, quarantine.evidence);
  }
}

async function report({ role, current, lastEnd }: WorkerSeat): Promise<WorkerReport> {
  const base = { worker: role.name, only: role.only, pid: current?.pid ?? null };
  if (!current) return { ...base, states: null, trouble: lastEnd };
  const states = current.ready ? await current.states() : null;
  return { ...base, states, trouble: states ? null : troubleOf(current) };
}

function troubleOf(worker: WorkerProcess): string {
  const call = worker.call();
  if (call?.running) return `busy with a call of ${call.model}@${call.version} for ${call.deployment}`;
  return worker.ready ? 'does not answer' : 'starting';
}
