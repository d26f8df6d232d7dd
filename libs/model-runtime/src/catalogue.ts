import type { ResolvedModel } from '@headrace/contracts';
import { HeadraceError, messageOf } from '@headrace/service-kit';

/** Where a registered version's file is. */
export interface ModelCatalogue {
  /** @throws HeadraceError NOT_FOUND, UNAVAILABLE */
  resolve(model: string, version: number): Promise<ResolvedModel>;
}

const TIMEOUT_MS = 10_000;

/** Asks the registry over HTTP. */
export class HttpModelCatalogue implements ModelCatalogue {
  constructor(private readonly gatewayUrl: string) {}

  async resolve(model: string, version: number): Promise<ResolvedModel> {
    const url = `${this.gatewayUrl}/api/headrace/v1/models/${encodeURIComponent(model)}/versions/${version}`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.ok) return (await response.json()) as ResolvedModel;
      if (response.status === 404) throw new HeadraceError('NOT_FOUND', `The registry knows no ${model}@${version}`);
      throw new Error(`status ${response.status}`);
    } catch (error) {
      if (error instanceof HeadraceError) throw error;
      throw new HeadraceError('UNAVAILABLE', `Cannot ask the registry at ${url}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** Undefined when the registry does not have the version (any more). @throws HeadraceError UNAVAILABLE */
export async function findVersion(
  catalogue: ModelCatalogue,
  model: string,
  version: number,
): Promise<ResolvedModel | undefined> {
  try {
    return await catalogue.resolve(model, version);
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
