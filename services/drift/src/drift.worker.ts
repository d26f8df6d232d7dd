import type { EventLog } from '@headrace/event-log';
import { messageOf, type Logger } from '@headrace/service-kit';
import type { OutboxRelay } from '@headrace/persistence';
import type { Db } from './database.js';
import type { MonitoredDeployments } from './deployments/monitored-deployments.js';
import type { DriftMetrics } from './drift-metrics.js';
import type { Facts } from './facts/facts.js';
import type { Subscriptions } from './ingest/subscriptions.js';
import type { MonitorRound } from './windows/monitor-round.js';

export interface WorkerParts {
  readonly eventLog: EventLog;
  readonly db: Db;
  readonly deployments: MonitoredDeployments;
  readonly facts: Facts;
  readonly subscriptions: Subscriptions;
  readonly round: MonitorRound;
  readonly relay: OutboxRelay;
  readonly metrics: DriftMetrics;
  readonly logger: Logger;
}

/** The running monitor: follows deployments, and looks for due windows again and again. */
export class DriftWorker {
  private loop: Promise<void> | undefined;
  private stopping = false;
  private wake: () => void = () => undefined;
  private lastError: Error | undefined;

  constructor(
    private readonly parts: WorkerParts,
    private readonly intervalMs: number,
  ) {}

  async start(): Promise<void> {
    await this.showLastReports();
    await Promise.all([this.parts.deployments.start(), this.parts.facts.start()]);
    this.parts.deployments.onChange(() => this.wake());
    this.parts.relay.start();
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.loop;
    await this.parts.subscriptions.stop();
    await this.parts.facts.stop();
    await this.parts.relay.stop();
  }

  /** For readiness: throws while windows cannot be closed or events not be passed on. */
  check(): void {
    if (this.lastError) throw this.lastError;
    if (!this.parts.subscriptions.isReady() || !this.parts.facts.isReady()) {
      throw new Error('a consumer has not joined its group');
    }
    this.parts.relay.check();
  }

  /** An error costs a round, never the loop: what is due stays due. */
  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.look();
        this.lastError = undefined;
      } catch (error) {
        this.lastError = error instanceof Error ? error : new Error(messageOf(error));
        this.parts.logger.warn({ err: error }, 'could not look for due windows; will look again');
      }
      await this.pause();
    }
  }

  private async look(): Promise<void> {
    const { deployments, subscriptions, round, facts } = this.parts;
    const watched = deployments.all();
    await subscriptions.follow(watched);
    await round.run(watched, (source) => subscriptions.since(source), facts.sources());
  }

  private async showLastReports(): Promise<void> {
    const rows = await this.parts.db
      .selectFrom('reports')
      .distinctOn('deployment')
      .select('report')
      .orderBy('deployment')
      .orderBy('window_start', 'desc')
      .execute();
    for (const { report } of rows) this.parts.metrics.show(report);
  }

  private async pause(): Promise<void> {
    if (this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.intervalMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
