import type { Comparison } from './weekly-comparison.js';
import type { Quality } from './quality.js';

interface Figure {
  readonly name: string;
  readonly of: (quality: Quality) => number | null;
  readonly higherIsBetter: boolean;
}

const FIGURES: readonly Figure[] = [
  { name: 'AUC', of: ({ auc }) => auc, higherIsBetter: true },
  { name: 'log-loss', of: ({ logLoss }) => logLoss, higherIsBetter: false },
  { name: 'calibration error', of: ({ calibrationError }) => calibrationError, higherIsBetter: false },
];

/** One sentence on whether retraining helped, from the records that retrained versions answered; it says so when it did not. */
export function conclude({ afterRetraining: { champion, neverRetrained } }: Comparison): string {
  if (champion.rows === 0) return 'No retrained version has answered a labelled record: nothing to compare.';
  const compared = FIGURES.map((figure) => compare(figure, champion, neverRetrained)).filter((each) => each !== null);
  const better = compared.filter(({ gain }) => gain > 0).map(({ text }) => text);
  const worse = compared.filter(({ gain }) => gain <= 0).map(({ text }) => text);
  const scope = `over ${champion.rows} labelled records answered by retrained versions`;
  if (worse.length === 0) return `Retraining helped ${scope}: ${better.join(', ')}.`;
  if (better.length === 0) return `Retraining did not help ${scope}: ${worse.join(', ')}.`;
  return `Retraining helped in part ${scope}: better in ${better.join(', ')}; not better in ${worse.join(', ')}.`;
}

function compare(figure: Figure, champion: Quality, other: Quality): { gain: number; text: string } | null {
  const [now, before] = [figure.of(champion), figure.of(other)];
  if (now === null || before === null) return null;
  const gain = figure.higherIsBetter ? now - before : before - now;
  return { gain, text: `${figure.name} ${now.toFixed(4)} against ${before.toFixed(4)} never retrained` };
}
