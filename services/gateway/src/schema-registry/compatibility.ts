import { messageOf } from '@headrace/service-kit';
import type { Type } from 'avsc';
import { registryErrors } from './registry-error.js';

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** @throws RegistryError 42203 */
export function parseLevel(text: unknown): CompatibilityLevel {
  const level = COMPATIBILITY_LEVELS.find((known) => known === String(text).toUpperCase());
  if (level === undefined) throw registryErrors.invalidLevel();
  return level;
}

export interface EarlierVersion {
  readonly version: number;
  readonly type: Type;
}

/**
 * Why `candidate` may not follow the earlier versions (ascending); empty when it may.
 * BACKWARD: readers with the candidate understand earlier data. FORWARD: readers with an earlier schema understand new data.
 * FULL: both. Without _TRANSITIVE only the latest version counts.
 */
export function incompatibilities(
  level: CompatibilityLevel,
  candidate: Type,
  earlier: readonly EarlierVersion[],
): string[] {
  const against = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  const backward = level.startsWith('BACKWARD') || level.startsWith('FULL');
  const forward = level.startsWith('FORWARD') || level.startsWith('FULL');
  return against.flatMap(({ version, type }) => [
    ...(backward ? unreadable(candidate, type, `the new schema cannot read data of version ${version}`) : []),
    ...(forward ? unreadable(type, candidate, `version ${version} cannot read data of the new schema`) : []),
  ]);
}

/** Names are compared without namespaces, as Avro's schema resolution asks ("same (unqualified) name"). */
function unreadable(reader: Type, writer: Type, what: string): string[] {
  try {
    reader.createResolver(writer, { ignoreNamespaces: true } as never);
    return [];
  } catch (error) {
    return [`${what}: ${messageOf(error)}`];
  }
}
