import { topics } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelVersionName } from './model-version-name.js';

/**
 * The topic's end may be held back by the open transaction of a worker that was killed, until its partition has a new owner, which
 * may be waiting for the answer given here. What was committed before is there at once.
 */
const LONGEST_MS = 5000;

/** The versions that have answered a deployment's records, the latest first, each once. */
export async function answeredVersions(eventLog: EventLog, deployment: string): Promise<ModelVersionName[]> {
  const versions = new Map<string, ModelVersionName>();
  const read = async (): Promise<void> => {
    const ranges = await eventLog.offsets(topics.deploymentEffects);
    for await (const { records } of eventLog.read(topics.deploymentEffects, ranges))
      for (const { value } of records.filter((each) => each.value.deployment === deployment)) {
        const { model, version } = value;
        versions.delete(`${model}@${version}`);
        versions.set(`${model}@${version}`, { model, version });
      }
  };
  const enough = new AbortController();
  const late = sleep(LONGEST_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  const reading = read();
  // When it fails late nobody listens any more.
  reading.catch(() => undefined);
  await Promise.race([reading, late]).finally(() => enough.abort());
  return [...versions.values()].reverse();
}
