import type { GatewayClient } from '@headrace/cli';
import { CHAMPION, FROZEN } from '../deployments.js';
import { accountOf, type Account } from '../observe/accounting.js';
import type { LoopState } from '../observe/loop-state.js';
import { missingStep, steps } from '../observe/steps.js';
import { conclude } from './conclusion.js';
import { traceOnePrediction, type Lineage } from './lineage.js';
import { retrainsOf, type Retrain } from './retrains.js';
import { compareByWeek, type Comparison } from './weekly-comparison.js';

/** What one run showed; written as it is by --json. Every figure is computed from the topics, read committed. */
export interface Summary {
  /** The loop has closed, the stream has played out, and every record has its answer. */
  readonly complete: boolean;
  /** What did not happen; null when complete. */
  readonly missing: string | null;
  readonly steps: Array<{ readonly name: string; readonly done: boolean }>;
  readonly comparison: Comparison;
  /** Weeks before it are what version 1 learnt from, ISO date; null without a first model. */
  readonly firstModelLearntUntil: string | null;
  readonly conclusion: string;
  readonly retrains: Retrain[];
  readonly counts: {
    readonly asked: number;
    readonly promoted: number;
    readonly refused: number;
    readonly failed: number;
  };
  readonly accounts: Account[];
  readonly labels: number;
  readonly lineage: Lineage | null;
  /** Why the lineage could not be walked; null when it could. */
  readonly lineageFault: string | null;
}

/** @param unfinished what is missing besides the loop's steps, in words; null when nothing is */
export async function summarise(state: LoopState, gateway: GatewayClient, unfinished: string | null): Promise<Summary> {
  const missing = missingStep(state)?.name ?? unfinished;
  const comparison = compareByWeek(state);
  const retrains = retrainsOf(state);
  const count = (outcome: Retrain['outcome']) => retrains.filter((each) => each.outcome === outcome).length;
  return {
    complete: missing === null,
    missing,
    steps: steps.map(({ name, done }) => ({ name, done: done(state) })),
    comparison,
    firstModelLearntUntil: learntUntil(state),
    conclusion: conclude(comparison),
    retrains,
    counts: { asked: retrains.length, promoted: count('PROMOTED'), refused: count('REFUSED'), failed: count('FAILED') },
    accounts: [CHAMPION, FROZEN].map((deployment) => accountOf(state, deployment)),
    labels: state.landings.size,
    ...(await walkBack(state, gateway)),
  };
}

function learntUntil({ trainings }: LoopState): string | null {
  const first = trainings.find(({ version }) => version === 1)?.snapshot;
  return first ? new Date(first.toTime).toISOString().slice(0, 10) : null;
}

/** A summary without its lineage is still worth printing. */
async function walkBack(state: LoopState, gateway: GatewayClient): Promise<Pick<Summary, 'lineage' | 'lineageFault'>> {
  try {
    return { lineage: await traceOnePrediction(state, gateway), lineageFault: null };
  } catch (error) {
    return { lineage: null, lineageFault: error instanceof Error ? error.message : String(error) };
  }
}
