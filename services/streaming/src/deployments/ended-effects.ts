import { topics, type DeploymentApplied } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';

/** What was told last of each deployment's partitions. */
export type LastEffects = ReadonlyMap<string, DeploymentApplied>;

export function effectKey({
  deployment,
  topic,
  partition,
}: Pick<DeploymentApplied, 'deployment' | 'topic' | 'partition'>): string {
  return `${deployment} ${topic} ${partition}`;
}

/** Reads all that was ever told: the topic grows by changes, not by records. */
export async function lastEffects(eventLog: EventLog): Promise<LastEffects> {
  const effects = new Map<string, DeploymentApplied>();
  const ranges = await eventLog.offsets(topics.deploymentEffects);
  for await (const { records } of eventLog.read(topics.deploymentEffects, ranges))
    for (const { value } of records) effects.set(effectKey(value), value);
  return effects;
}

/**
 * The events that say where partitions ended; none for those of which that is said already. Somebody who was late may have gone on for a
 * while behind an end that was told: then the later end is told, too. Pure.
 * @param ended the last effect of each partition that is not read any more
 * @param committed by topic and partition: the first offset that is not answered
 */
export function endedEffects(
  ended: readonly DeploymentApplied[],
  committed: ReadonlyMap<string, ReadonlyMap<number, number>>,
): DeploymentApplied[] {
  return ended.flatMap((last) => {
    const fromOffset = committed.get(last.topic)?.get(last.partition);
    // The broker forgets it a week after the group's last member: nobody knows any more.
    if (fromOffset === undefined) return [];
    const isTold = last.state === 'REMOVED' && fromOffset <= last.fromOffset;
    return isTold ? [] : [{ ...last, state: 'REMOVED' as const, fromOffset }];
  });
}
