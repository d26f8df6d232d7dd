import type { Batch, EventRecord, Rejection } from '@headrace/event-log';
import type { Db, Trx } from '../database.js';
import { storeOnce, type PartitionPlace } from './partition-progress.js';

/**
 * Stores what can be read of a batch, exactly once by its partition's progress; the rest is rejected, and counts as read, so that a partition that ends with it is read to its end.
 * @param source names the topic in progress and marks
 * @returns the outcome of `store`, null where nothing of the batch was left to store
 */
export async function storeBatch<V, R extends { readonly offset: number }, O>(
  db: Db,
  source: string,
  { partition, records }: Batch<V>,
  read: (record: EventRecord<V>) => R | Rejection,
  store: (trx: Trx, place: PartitionPlace, fresh: readonly R[]) => Promise<O>,
): Promise<{ reject: Rejection[]; outcome: O | null }> {
  const all = records.map(read);
  const reject = all.filter((each): each is Rejection => 'code' in each);
  const known = all.filter((each): each is R => !('code' in each));
  const place = { source, partition };
  const reached = records.at(-1)?.offset;
  return { reject, outcome: await storeOnce(db, place, known, (trx, fresh) => store(trx, place, fresh), reached) };
}
