import type { ResolvedModel } from '@headrace/contracts';
import type { Link } from '../pool/link.js';
import type { VersionProbe } from '../probe/version-probe.js';

/** Longer than a probe may take, fetching and waiting for its turn included, ms. */
const LONGEST_MS = 600_000;

/** The parent tries a version once for all its workers. */
export class ParentProbe implements VersionProbe {
  constructor(private readonly link: Link) {}

  async check(model: ResolvedModel, features: number): Promise<void> {
    await this.link.ask('probe', { model, features }, LONGEST_MS);
  }
}
