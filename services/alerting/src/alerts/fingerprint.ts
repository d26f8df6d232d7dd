import { createHash } from 'node:crypto';
import type { Labels } from './alert.js';

/** The same for the same rule and labels, in whatever order they come. 16 hex digits. */
export function fingerprintOf(rule: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([rule, sorted]))
    .digest('hex')
    .slice(0, 16);
}
