import type { DeploymentSpec, ReplayFinished, ReplayRecords } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import type { ModelRuntime, ModelStore } from '@headrace/model-runtime';
import { HeadraceError } from '@headrace/service-kit';
import { inputOf, SOURCE } from '../deployments/running-deployment.js';
import { ColumnScorer, redrivenForOthers } from '../inference/score-columns.js';
import { scoringTarget, type ScoringTarget } from '../inference/scoring-target.js';
import { Scorer } from '../inference/scorer.js';
import type { ModelCatalogue } from '@headrace/model-runtime/catalogue';
import { withBatch } from '../journal/batch-in-hand.js';
import type { ModelCalls } from '../journal/guarded-model.js';
import type { VersionProbe } from '../probe/version-probe.js';
import { NewAssignments } from '../quarantine/new-assignments.js';
import type { Quarantines } from '../quarantine/quarantines.js';
import type { Cancellations } from './cancellations.js';
import { replayDeployment, replayGroup } from './replay-names.js';
import { completed } from './replay-results.js';
import { Throttle } from './throttle.js';

export interface ReplayParts {
  readonly eventLog: EventLog;
  readonly store: ModelStore;
  readonly runtime: ModelRuntime;
  readonly calls: ModelCalls;
  readonly catalogue: ModelCatalogue;
  readonly quarantines: Quarantines;
  readonly probe: VersionProbe;
  readonly cancellations: Cancellations;
  /** The spec of a deployment that exists. */
  readonly specOf: (deployment: string) => DeploymentSpec | undefined;
}

/**
 * Scores recorded ranges with another version, exactly once, in a group of its own: resumable after a kill, shared among workers,
 * and without a touch on live offsets.
 * @throws HeadraceError with retry 'never' when it cannot be done; AbortError when it is cancelled meanwhile, after the batch in hand
 */
export async function runReplay(
  parts: ReplayParts,
  command: ReplayRecords,
  requestedAtMs: number,
): Promise<ReplayFinished> {
  const spec = parts.specOf(command.deployment);
  if (!spec) throw new HeadraceError('NOT_FOUND', `Deployment ${command.deployment} does not exist`);
  const elsewhere = command.ranges.find(({ topic }) => topic !== spec.input.topic);
  if (elsewhere)
    throw new HeadraceError(
      'INPUT_INVALID',
      `The ranges are of ${elsewhere.topic}, and deployment ${command.deployment} reads ${spec.input.topic} now`,
    );
  const resolved = await parts.catalogue.resolve(command.model, command.version);
  const deployment = replayDeployment(command.replayId);
  await parts.quarantines.unlessBarred(resolved, parts.probe.check(resolved, spec.input.features.length));
  const runtime = parts.calls.runtimeFor(parts.runtime, resolved, deployment);
  const scorer = await Scorer.load({ ...parts, runtime }, resolved, 0, spec);
  try {
    const target = scoringTarget(deployment, spec, command.outputTopic);
    await scoreRanges(parts, command, spec, scorer, target);
    return await completed(parts.eventLog, command, requestedAtMs);
  } finally {
    await scorer.retire();
  }
}

/** @throws HeadraceError MODEL_QUARANTINED when the version does harm meanwhile, here or to another worker */
async function scoreRanges(
  { eventLog, quarantines, cancellations }: ReplayParts,
  command: ReplayRecords,
  spec: DeploymentSpec,
  scorer: Scorer,
  target: ScoringTarget,
): Promise<void> {
  const { ranges } = command;
  const group = replayGroup(command.replayId);
  const throttle = command.recordsPerSecond ? new Throttle(command.recordsPerSecond, ranges) : null;
  const cancelled = cancellations.signalOf(command.replayId);
  // Whoever takes a partition over after the others have left may not have heard of the cancellation yet.
  const assignments = new NewAssignments(async () => {
    await Promise.all([quarantines.caughtUp(), cancellations.caughtUp()]);
    cancelled.throwIfAborted();
  });
  const scoring = new ColumnScorer(target, SOURCE, redrivenForOthers(group));
  const subscription = await eventLog.consumeColumns(
    { ...inputOf(spec), group, ranges, ...(throttle && { maxRecords: throttle.maxRecords, commitEach: true }) },
    async (columns, context) => {
      const { partition, offsets, count } = columns;
      await throttle?.pass(partition, count, context.signal);
      await assignments.begin(partition, context.signal);
      const place = { partition, offset: offsets[0]! };
      const { reject } = await withBatch(place, () => scoring.score(scorer, columns, context));
      return { reject };
    },
  );
  try {
    const finished = subscription.finished.catch(failForGood);
    await unlessAborted(cancelled, quarantines.unlessBarred(scorer.resolved, finished));
  } finally {
    await subscription.stop();
  }
}

/** What failed ten times the same way fails the replay: a topic that it may not write to, or a bug. A worker that ends fails nothing. */
function failForGood(error: Error): never {
  if (error instanceof HeadraceError || error.name === 'AbortError') throw error;
  throw new HeadraceError('INTERNAL', error.message, { cause: error });
}

/** Rejects with AbortError when the signal is aborted before `work` settles, which it then need not do. */
async function unlessAborted<R>(signal: AbortSignal, work: Promise<R>): Promise<R> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
