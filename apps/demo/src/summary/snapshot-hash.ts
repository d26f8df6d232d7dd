import type { DatasetSnapshot, OffsetRange } from '@headrace/contracts';
import { createHash } from 'node:crypto';
import type { LoopState, Placed } from '../observe/loop-state.js';
import { FLIGHTS } from '../play/topics.js';

/**
 * The snapshot's content hash again, from the topics: sha256 over record id, a zero byte, the features as little-endian float32
 * and the label as one byte, of each labelled row in record-id order.
 * @param holdoutMs labels that arrived by the end of the holdout, which follows the snapshot, belong to it
 */
export function snapshotHash(
  state: LoopState,
  snapshot: DatasetSnapshot,
  features: readonly string[],
  holdoutMs: number,
): { readonly rows: number; readonly sha256: string } {
  const hash = createHash('sha256');
  let rows = 0;
  for (const id of [...state.departures.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const [flight, landing] = [state.departures.get(id)!, state.landings.get(id)];
    if (!landing || landing.value.landedAt >= snapshot.toTime + holdoutMs) continue;
    const { departedAt } = flight.value;
    if (departedAt < snapshot.fromTime || departedAt >= snapshot.toTime) continue;
    if (!within(snapshot.ranges, FLIGHTS.features, flight) || !within(snapshot.ranges, FLIGHTS.labels, landing))
      continue;
    const values = features.map((name) => Number((flight.value as unknown as Record<string, unknown>)[name]));
    hash
      .update(`${id}\0`)
      .update(littleEndian(values))
      .update(Uint8Array.of(Number(landing.value.late)));
    rows++;
  }
  return { rows, sha256: hash.digest('hex') };
}

function within(ranges: readonly OffsetRange[], topic: string, { partition, offset }: Placed<unknown>): boolean {
  return ranges.some(
    (range) => range.topic === topic && range.partition === partition && offset >= range.from && offset < range.to,
  );
}

function littleEndian(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => view.setFloat32(at * 4, value, true));
  return new Uint8Array(view.buffer);
}
