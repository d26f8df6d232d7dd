import { getDeployment } from '../gateway/deployments.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { GatewayError } from '../gateway/gateway-error.js';
import { stringify } from 'yaml';

interface Window {
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly verdict: string;
  readonly predictions: number;
  readonly labelled: number;
  readonly metrics: Readonly<Record<string, number | null>>;
}

const WINDOWS_SHOWN = 5;

/** A deployment as the registry holds it, where it runs, and how it has done lately. */
export async function describeDeployment(gateway: GatewayClient, name: string): Promise<string> {
  const { spec, status } = await getDeployment(gateway, name);
  const encoded = encodeURIComponent(name);
  const [running, windows] = await Promise.all([
    optional(gateway.get(`/api/headrace/v1/streaming/deployments/${encoded}`)),
    optional(gateway.get<{ windows: Window[] }>(`/api/headrace/v1/monitors/${encoded}/windows`)),
  ]);
  const text = stringify({ name, status, running: running ?? 'not run by a worker', spec }).trimEnd();
  const last = (windows?.windows ?? []).slice(-WINDOWS_SHOWN).map(windowLine);
  return last.length === 0 ? text : `${text}\nwindows:\n${last.join('\n')}`;
}

function windowLine({ windowStart, windowEnd, verdict, predictions, labelled, metrics }: Window): string {
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const figures = Object.entries(metrics).map(
    ([metric, value]) => `${metric} ${value === null ? '-' : value.toFixed(4)}`,
  );
  return `  ${day(windowStart)} to ${day(windowEnd)}  ${verdict}  ${labelled} of ${predictions} labelled  ${figures.join(' ')}`;
}

/** Undefined where there is nothing of it (404), or its service is down (502 and up): the rest is still worth showing. */
async function optional<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GatewayError && (error.status === 404 || error.status >= 502)) return undefined;
    throw error;
  }
}
