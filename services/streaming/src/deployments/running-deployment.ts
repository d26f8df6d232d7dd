import type { DeploymentChanged, DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import type { ColumnContext, ColumnResult, EventLog, RecordColumns, Subscription } from '@headrace/event-log';
import type { ModelRuntime, ModelStore } from '@headrace/model-runtime';
import { HeadraceError, type Logger } from '@headrace/service-kit';
import { ColumnScorer, redrivenForOthers } from '../inference/score-columns.js';
import { scoringTarget, type ScoringTarget } from '../inference/scoring-target.js';
import { Scorer } from '../inference/scorer.js';
import { withBatch } from '../journal/batch-in-hand.js';
import { VersionBarred, type ModelCalls } from '../journal/guarded-model.js';
import type { Quarantines } from '../quarantine/quarantines.js';
import { NewAssignments } from '../quarantine/new-assignments.js';
import type { StreamingMetrics } from '../streaming-metrics.js';
import type { AppliedGenerations } from './applied-generations.js';

export interface DeploymentParts {
  readonly eventLog: EventLog;
  readonly store: ModelStore;
  readonly runtime: ModelRuntime;
  readonly calls: ModelCalls;
  readonly quarantines: Quarantines;
  readonly applied: AppliedGenerations;
  readonly metrics: StreamingMetrics;
  readonly logger: Logger;
}

/** One deployment as it runs here: a consumer of its own, and the version that answers now. */
export class RunningDeployment {
  private readonly columns: ColumnScorer;

  private constructor(
    private readonly parts: DeploymentParts,
    private readonly target: ScoringTarget,
    private scorer: Scorer,
  ) {
    this.columns = new ColumnScorer(target, SOURCE, redrivenForOthers(groupOf(target.deployment)));
  }

  private subscription: Subscription | undefined;
  private readonly assignments = new NewAssignments((partition, isFirst) => this.begin(partition, isFirst));

  /** Loads the model, then joins the group. Throws when either cannot be done now. */
  static async start(
    parts: DeploymentParts,
    changed: DeploymentChanged,
    model: ResolvedModel,
  ): Promise<RunningDeployment> {
    const spec = JSON.parse(changed.spec) as DeploymentSpec;
    const scorer = await load(parts, model, changed, spec);
    try {
      const running = new RunningDeployment(parts, scoringTarget(changed.name, spec, spec.output.topic), scorer);
      running.subscription = await parts.eventLog.consumeColumns(
        { ...inputOf(spec), ...batchOf(spec), group: groupOf(changed.name) },
        (columns, context) => running.score(columns, context),
      );
      return running;
    } catch (error) {
      await scorer.retire();
      throw error;
    }
  }

  get resolved(): ResolvedModel {
    return this.scorer.resolved;
  }

  get generation(): number {
    return this.scorer.generation;
  }

  isReady(): boolean {
    return this.subscription?.isReady() ?? false;
  }

  /** What keeps failing, though its version answers (see Subscription). */
  failure(): Error | undefined {
    return this.subscription?.failure();
  }

  /** True when the change is a matter of the model alone, so that nothing has to stop for it. */
  canSwapTo(changed: DeploymentChanged): boolean {
    const former = this.target.spec;
    const { input, output, batch, explain } = JSON.parse(changed.spec) as DeploymentSpec;
    return (
      JSON.stringify({ input, output, batch, explain }) ===
      JSON.stringify({ input: former.input, output: former.output, batch: former.batch, explain: former.explain })
    );
  }

  /** From its next batch on, each partition is answered by the new version. When it cannot be loaded the old one goes on. */
  async swap(changed: DeploymentChanged, model: ResolvedModel): Promise<void> {
    const next = await load(this.parts, model, changed, this.target.spec);
    const former = this.scorer;
    this.scorer = next;
    this.parts.metrics.swaps.inc({ deployment: this.target.deployment });
    await former.retire();
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
    await this.scorer.retire();
  }

  /** Before the first batch of a partition that is new here: whatever its former owner died of is known then. */
  private async begin(partition: number, isFirst: boolean): Promise<void> {
    const { deployment, spec } = this.target;
    await this.parts.quarantines.caughtUp();
    if (!isFirst) this.parts.applied.forget({ deployment, topic: spec.input.topic, partition });
  }

  private async score(columns: RecordColumns, context: ColumnContext): Promise<ColumnResult> {
    await this.assignments.begin(columns.partition, context.signal);
    try {
      const place = { partition: columns.partition, offset: columns.offsets[0]! };
      return await withBatch(place, () => this.scoreWithCurrent(columns, context));
    } catch (error) {
      // Nothing of the batch is committed; it comes again, by then for the last good version.
      if (error instanceof VersionBarred) throw new HeadraceError('UNAVAILABLE', error.message, { cause: error });
      throw error;
    }
  }

  private async scoreWithCurrent(columns: RecordColumns, context: ColumnContext): Promise<ColumnResult> {
    const { scorer, target } = this;
    const labels = { deployment: target.deployment, version: String(scorer.resolved.version) };
    const end = this.parts.metrics.inference.startTimer({ deployment: target.deployment });
    const { scored, reject } = await this.columns.score(scorer, columns, context);
    end();
    this.parts.metrics.predictions.inc(labels, scored);
    return { emit: this.effects(scorer, columns), reject };
  }

  private effects(scorer: Scorer, { topic, partition, offsets }: RecordColumns) {
    const { name: model, version } = scorer.resolved;
    return this.parts.applied.apply({
      deployment: this.target.deployment,
      generation: scorer.generation,
      model,
      version,
      topic,
      partition,
      fromOffset: offsets[0]!,
    });
  }
}

/** Name of the service, as its events carry it. */
export const SOURCE = 'streaming';

/** What to consume. */
export function inputOf({ input }: DeploymentSpec): { topic: string; subject?: string } {
  return { topic: input.topic, subject: input.subject };
}

/** A declared batch is one call of the model and one transaction. */
function batchOf({ batch }: DeploymentSpec): { maxRecords?: number; commitEach?: boolean; maxDelayMs?: number } {
  const { maxRecords, maxDelayMs = 0 } = batch ?? {};
  return { maxDelayMs, ...(maxRecords !== undefined && { maxRecords, commitEach: true }) };
}

function load(
  parts: DeploymentParts,
  model: ResolvedModel,
  changed: DeploymentChanged,
  spec: DeploymentSpec,
): Promise<Scorer> {
  const runtime = parts.calls.runtimeFor(parts.runtime, model, changed.name);
  return Scorer.load({ ...parts, runtime }, model, changed.generation, spec);
}

/** The consumer group that scores a deployment's input. */
export function groupOf(deployment: string): string {
  return `headrace.streaming.${deployment}`;
}
