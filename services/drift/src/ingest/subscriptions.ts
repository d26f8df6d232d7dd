import { topics, type PredictionExplained, type PredictionMade } from '@headrace/contracts';
import type { ConsumeOptions, EventLog, Subscription } from '@headrace/event-log';
import type { Logger } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { explanationsSource, type RecordExplanations } from '../attributions/record-explanations.js';
import type { LabelSource } from '../deployments/label-source.js';
import { labelSources, predictionsSource, type MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { RecordLabels } from './record-labels.js';
import type { RecordPredictions } from './record-predictions.js';

interface Wanted {
  readonly topic: string;
  readonly start: () => Promise<Subscription>;
}

interface Running {
  readonly subscription: Subscription;
  /** Wall clock, ms. */
  readonly since: number;
}

/** One consumer for each distinct predictions topic and labels or KPI source that a watched deployment names, and for explanations where one has its predictions explained; started and stopped as deployments change. */
export class Subscriptions {
  private readonly running = new Map<string, Running>();
  private lastChange: Promise<void> = Promise.resolve();

  constructor(
    private readonly eventLog: EventLog,
    private readonly handlers: {
      readonly predictions: RecordPredictions;
      readonly labels: RecordLabels;
      readonly explanations: RecordExplanations;
    },
    /** Consumer groups begin with it. */
    private readonly groupPrefix: string,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  /** Brings consumers in line with the deployments; calls run one after another. A topic that does not exist yet is left for the next call. */
  follow(deployments: readonly MonitoredDeployment[]): Promise<void> {
    this.lastChange = this.lastChange.catch(() => undefined).then(() => this.change(this.wanted(deployments)));
    return this.lastChange;
  }

  /** Since when the source is read, wall clock, ms; null while it is not. */
  since(source: string): number | null {
    return this.running.get(source)?.since ?? null;
  }

  isReady(): boolean {
    return [...this.running.values()].every(({ subscription }) => subscription.isReady());
  }

  async stop(): Promise<void> {
    await this.lastChange.catch(() => undefined);
    await Promise.all([...this.running.values()].map(({ subscription }) => subscription.stop()));
    this.running.clear();
  }

  private wanted(deployments: readonly MonitoredDeployment[]): Map<string, Wanted> {
    const wanted = new Map<string, Wanted>();
    for (const deployment of deployments) {
      const { predictionsTopic: topic } = deployment;
      wanted.set(predictionsSource(topic), { topic, start: () => this.consumePredictions(topic) });
      if (deployment.explained !== null) {
        const { name } = topics.explanations;
        wanted.set(explanationsSource(name), { topic: name, start: () => this.consumeExplanations() });
      }
      for (const source of labelSources(deployment))
        wanted.set(source.id, { topic: source.topic, start: () => this.consumeLabels(source) });
    }
    return wanted;
  }

  private async change(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    for (const [source, { subscription }] of this.running) {
      if (wanted.has(source)) continue;
      this.running.delete(source);
      await subscription.stop();
    }
    const missing = [...wanted].filter(([source]) => !this.running.has(source));
    // Side by side: a group whose last member was killed keeps a new one waiting for the session's timeout.
    await Promise.all(missing.map(([source, { topic, start }]) => this.begin(source, topic, start)));
  }

  private async begin(source: string, topic: string, start: Wanted['start']): Promise<void> {
    if (!(await this.exists(topic))) return;
    const since = this.now();
    this.running.set(source, { subscription: await start(), since });
    this.logger.info({ source }, 'reading');
  }

  /** A consumer on a missing topic would end the process; users may create theirs after the deployment. */
  private async exists(topic: string): Promise<boolean> {
    try {
      return (await this.eventLog.offsets(topic)).length > 0;
    } catch (error) {
      this.logger.warn({ err: error, topic }, 'topic cannot be read yet');
      return false;
    }
  }

  private consumePredictions(topic: string): Promise<Subscription> {
    const known = topic === topics.predictions.name ? topics.predictions : topic;
    const options = this.options<PredictionMade>(known, `predictions.${topic}`);
    return this.eventLog.consume(options, (batch) => this.handlers.predictions.run(batch));
  }

  private consumeExplanations(): Promise<Subscription> {
    const options = this.options<PredictionExplained>(topics.explanations, 'explanations');
    return this.eventLog.consume(options, (batch) => this.handlers.explanations.run(batch));
  }

  private consumeLabels(source: LabelSource): Promise<Subscription> {
    const digest = createHash('sha256').update(source.id).digest('hex').slice(0, 8);
    const options = this.options<unknown>(source.topic, `${source.kind}.${source.topic}.${digest}`);
    return this.eventLog.consume(options, (batch) => this.handlers.labels.run(source, batch));
  }

  /** At least once, and idempotent: the partition's progress is kept in the database. */
  private options<T>(topic: ConsumeOptions<T>['topic'], name: string): ConsumeOptions<T> {
    return { topic, group: `${this.groupPrefix}.${name}`, guarantee: 'at-least-once', from: 'earliest' };
  }
}
