import { avroLongs, avroStrings, concatBytes } from './avro-bytes.js';
import type { OutputColumn } from './output-columns.js';
import type { PredictionOrigin } from './prediction-origin.js';

/** A double of a row's value: which column of which output goes where. */
interface Hole {
  readonly numbers: Float64Array;
  readonly width: number;
  readonly column: number;
  readonly at: number;
}

/** Bytes from behind the event time up to the input's offset, as they are for every row of a run; the numbers are put in. */
export interface AnswerTemplate {
  readonly bytes: Uint8Array;
  readonly holes: readonly Hole[];
  /** Where the features go; −1 when they are not repeated. */
  readonly features: number;
}

/** Branches of a value. */
const NUMBER = 0;
const TEXT = 1;

const DOUBLE = new Uint8Array(8);

/**
 * @param features how many
 * @param row whose text is written, where outputs are text: of another length in each row, so that each needs a template of its own
 */
export function answerTemplate(
  origin: PredictionOrigin,
  outputs: readonly OutputColumn[],
  score: OutputColumn | undefined,
  features: number,
  row: number,
): AnswerTemplate {
  const holes: Hole[] = [];
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (...bytes: Uint8Array[]): void => {
    parts.push(...bytes);
    length += bytes.reduce((sum, each) => sum + each.length, 0);
  };
  const addNumber = ({ numbers, width }: OutputColumn, column: number): void => {
    holes.push({ numbers: numbers!, width, column, at: length });
    add(DOUBLE);
  };
  add(avroLongs(score ? 1 : 0));
  if (score) addNumber(score, score.width - 1);
  if (outputs.length > 0) add(avroLongs(outputs.length));
  for (const output of outputs) {
    add(output.head);
    for (let column = 0; column < output.width; column++) {
      if (output.numbers) {
        add(avroLongs(NUMBER));
        addNumber(output, column);
      } else add(avroLongs(TEXT), avroStrings(output.texts[row * output.width + column]!));
    }
    add(avroLongs(0));
  }
  add(avroLongs(0));
  add(origin.echo ? avroLongs(1, features) : avroLongs(0));
  const featuresAt = origin.echo ? length : -1;
  if (origin.echo) add(new Uint8Array(features * 8), avroLongs(0));
  add(avroLongs(1), avroStrings(origin.topic), avroLongs(origin.partition));
  return { bytes: concatBytes(...parts), holes, features: featuresAt };
}
