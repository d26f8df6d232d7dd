// Follows a consumer group until it has committed its whole input.
import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './process-usage.mjs';

const POLL_MS = 25;

/**
 * One sample before `begin`, then one each 25 ms until all is committed.
 * @param {{ admin: import('kafkajs').Admin, group: string, topic: string, records: number, pids: number[], begin: () => unknown, alive: () => void, limitSeconds: number }} options
 *   alive: throws when a worker has ended
 * @returns {Promise<import('./samples.mjs').Sample[]>}
 * @throws Error when the worker ends before, or at the time limit
 */
export async function follow({ admin, group, topic, records, pids, begin, alive, limitSeconds }) {
  const startedAt = performance.now();
  const sample = (committed) => ({ seconds: (performance.now() - startedAt) / 1000, committed, ...usageOf(pids) });
  const samples = [sample(0)];
  await begin();
  while (samples.at(-1).committed < records) {
    if (samples.at(-1).seconds > limitSeconds)
      throw new Error(`only ${samples.at(-1).committed} of ${records} records committed in ${limitSeconds} s`);
    alive();
    await sleep(POLL_MS);
    samples.push(sample(await committedBy(admin, group, topic)));
  }
  return samples;
}

/** Records of the topic that the group has committed; its partitions begin at offset 0. */
export async function committedBy(admin, group, topic) {
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  return found.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}
