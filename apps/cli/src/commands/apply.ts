import { putDeployment } from '../gateway/deployments.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import type { DeploymentManifest } from '../manifests/read-manifests.js';
import { document } from '../output/document.js';

/**
 * Declares one deployment.
 * @returns the lines to print: what was done, each field that changed, and after a dry run the whole spec with its defaults
 * @throws GatewayError with the faults of the document, GatewayUnreachable
 */
export async function applyDeployment(
  gateway: GatewayClient,
  manifest: DeploymentManifest,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<string[]> {
  const { action, changes, spec } = await putDeployment(gateway, manifest, { dryRun });
  return [
    `deployment ${manifest.metadata.name} ${action}${dryRun ? ' (dry run)' : ''}`,
    ...changes.map(({ path, from, to }) => `  ${path}: ${text(from)} → ${text(to)}`),
    ...(dryRun ? [document({ spec }, 'yaml')] : []),
  ];
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
