import type { OffsetRange } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import { parsePlace, type Place } from '../dead-letters/place.js';

/** One end of what is replayed. */
export type Bound =
  | { readonly kind: 'earliest' | 'latest' }
  /** The first record appended then or later, ms since the epoch. */
  | { readonly kind: 'time'; readonly ms: number }
  /** Offsets by name; partitions that are not named are left out. */
  | { readonly kind: 'places'; readonly places: readonly Place[] };

/** A time of day without its zone would mean the service's. */
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** `earliest`, `latest`, ms since the epoch, ISO 8601, or topic/partition@offset,… @throws HeadraceError INPUT_INVALID */
export function parseBound(text: string): Bound {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(ms)) return { kind: 'time', ms };
  const places = text.split(',').map((each) => parsePlace(each.trim()));
  if (places.every((place) => place !== undefined)) return { kind: 'places', places };
  throw invalid(
    `'${text}' is no point in the log; write ISO 8601 with its zone, ms since the epoch, earliest, latest, or topic/partition@offset,…`,
  );
}

/**
 * Offset of the bound by partition.
 * @param all what the topic holds  @param since the same from the bound's time on, where it is a time
 * @throws HeadraceError INPUT_INVALID when a place is not in `all`
 */
export function offsetsOf(
  bound: Bound,
  all: readonly OffsetRange[],
  since: readonly OffsetRange[],
): ReadonlyMap<number, number> {
  if (bound.kind === 'places') return placed(bound.places, all);
  return new Map(
    all.map(({ partition, from, to }) => {
      if (bound.kind === 'earliest') return [partition, from];
      if (bound.kind === 'latest') return [partition, to];
      const found = since.find((each) => each.partition === partition)?.from ?? to;
      // What has been appended meanwhile is beyond the end.
      return [partition, Math.min(found, to)];
    }),
  );
}

function placed(places: readonly Place[], all: readonly OffsetRange[]): Map<number, number> {
  const offsets = new Map<number, number>();
  for (const { topic, partition, offset } of places) {
    const whole = all.find((each) => each.topic === topic && each.partition === partition);
    const place = `${topic}/${partition}@${offset}`;
    if (!whole)
      throw invalid(`${place} is not in the deployment's input topic ${all[0]?.topic}, of ${all.length} partitions`);
    if (offset < whole.from || offset > whole.to)
      throw invalid(`${place} is not there: ${topic}/${partition} holds ${whole.from} to ${whole.to}`);
    if (offsets.has(partition)) throw invalid(`${topic}/${partition} is named twice`);
    offsets.set(partition, offset);
  }
  return offsets;
}

/** Ranges between the two, of the partitions that both name, without empty ones. @throws HeadraceError INPUT_INVALID when there are none */
export function rangesBetween(
  topic: string,
  from: ReadonlyMap<number, number>,
  to: ReadonlyMap<number, number>,
): OffsetRange[] {
  const ranges = [...from].flatMap(([partition, begin]) => {
    const end = to.get(partition);
    return end !== undefined && begin < end ? [{ topic, partition, from: begin, to: end }] : [];
  });
  if (ranges.length === 0) throw invalid(`There are no records of ${topic} in this range`);
  return ranges.sort((a, b) => a.partition - b.partition);
}

function invalid(message: string): HeadraceError {
  return new HeadraceError('INPUT_INVALID', message);
}
