import { isDeepStrictEqual } from 'node:util';
import { findDeployment, putDeployment, type Deployment } from '../gateway/deployments.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import type { DeploymentManifest } from '../manifests/read-manifests.js';

export type AppliedAction = 'created' | 'changed' | 'unchanged';

export interface Applied {
  readonly name: string;
  readonly action: AppliedAction;
  /** As the registry holds it, or would hold it after a dry run; defaults filled in. */
  readonly deployment: Deployment;
}

/**
 * Declares one deployment. Applying the same again changes nothing.
 * @throws GatewayError with the faults of the document, GatewayUnreachable
 */
export async function applyDeployment(
  gateway: GatewayClient,
  manifest: DeploymentManifest,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Applied> {
  const before = await findDeployment(gateway, manifest.metadata.name);
  const deployment = await putDeployment(gateway, manifest, dryRun);
  return { name: manifest.metadata.name, action: actionOf(before, deployment), deployment };
}

function actionOf(before: Deployment | null, after: Deployment): AppliedAction {
  if (!before) return 'created';
  return isDeepStrictEqual(before.spec, after.spec) ? 'unchanged' : 'changed';
}
