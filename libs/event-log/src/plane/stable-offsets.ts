import { HeadraceError } from '@headrace/service-kit';
import { offsetFetchV8, type Connection } from '@platformatic/kafka';
import { codes } from './protocol-error.js';
import { untilSettled } from './until-settled.js';

/**
 * What a group has committed, by partition; without those that it has committed nothing of. With RequireStable: offsets of a transaction
 * that is being decided are waited for.
 * @param coordinator of the group
 */
export async function stableOffsets(
  coordinator: Connection,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, number>> {
  const topics = [{ name: topic, partitionIndexes: [...partitions] }];
  const answer = await untilSettled(
    `Committed offsets of ${groupId} in ${topic}/${partitions.join(',')}`,
    [codes.unstableOffset, codes.coordinatorLoading],
    () => offsetFetchV8.api.async(coordinator, [{ groupId, memberId: null, memberEpoch: -1, topics }], true),
  );
  const told = answer.groups[0]?.topics[0]?.partitions ?? [];
  if (told.length < partitions.length)
    throw new HeadraceError('UNAVAILABLE', `Group ${groupId} tells no offsets of ${topic}/${partitions.join(',')}`);
  const committed = told.filter(({ committedOffset }) => committedOffset >= 0n);
  return new Map(committed.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]));
}
