import { join } from 'node:path';
import { repositoryRoot } from '../repository.js';
import { waitFor } from '../wait-for.js';
import { startChild, type Child } from './child.js';
import { RunFolder } from './run-folder.js';

/** kafkajs sets timers for moments that have passed; Node 24 warns of each first one. */
export const nodeFlags = ['--disable-warning=TimeoutNegativeWarning'];

export interface ServiceOptions {
  readonly port: number;
  /** The whole environment; PORT is added. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly runFolder: RunFolder;
  /** Default 30,000 ms. */
  readonly startTimeoutMs?: number;
}

/** A service's process, with its address. */
export interface Service extends Child {
  /** http://127.0.0.1:<port> */
  readonly url: string;
}

export function serviceEntry(name: string): string {
  return join(repositoryRoot, 'services', name, 'dist', 'main.js');
}

/** Starts `services/<name>/dist/main.js` and waits until /health/ready answers 200. @throws Error with the log's last lines when it does not. */
export async function startService(name: string, options: ServiceOptions): Promise<Service> {
  const child = await spawnService(name, options);
  try {
    await serviceReady(child, options.startTimeoutMs);
    return child;
  } catch (error) {
    await child.kill();
    throw error;
  }
}

/** As startService, without waiting. */
export async function spawnService(name: string, { port, env, logFile, runFolder }: ServiceOptions): Promise<Service> {
  const options = { name, command: process.execPath, args: [...nodeFlags, serviceEntry(name)], log: logFile };
  const child = await startChild({ ...options, env: { ...env, PORT: String(port) }, runFolder });
  return { ...child, url: `http://127.0.0.1:${port}` };
}

/** Resolves when /health/ready answers 200; fails at once when the process ends, with its last log lines. */
export async function serviceReady(service: Service, timeoutMs = 120_000): Promise<void> {
  const ended = new AbortController();
  void service.exited.then((exit) => ended.abort(new Error(`${service.name} ended: ${JSON.stringify(exit)}`)));
  const what = `${service.name} to be ready at ${service.url}`;
  try {
    await waitFor(() => isServiceReady(service.url), { what, timeoutMs, pollMs: 100, signal: ended.signal });
  } catch (cause) {
    throw new Error(`${String(cause)}\n${service.logTail()}`, { cause });
  }
}

/** True when /health/ready answers 200; throws what it answered otherwise. */
export async function isServiceReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 300)}`);
  return true;
}
