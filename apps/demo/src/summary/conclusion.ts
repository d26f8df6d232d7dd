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

/** Smaller differences are none: four decimals are shown, and over 50,000 rows chance alone makes about this much. */
const SAME_WITHIN = 0.0005;

interface Compared {
  readonly verdict: 'better' | 'worse' | 'the same';
  readonly text: string;
}

/** One sentence on whether retraining helped, from the records that retrained versions answered; it says so when it did not. */
export function conclude({ afterRetraining: { champion, neverRetrained } }: Comparison): string {
  if (champion.rows === 0) return 'No retrained version has answered a labelled record: nothing to compare.';
  const compared = FIGURES.map((figure) => compare(figure, champion, neverRetrained)).filter((each) => each !== null);
  const isBetter = compared.some(({ verdict }) => verdict === 'better');
  const isWorse = compared.some(({ verdict }) => verdict === 'worse');
  const helped = isBetter ? (isWorse ? 'helped in part' : 'helped') : 'did not help';
  const details = compared.map(({ text }) => text).join('; ');
  return `Retraining ${helped}, over ${champion.rows} labelled records answered by retrained versions: ${details}.`;
}

function compare(figure: Figure, champion: Quality, other: Quality): Compared | null {
  const [now, before] = [figure.of(champion), figure.of(other)];
  if (now === null || before === null) return null;
  const gain = figure.higherIsBetter ? now - before : before - now;
  const verdict = Math.abs(gain) < SAME_WITHIN ? 'the same' : gain > 0 ? 'better' : 'worse';
  return {
    verdict,
    text: `${figure.name} ${now.toFixed(4)} against ${before.toFixed(4)} never retrained (${verdict})`,
  };
}
