import type { Rule, Sighting } from './rule.js';

/** A service has not been ready for a while. Seen by asking it, not on a topic. */
export const serviceDown: Rule = {
  name: 'ServiceDown',
  severity: 'CRITICAL',
  holds: 'serviceDownForMs',
  sources: [],
};

/** @param fault why it is not ready; null when it is */
export function serviceSighting(service: string, fault: string | null, at: number): Sighting {
  const summary = fault === null ? `${service} is ready` : `${service} is not ready: ${fault}`.slice(0, 500);
  return { labels: { service }, active: fault !== null, at, summary };
}
