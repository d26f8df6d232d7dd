import { topics, type DeploymentSpec } from '@headrace/contracts';
import type { Letter } from './letter.js';
import { parsePlace } from './place.js';

export type RefusalCode =
  | 'ALREADY_REDRIVEN'
  | 'ORIGIN_UNKNOWN'
  | 'REPLAY_ENDED'
  | 'DEPLOYMENT_GONE'
  | 'TOPIC_NOT_READ'
  | 'PREDICTION'
  | 'COMPACTED'
  | 'TOPIC_GONE'
  | 'RECORD_GONE'
  | 'TOO_LARGE';

/** Why a letter stays where it is. */
export interface Refusal {
  readonly letter: string;
  readonly code: RefusalCode;
  readonly message: string;
}

/** The specs of the deployments that exist. */
export type Specs = ReadonlyMap<string, Pick<DeploymentSpec, 'input' | 'output'>>;

type Rule = readonly [RefusalCode, (letter: Letter, topic: string, specs: Specs) => string | false];

const COMPACTED = new Set<string>(
  Object.values(topics).flatMap(({ name, cleanup }) => (cleanup === 'compact' ? [name] : [])),
);

/** What must not go back to its topic, in the order in which it is told. */
const RULES: readonly Rule[] = [
  ['ORIGIN_UNKNOWN', ({ origin }, topic) => topic === '' && `its place '${origin}' names no record`],
  [
    'REPLAY_ENDED',
    ({ group }) => group.startsWith('headrace.replay.') && `${group} read its ranges once and has ended`,
  ],
  [
    'DEPLOYMENT_GONE',
    ({ group, deployment }, _, specs) =>
      isStreaming(group) && !specs.has(deployment!) && `deployment ${deployment} does not exist; nobody would read it`,
  ],
  [
    'TOPIC_NOT_READ',
    ({ group, deployment }, topic, specs) => {
      const reads = isStreaming(group) ? specs.get(deployment!)?.input.topic : topic;
      return reads !== topic && `deployment ${deployment} reads ${reads} now, no longer ${topic}`;
    },
  ],
  [
    'PREDICTION',
    (_, topic, specs) =>
      isPredictions(topic, specs) && `${topic} holds predictions, and each is to be there exactly once`,
  ],
  ['COMPACTED', (_, topic) => COMPACTED.has(topic) && `${topic} is compacted: an old state would become the latest`],
];

/** The first rule against a redrive of this letter; undefined when there is none. Pure. */
export function refusalOf(letter: Letter, specs: Specs): Refusal | undefined {
  const topic = parsePlace(letter.origin)?.topic ?? '';
  for (const [code, rule] of RULES) {
    const why = rule(letter, topic, specs);
    if (why) return { letter: letter.place, code, message: why };
  }
  return undefined;
}

function isStreaming(group: string): boolean {
  return group.startsWith('headrace.streaming.');
}

function isPredictions(topic: string, specs: Specs): boolean {
  const own: readonly string[] = [topics.predictions.name, topics.replays.name];
  return own.includes(topic) || [...specs.values()].some(({ output }) => output.topic === topic);
}
