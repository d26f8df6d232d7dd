import { serviceEntry } from '@headrace/dev';
import { existsSync } from 'node:fs';

/** Every service; the gateway first, because the others register their schemas with it. */
export const serviceNames = [
  'gateway',
  'tracking',
  'registry',
  'serving',
  'streaming',
  'drift',
  'training',
  'alerting',
] as const;

export type ServiceName = (typeof serviceNames)[number];

/** Those that this checkout holds, in order. */
export function builtServices(): ServiceName[] {
  return serviceNames.filter((name) => existsSync(serviceEntry(name)));
}
