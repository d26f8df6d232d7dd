import { isPortFree } from '@headrace/dev';
import { HeadraceError } from '@headrace/service-kit';
import type { ServiceName } from './services.js';
import { portSetting, type Settings } from './settings.js';

export interface NeededPort {
  readonly port: number;
  /** The variable that sets it. */
  readonly setting: string;
}

/** What will be listened on: nothing for a Kafka or PostgreSQL of the user's own. */
export function neededPorts(settings: Settings, services: readonly ServiceName[]): NeededPort[] {
  const embedded = [
    ...(settings.brokers ? [] : [{ port: settings.kafkaPort, setting: portSetting('kafka') }]),
    ...(settings.databaseUrl ? [] : [{ port: settings.postgresPort, setting: portSetting('postgres') }]),
  ];
  return [...embedded, ...services.map((name) => ({ port: settings.servicePorts[name], setting: portSetting(name) }))];
}

/** One line a fault: a port given twice, or in use. */
export function portFaults(needed: readonly NeededPort[], isFree: (port: number) => boolean): string[] {
  return needed.flatMap(({ port, setting }, index) => {
    const earlier = needed.slice(0, index).find((other) => other.port === port);
    if (earlier) return [`port ${port} is given to both ${earlier.setting} and ${setting}`];
    return isFree(port) ? [] : [`port ${port} is in use; set ${setting}=… to another one`];
  });
}

/** Looks before anything starts, so that a busy port costs no half-started platform. @throws HeadraceError CONFIG_INVALID */
export async function checkPorts(needed: readonly NeededPort[]): Promise<void> {
  const free = new Map<number, boolean>();
  for (const { port } of needed) free.set(port, await isPortFree(port));
  const faults = portFaults(needed, (port) => free.get(port) ?? false);
  if (faults.length > 0) throw new HeadraceError('CONFIG_INVALID', faults.join('\n'));
}
