import type { NotEnoughData } from './comparison.js';
import type { PairedFigures } from './compare-figures.js';

/** A metric's value by what makes it comparable: a step, or what a child run says of its fold and seed. */
export type Figures = ReadonlyMap<string, number>;

/** What a run has logged. */
export interface RunFigures {
  readonly runId: string;
  /** Metric → step → value. */
  readonly steps: ReadonlyMap<string, Figures>;
  /** Metric → fold or seed → latest value of the child run. */
  readonly children: ReadonlyMap<string, Figures>;
}

const STEPS_NOTE =
  'steps are taken as folds or seeds; steps of one training depend on each other, and the test does not hold for them';

/** The metrics that both have more than once, paired by fold or seed: by child runs where both have them, else by step. */
export function pairFigures(
  first: RunFigures,
  second: RunFigures,
): { paired: PairedFigures[]; missing: NotEnoughData[] } {
  const paired: PairedFigures[] = [];
  const missing: NotEnoughData[] = [];
  for (const figure of keysOf(first).filter((key) => keysOf(second).includes(key))) {
    const children = join(first.children.get(figure), second.children.get(figure));
    const steps = join(first.steps.get(figure), second.steps.get(figure));
    if (children.first.length > 1) paired.push({ figure, over: 'child runs', ...children });
    else if (steps.first.length > 1) paired.push({ figure, over: 'steps', ...steps, note: STEPS_NOTE });
    else
      missing.push({
        test: 'wilcoxon',
        figure,
        missing:
          'values of several folds or seeds of both, as steps of the metric or as child runs with a param or tag fold or seed',
      });
  }
  if (paired.length + missing.length === 0)
    missing.push({
      test: 'wilcoxon',
      figure: 'metrics',
      missing: `a metric that both ${first.runId} and ${second.runId} have`,
    });
  return { paired, missing };
}

const keysOf = ({ steps, children }: RunFigures): string[] =>
  [...new Set([...steps.keys(), ...children.keys()])].sort();

/** Values that are no number, such as a metric that diverged, are compared with nothing. */
function join(first: Figures = new Map(), second: Figures = new Map()) {
  const shared = [...first.keys()].filter((key) => Number.isFinite(first.get(key)) && Number.isFinite(second.get(key)));
  const of = (side: Figures) => Float64Array.from(shared, (key) => side.get(key)!);
  return { first: of(first), second: of(second) };
}
