import type { DeploymentManifest } from '../manifests/read-manifests.js';
import type { GatewayClient } from './gateway-client.js';

/** A deployment as the registry holds it: what was declared, defaults filled in, and what it stands for now. */
export interface Deployment extends DeploymentManifest {
  readonly status: {
    readonly generation: number;
    /** Null while the declared alias or version does not exist. */
    readonly model: {
      readonly name: string;
      readonly version: number;
      readonly runId: string | null;
      readonly sha256: string;
    } | null;
    /** Ms since the epoch. */
    readonly changedAt: number;
  };
}

/** A deployment after it was declared, with what that changed. */
export interface AppliedDeployment extends Deployment {
  readonly action: 'created' | 'changed' | 'unchanged';
  /** Dotted paths within spec; undefined where there was nothing. */
  readonly changes: ReadonlyArray<{ readonly path: string; readonly from?: unknown; readonly to?: unknown }>;
}

const BASE = '/api/headrace/v1/deployments';

export async function listDeployments(gateway: GatewayClient): Promise<Deployment[]> {
  return (await gateway.get<{ deployments: Deployment[] }>(BASE)).deployments;
}

/** @throws GatewayError 404 */
export function getDeployment(gateway: GatewayClient, name: string): Promise<Deployment> {
  return gateway.get<Deployment>(`${BASE}/${encodeURIComponent(name)}`);
}

/** Declares one deployment, or only checks it and says what would change. Applying the same again changes nothing. */
export function putDeployment(
  gateway: GatewayClient,
  manifest: DeploymentManifest,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<AppliedDeployment> {
  const path = `${BASE}/${encodeURIComponent(manifest.metadata.name)}`;
  return gateway.put<AppliedDeployment>(dryRun ? `${path}?dryRun=true` : path, manifest);
}

export async function deleteDeployment(gateway: GatewayClient, name: string): Promise<void> {
  await gateway.delete(`${BASE}/${encodeURIComponent(name)}`);
}
