import type { Topic } from '@headrace/contracts';

/** Of a topic of the catalogue, or of a user's. */
export function topicName(topic: Topic<any> | string): string {
  return typeof topic === 'string' ? topic : topic.name;
}
