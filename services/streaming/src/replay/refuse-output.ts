import { topics, type DeploymentSpec } from '@headrace/contracts';

const PLATFORM: ReadonlySet<string> = new Set(Object.values(topics).map(({ name }) => name));

/** Why replayed predictions must not go to this topic, whose readers would take them for something else; undefined when they may. Pure. */
export function refuseOutput(
  topic: string,
  deployments: Iterable<readonly [string, DeploymentSpec]>,
): string | undefined {
  if (topic === topics.replays.name) return undefined;
  for (const [name, { input, output, labels }] of deployments) {
    if (topic === input.topic) return `${topic} is the input topic of deployment ${name}`;
    if (topic === output.topic) return `${topic} holds the live predictions of deployment ${name}`;
    if (topic === labels?.topic) return `${topic} holds the labels of deployment ${name}`;
  }
  return PLATFORM.has(topic) ? `${topic} is the platform's own` : undefined;
}
