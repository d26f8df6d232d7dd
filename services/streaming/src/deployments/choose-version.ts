import type { DeploymentChanged, DeploymentSpec, ResolvedModel } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { quarantined } from '@headrace/model-runtime/quarantine';
import { HeadraceError } from '@headrace/service-kit';
import type { VersionProbe } from '../probe/version-probe.js';
import type { Quarantines } from '../quarantine/quarantines.js';
import { answeredVersions } from './answered-versions.js';
import { findVersion, type ModelCatalogue } from '@headrace/model-runtime/catalogue';

export interface ChooserParts {
  readonly eventLog: EventLog;
  readonly catalogue: ModelCatalogue;
  readonly quarantines: Quarantines;
  readonly probe: VersionProbe;
}

export interface Choice {
  /** What shall answer; null: nothing can. */
  readonly model: ResolvedModel | null;
  /** Why that is not the wanted version. */
  readonly refusal: HeadraceError | null;
}

/**
 * The wanted version, unless it is quarantined or fails its probe; then the last good one: what answers here now, else what answered
 * the deployment's records last, else the version before the change.
 * @throws HeadraceError UNAVAILABLE when that cannot be found out now
 */
export async function chooseVersion(
  parts: ChooserParts,
  changed: DeploymentChanged,
  wanted: ResolvedModel,
  running: ResolvedModel | null,
): Promise<Choice> {
  const { features } = (JSON.parse(changed.spec) as DeploymentSpec).input;
  const refusal = await refusalOf(parts, wanted, features.length);
  if (!refusal) return { model: wanted, refusal: null };
  for await (const model of formerVersions(parts, changed, wanted, running)) {
    if (model.name === wanted.name && model.version === wanted.version) continue;
    if (!(await refusalOf(parts, model, features.length))) return { model, refusal };
  }
  return { model: null, refusal };
}

/** Undefined when the version may run. */
async function refusalOf(
  parts: ChooserParts,
  model: ResolvedModel,
  features: number,
): Promise<HeadraceError | undefined> {
  const barring = parts.quarantines.barring(model);
  if (barring) return quarantined(model, barring);
  try {
    await parts.probe.check(model, features);
    return undefined;
  } catch (error) {
    if (error instanceof HeadraceError && error.retry === 'never') return error;
    throw error;
  }
}

async function* formerVersions(
  { eventLog, catalogue }: ChooserParts,
  { name, previousVersion }: DeploymentChanged,
  wanted: ResolvedModel,
  running: ResolvedModel | null,
): AsyncGenerator<ResolvedModel> {
  if (running) yield running;
  const answered = await answeredVersions(eventLog, name);
  const previous = previousVersion == null ? [] : [{ model: wanted.name, version: previousVersion }];
  for (const { model, version } of [...answered, ...previous]) {
    const resolved = await findVersion(catalogue, model, version);
    if (resolved) yield resolved;
  }
}
