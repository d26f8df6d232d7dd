import { GatewayError } from './gateway/gateway-error.js';
import { ManifestError } from './manifests/read-manifests.js';

/** What a person needs to know of a failure: a line for the whole, a line a fault. */
export function explainError(error: unknown): string {
  if (error instanceof GatewayError) {
    const listed = error.faults.map(({ path, message }) => `${path || 'document'}: ${message}`);
    // Services name the faults in the message, too, for readers of logs.
    const headline = error.message.replace(`: ${listed.join('; ')}`, '');
    return [headline, ...listed.map((line) => `  ${line}`)].join('\n');
  }
  if (error instanceof ManifestError) return error.faults.join('\n');
  return error instanceof Error ? error.message : String(error);
}
