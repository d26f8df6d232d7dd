import type { ModelQuarantined, ResolvedModel } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';

/** What topic headrace.quarantines holds, by key. */
export interface QuarantineRows {
  readonly size: number;
  get(key: string): ModelQuarantined | undefined;
  entries(): IterableIterator<[string, ModelQuarantined]>;
}

/** Key on topic headrace.quarantines. */
export function quarantineKey(model: string, version: number): string {
  return `${model}@${version}`;
}

/** Why a version must not run; undefined when it may. The same file is as harmful under another version's number. */
export function barringOf(
  rows: QuarantineRows,
  { name, version, sha256 }: Pick<ResolvedModel, 'name' | 'version' | 'sha256'>,
): ModelQuarantined | undefined {
  // Asked before every call of a model.
  if (rows.size === 0) return undefined;
  const named = rows.get(quarantineKey(name, version));
  if (named) return named;
  for (const [, each] of rows.entries()) if (each.sha256 !== '' && each.sha256 === sha256) return each;
  return undefined;
}

export function quarantined({ name, version }: ResolvedModel, { reason, evidence, quarantinedAt }: ModelQuarantined) {
  const since = new Date(quarantinedAt).toISOString();
  return new HeadraceError(
    'MODEL_QUARANTINED',
    `${name}@${version} is quarantined since ${since} (${reason}): ${evidence}`,
  );
}
