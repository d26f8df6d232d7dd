import type { DeploymentChanged } from '@headrace/contracts';
import type { Table } from '@headrace/event-log';
import type { Logger } from '@headrace/service-kit';
import { setTimeout as pause } from 'node:timers/promises';
import type { TrainableSpec } from '../dataset/datasets.js';
import type { Timelines } from '../dataset/timelines.js';
import { bootstrapJobId } from '../jobs/job.js';
import type { JobStore } from '../jobs/job-store.js';
import { bootstrapJob, specToBootstrap } from './bootstrap-job.js';

/** Asks for the first model of each deployment that has none. Idempotent by job id, so any number of services may watch. */
export class BootstrapWatcher {
  private readonly stopping = new AbortController();
  /** Deployments whose job is in the database. */
  private readonly asked = new Set<string>();
  private running: Promise<void> | undefined;

  constructor(
    private readonly deployments: Table<DeploymentChanged>,
    private readonly timelines: Timelines,
    private readonly store: Pick<JobStore, 'insert' | 'get'>,
    private readonly onJob: () => void,
    private readonly pollMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** One look at each deployment. What is not there yet (a topic, the broker) is looked for again the next time. */
  async look(): Promise<void> {
    for (const [name, deployment] of [...this.deployments.entries()]) {
      const spec = this.asked.has(name) ? undefined : specToBootstrap(deployment);
      if (!spec) continue;
      await this.ask(name, spec).catch((error: unknown) => {
        this.logger.warn({ err: error, deployment: name }, 'cannot see yet how far records and labels have come');
      });
    }
  }

  private async ask(name: string, spec: TrainableSpec): Promise<void> {
    if (await this.store.get(bootstrapJobId(name))) {
      this.asked.add(name);
      return;
    }
    const features = this.timelines.features(spec);
    const labels = this.timelines.labels(spec.labels);
    // The first record's time is all that is needed of the features, and does not change.
    if (features.firstTime === undefined) await features.refresh();
    await labels.refresh();
    const job = bootstrapJob(name, spec, { firstRecord: features.firstTime, lastLabel: labels.lastTime });
    if (!job) return;
    await this.store.insert(job);
    this.asked.add(name);
    this.logger.info({ jobId: job.id, windowEnd: job.windowEnd }, 'first model asked for');
    this.onJob();
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.look();
      await pause(this.pollMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
