import type { Logger } from '@headrace/service-kit';
import type { JournaledCall } from '../journal/journal-format.js';
import type { QuarantineOffice } from '../quarantine/quarantine-office.js';
import type { Quarantines } from '../quarantine/quarantines.js';
import type { PoolMetrics } from './pool-metrics.js';
import { processFacts, type ProcessFacts } from './process-facts.js';
import { watchCall, type CallLimits, type Verdict, type Watched } from './watch-call.js';
import type { WorkerProcess } from './worker-process.js';

export interface WatchdogParts {
  readonly workers: () => readonly WorkerProcess[];
  readonly quarantines: Quarantines;
  readonly office: QuarantineOffice;
  readonly metrics: PoolMetrics;
  readonly logger: Logger;
  readonly limits: CallLimits;
}

const POLL_MS = 250;
/** With a worker beyond half its memory: a model can take 4 GB a second. */
const HURRIED_POLL_MS = 50;
const RECYCLE_GRACE_MS = 15_000;

/**
 * Looks at what each worker is calling, and ends those that are stuck. It is in the parent because a hung call holds up its whole process, timers and
 * heartbeats included. The order matters: first the quarantine is on the topic, then the worker is killed and its partitions go to another one.
 */
export class Watchdog {
  private readonly watched = new WeakMap<WorkerProcess, Watched>();
  private readonly cpu = new WeakMap<WorkerProcess, number>();
  private readonly acting = new WeakSet<WorkerProcess>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: WatchdogParts) {}

  start(): void {
    const mostBytes = Math.max(0, ...this.parts.workers().map((worker) => this.look(worker)));
    const pause = mostBytes > this.parts.limits.memoryLimitBytes / 2 ? HURRIED_POLL_MS : POLL_MS;
    this.timer = setTimeout(() => this.start(), pause);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** @returns the worker's resident memory, bytes */
  private look(worker: WorkerProcess): number {
    const facts = processFacts(worker.pid);
    if (!facts) return 0;
    this.count(worker, facts);
    const call = worker.call();
    const barred = call !== null && this.parts.quarantines.barring({ ...call, name: call.model }) !== undefined;
    const look = { atMs: performance.now(), call, process: facts, barred };
    const { watched, verdict } = watchCall(this.watched.get(worker) ?? null, look, this.parts.limits);
    this.watched.set(worker, watched);
    if (verdict !== 'fine' && !this.acting.has(worker)) {
      this.acting.add(worker);
      void this.act(worker, verdict, call, facts, watched).finally(() => this.acting.delete(worker));
    }
    return facts.residentBytes;
  }

  private async act(
    worker: WorkerProcess,
    verdict: Verdict,
    call: JournaledCall | null,
    facts: ProcessFacts,
    { seenMs }: Watched,
  ): Promise<void> {
    const { logger, office, limits } = this.parts;
    const seen = `${describe(facts)}, in a call of ${(seenMs / 1000).toFixed(1)} s`;
    if (verdict === 'recycle') {
      logger.warn({ worker: worker.role.name, pid: worker.pid, ...facts }, 'worker is too large and is replaced');
      return worker.stop(RECYCLE_GRACE_MS);
    }
    if (!call) return;
    const place = `${call.deployment} in the batch from offset ${call.offset} of partition ${call.partition}`;
    if (verdict === 'hangs') {
      await office.put(call, 'HANGS', `a call for ${place} did not end within ${limits.callLimitMs} ms (${seen})`);
    } else if (verdict === 'too-large') {
      const limit = Math.round(limits.memoryLimitBytes / 2 ** 20);
      await office.put(call, 'TOO_LARGE', `a call for ${place} took the worker beyond ${limit} MiB (${seen})`);
    }
    const now = worker.call();
    // It came back after all; as a quarantined version it is not called again.
    if (!now?.running || now.seq !== call.seq) return;
    logger.warn({ worker: worker.role.name, pid: worker.pid, verdict, call, ...facts }, 'worker killed in a call');
    worker.kill();
  }

  private count(worker: WorkerProcess, { residentBytes, cpuSeconds }: ProcessFacts): void {
    const labels = { worker: worker.role.name };
    this.parts.metrics.resident.set(labels, residentBytes);
    this.parts.metrics.cpu.inc(labels, Math.max(0, cpuSeconds - (this.cpu.get(worker) ?? 0)));
    this.cpu.set(worker, cpuSeconds);
  }
}

function describe({ residentBytes, cpuSeconds }: ProcessFacts): string {
  return `${Math.round(residentBytes / 2 ** 20)} MiB resident, ${cpuSeconds.toFixed(1)} s of CPU`;
}
