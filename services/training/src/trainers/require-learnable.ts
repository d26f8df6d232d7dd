import { HeadraceError } from '@headrace/service-kit';
import type { TrainingData } from './trainer.js';

/** Enough to keep a validation part with both classes; below it a figure means nothing. */
const MIN_ROWS_A_CLASS = 10;

/** @throws HeadraceError INPUT_INVALID when nothing can be learnt from the data */
export function requireLearnable(data: TrainingData): void {
  const rows = data.labels.length;
  const width = data.featureNames.length;
  if (data.features.length !== rows * width) {
    refuse(`${data.features.length} feature values do not make ${rows} rows of ${width}`, { rows, width });
  }
  if (rows === 0) refuse('The data set is empty: no record of the window has a label', { rows });
  const positives = data.labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === rows) {
    refuse(`All ${rows} rows have the label ${positives === 0 ? 0 : 1}: both classes are needed`, { rows, positives });
  }
  if (Math.min(positives, rows - positives) < MIN_ROWS_A_CLASS) {
    const counts = `${positives} rows of class 1 and ${rows - positives} of class 0`;
    refuse(`${counts}: at least ${MIN_ROWS_A_CLASS} of each are needed`, { rows, positives });
  }
}

function refuse(message: string, context: Record<string, number>): never {
  throw new HeadraceError('INPUT_INVALID', message, { context });
}
