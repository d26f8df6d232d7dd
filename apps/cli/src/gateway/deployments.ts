import type { DeploymentManifest } from '../manifests/read-manifests.js';
import type { GatewayClient } from './gateway-client.js';
import { GatewayError } from './gateway-error.js';

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
    readonly changedAt?: number | string;
  };
}

const BASE = '/api/headrace/v1/deployments';

export async function listDeployments(gateway: GatewayClient): Promise<Deployment[]> {
  return (await gateway.get<{ deployments: Deployment[] }>(BASE)).deployments;
}

/** @throws GatewayError 404 */
export function getDeployment(gateway: GatewayClient, name: string): Promise<Deployment> {
  return gateway.get<Deployment>(`${BASE}/${encodeURIComponent(name)}`);
}

export async function findDeployment(gateway: GatewayClient, name: string): Promise<Deployment | null> {
  try {
    return await getDeployment(gateway, name);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return null;
    throw error;
  }
}

export function putDeployment(
  gateway: GatewayClient,
  manifest: DeploymentManifest,
  dryRun: boolean,
): Promise<Deployment> {
  const query = dryRun ? '?dryRun=true' : '';
  return gateway.put<Deployment>(`${BASE}/${encodeURIComponent(manifest.metadata.name)}${query}`, manifest);
}

export async function deleteDeployment(gateway: GatewayClient, name: string): Promise<void> {
  await gateway.delete(`${BASE}/${encodeURIComponent(name)}`);
}
