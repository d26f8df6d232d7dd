import type { GateDecided } from '@headrace/contracts';
import { newAliasFault } from '../models/alias-name.js';

export interface AliasState {
  /** The version the alias stands for now; null when there is no such alias. */
  readonly aliasVersion: number | null;
  readonly candidateExists: boolean;
}

export interface Decision {
  readonly decision: 'PROMOTED' | 'REFUSED';
  readonly reason: string;
}

/** What a gate's verdict leads to. The first rule that applies decides. */
export function decideOnVerdict(verdict: GateDecided, { aliasVersion, candidateExists }: AliasState): Decision {
  const refuse = (reason: string): Decision => ({ decision: 'REFUSED', reason });
  const reasons = verdict.reasons.join('; ');
  if (!verdict.passed) return refuse(reasons || 'the gate was not passed');
  if (!candidateExists) return refuse(`version ${verdict.candidateVersion} does not exist`);
  const fault = newAliasFault(verdict.alias);
  if (fault !== undefined) return refuse(fault);
  if (aliasVersion !== verdict.championVersion) {
    return refuse(
      `outdated: the candidate was compared with ${named(verdict.championVersion)}, but '${verdict.alias}' is now ${named(aliasVersion)}`,
    );
  }
  return { decision: 'PROMOTED', reason: reasons || 'the gate was passed' };
}

function named(version: number | null | undefined): string {
  return version == null ? 'no version' : `version ${version}`;
}
