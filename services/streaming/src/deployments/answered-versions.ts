import { topics } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import type { ModelVersionName } from './model-version-name.js';

/** The versions that have answered a deployment's records, the latest first, each once. */
export async function answeredVersions(eventLog: EventLog, deployment: string): Promise<ModelVersionName[]> {
  const versions = new Map<string, ModelVersionName>();
  for await (const { records } of eventLog.read(
    topics.deploymentEffects,
    await eventLog.offsets(topics.deploymentEffects),
  ))
    for (const { value } of records.filter((each) => each.value.deployment === deployment)) {
      const { model, version } = value;
      versions.delete(`${model}@${version}`);
      versions.set(`${model}@${version}`, { model, version });
    }
  return [...versions.values()].reverse();
}
