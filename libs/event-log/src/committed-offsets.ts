import type { Admins } from './admins.js';

/** By partition; without those that the group has committed nothing of. */
export async function committedOffsets(admins: Admins, group: string, topic: string): Promise<Map<number, number>> {
  const [answer] = await admins.ask(`group ${group}`, (admin) =>
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
  );
  const offsets = (answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
  return new Map(offsets.filter(([, offset]) => offset >= 0));
}
