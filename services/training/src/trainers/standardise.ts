/** Per column, in float32, because the exported graph computes in float32. */
export interface Standardisation {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Mean and standard deviation of each column's values that are there; a constant or empty column is left unscaled. */
export function fitStandardisation(features: Float32Array, width: number): Standardisation {
  const mean = new Float32Array(width);
  const deviation = new Float32Array(width);
  for (let column = 0; column < width; column++) {
    const [average, spread] = moments(features, column, width);
    mean[column] = average;
    deviation[column] = spread > 0 && Number.isFinite(Math.fround(spread)) ? spread : 1;
  }
  return { mean, deviation };
}

/** (x − mean) / deviation with NaN read as the mean; rounds after each step, as the graph's Sub and Div do. */
export function standardise(features: Float32Array, { mean, deviation }: Standardisation): Float32Array {
  const width = mean.length;
  const result = new Float32Array(features.length);
  for (let at = 0; at < features.length; at++) {
    const value = features[at]!;
    const column = at % width;
    result[at] = Number.isNaN(value) ? 0 : Math.fround(value - mean[column]!) / deviation[column]!;
  }
  return result;
}

/** Two passes: the one-pass formula cancels on columns with a large mean, such as timestamps. */
function moments(features: Float32Array, column: number, width: number): [mean: number, deviation: number] {
  let count = 0;
  let sum = 0;
  for (let at = column; at < features.length; at += width) {
    const value = features[at]!;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
  }
  if (count === 0) return [0, 0];
  const mean = sum / count;
  let squares = 0;
  for (let at = column; at < features.length; at += width) {
    const value = features[at]!;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  return [mean, Math.sqrt(squares / count)];
}
