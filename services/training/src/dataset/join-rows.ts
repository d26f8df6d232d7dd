import { createHash } from 'node:crypto';
import type { TrainingData } from '../trainers/trainer.js';
import type { FeatureRow, LabelRow } from './read-rows.js';

export interface JoinedRows {
  readonly data: TrainingData;
  readonly features: readonly FeatureRow[];
  readonly labels: readonly LabelRow[];
  /** Hex, over record id, float32 features and label of each row, in record-id order. */
  readonly sha256: string;
}

/** Labelled rows in record-id order (by UTF-16 code units), as columns and as a content hash. */
export function joinRows(
  featureNames: readonly string[],
  features: ReadonlyMap<string, FeatureRow>,
  labels: ReadonlyMap<string, LabelRow>,
): JoinedRows {
  const ids = [...features.keys()].filter((id) => labels.has(id)).sort((a, b) => (a < b ? -1 : 1));
  const rows = ids.map((id) => features.get(id)!);
  const truths = ids.map((id) => labels.get(id)!);
  const data = {
    features: new Float32Array(ids.length * featureNames.length),
    labels: new Uint8Array(ids.length),
    featureNames,
  };
  const hash = createHash('sha256');
  ids.forEach((id, row) => {
    data.features.set(rows[row]!.features, row * featureNames.length);
    data.labels[row] = truths[row]!.label;
    hash.update(`${id}\0`).update(littleEndian(rows[row]!.features)).update(Uint8Array.of(truths[row]!.label));
  });
  return { data, features: rows, labels: truths, sha256: hash.digest('hex') };
}

function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => view.setFloat32(at * 4, value, true));
  return new Uint8Array(view.buffer);
}
