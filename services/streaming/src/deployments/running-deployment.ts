import type { DeploymentChanged, DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import type { ColumnContext, ColumnResult, EventLog, RecordColumns, Subscription } from '@headrace/event-log';
import type { ModelRuntime, ModelStore } from '@headrace/model-runtime';
import { HeadraceError, type Logger } from '@headrace/service-kit';
import { Explainer } from '../inference/explain/explainer.js';
import { PlainOutput } from '../inference/plain/plain-output.js';
import { ColumnScorer, redrivenForOthers, type Extras } from '../inference/score-columns.js';
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

/** A version, and what is made of its answers. */
interface Answering {
  readonly scorer: Scorer;
  readonly extras: Extras;
}

/** One deployment as it runs here: a consumer of its own, and the version that answers now. */
export class RunningDeployment {
  private readonly columns: ColumnScorer;

  private constructor(
    private readonly parts: DeploymentParts,
    private readonly target: ScoringTarget,
    private current: Answering,
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
    const answering = await load(parts, model, changed, spec);
    try {
      const running = new RunningDeployment(parts, scoringTarget(changed.name, spec, spec.output.topic), answering);
      running.subscription = await parts.eventLog.consumeColumns(
        { ...inputOf(spec), ...batchOf(spec), group: groupOf(changed.name) },
        (columns, context) => running.score(columns, context),
      );
      return running;
    } catch (error) {
      await answering.scorer.retire();
      throw error;
    }
  }

  get resolved(): ResolvedModel {
    return this.current.scorer.resolved;
  }

  get generation(): number {
    return this.current.scorer.generation;
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
    const former = this.current.scorer;
    this.current = next;
    this.parts.metrics.swaps.inc({ deployment: this.target.deployment });
    await former.retire();
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
    await this.current.scorer.retire();
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
    const { target } = this;
    const { scorer, extras } = this.current;
    const labels = { deployment: target.deployment, version: String(scorer.resolved.version) };
    const end = this.parts.metrics.inference.startTimer({ deployment: target.deployment });
    const { scored, explained, unexplained, reject } = await scorer.use(() =>
      this.columns.score(scorer, columns, context, extras),
    );
    end();
    this.parts.metrics.predictions.inc(labels, scored);
    if (extras.explainer) this.countExplanations(explained.length, unexplained);
    return { emit: [...this.effects(scorer, columns), ...explained], reject };
  }

  private countExplanations(made: number, failed: number): void {
    const { deployment } = this.target;
    this.parts.metrics.explanations.inc({ deployment, outcome: 'made' }, made);
    this.parts.metrics.explanations.inc({ deployment, outcome: 'failed' }, failed);
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

/** @throws HeadraceError when the version, or what shall be made of its answers, does not fit the deployment */
async function load(
  parts: DeploymentParts,
  model: ResolvedModel,
  changed: DeploymentChanged,
  spec: DeploymentSpec,
): Promise<Answering> {
  const runtime = parts.calls.runtimeFor(parts.runtime, model, changed.name);
  const scorer = await Scorer.load({ ...parts, runtime }, model, changed.generation, spec);
  try {
    const { input, output, explain } = spec;
    const plain = output.plain && (await PlainOutput.load(parts.eventLog, output.plain, input, scorer));
    return { scorer, extras: { plain, explainer: explain && new Explainer(scorer, explain, input.features) } };
  } catch (error) {
    await scorer.retire();
    throw error;
  }
}

/** The consumer group that scores a deployment's input. */
export function groupOf(deployment: string): string {
  return `headrace.streaming.${deployment}`;
}
