import { faultsOf, invalid } from '@headrace/service-kit';
import type { DeploymentSpec } from '@headrace/contracts';
import { deploymentDocument } from './deployment-schema.js';
import { withLongNames } from './short-names.js';
import { brokenRules } from './spec-rules.js';

/**
 * Reads a deployment document, defaults filled in. Fields come out in one order, so equal documents give equal JSON.
 * @param name the one in the URL
 * @throws HeadraceError INPUT_INVALID with every fault in context.faults
 */
export function readDeployment(name: string, written: unknown): DeploymentSpec {
  const { document, faults, written: asWritten } = withLongNames(written);
  const result = deploymentDocument.safeParse(document);
  faults.push(...(result.success ? brokenRules(result.data.spec) : faultsOf(result.error)));
  if (result.success && result.data.metadata.name !== name) {
    faults.push({
      path: 'metadata.name',
      message: `is '${result.data.metadata.name}', but the address says '${name}'`,
    });
  }
  if (result.success && faults.length === 0) return result.data.spec;
  throw invalid(
    `Deployment '${name}'`,
    faults.map(({ path, message }) => ({ path: asWritten(path), message })),
  );
}
