import { GatewayError } from './gateway/gateway-error.js';
import { ManifestError } from './manifests/read-manifests.js';

/** What a person needs to know of a failure: a line for the whole, a line a fault. */
export function explainError(error: unknown): string {
  if (error instanceof GatewayError) {
    return [error.message, ...error.faults.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`)].join(
      '\n',
    );
  }
  if (error instanceof ManifestError) return error.faults.join('\n');
  return error instanceof Error ? error.message : String(error);
}
