import { seededRandom, shuffle } from './seeded-random.js';

export interface RowSplit {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/** Keeps `share` of the rows of each class back, so that both parts have both classes. Row indices ascend. */
export function splitRows(labels: Uint8Array, share: number, seed: number): RowSplit {
  const random = seededRandom(seed);
  const isKept = new Uint8Array(labels.length);
  for (const label of [0, 1]) {
    const rows = shuffle(rowsWhere(labels, label), random);
    for (const row of rows.subarray(0, Math.round(rows.length * share))) isKept[row] = 1;
  }
  return { training: rowsWhere(isKept, 0), validation: rowsWhere(isKept, 1) };
}

function rowsWhere(flags: Uint8Array, wanted: number): Int32Array {
  const rows: number[] = [];
  flags.forEach((value, row) => {
    if (value === wanted) rows.push(row);
  });
  return Int32Array.from(rows);
}
