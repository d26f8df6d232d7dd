import kafkajs from 'kafkajs';
import type { Admins } from './admins.js';

/** Members that read the topic, and those that do not tell: a group that shares its partitions anew names its members alone. */
export async function groupMembers(admins: Admins, group: string, topic: string): Promise<number> {
  const { groups } = await admins.ask(`group ${group}`, (admin) => admin.describeGroups([group]));
  return groups.flatMap(({ members }) => members).filter(({ memberMetadata }) => mayRead(memberMetadata, topic)).length;
}

function mayRead(metadata: Buffer, topic: string): boolean {
  const told = metadata.length > 0 ? kafkajs.AssignerProtocol.MemberMetadata.decode(metadata) : null;
  return told === null || told.topics.includes(topic);
}
