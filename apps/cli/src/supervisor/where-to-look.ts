import type { ServiceName } from './services.js';
import type { Settings } from './settings.js';
import { addressesOf } from './backing-servers.js';

/** The addresses, one line each, aligned. */
export function whereToLook(settings: Settings, services: readonly ServiceName[]): string {
  const { brokers, databaseUrl } = addressesOf(settings);
  const url = (name: ServiceName) => `http://127.0.0.1:${settings.servicePorts[name]}`;
  const common: [string, string][] = [
    ['Kafka', brokers],
    ['PostgreSQL', withoutPassword(databaseUrl)],
    ...(services.includes('gateway') ? gatewayLines(url('gateway')) : []),
  ];
  const lines = common.map(([what, where]) => `  ${what.padEnd(16)} ${where}`);
  const health = services.map((name) => `  ${name.padEnd(16)} ${url(name)}/health/ready  ${url(name)}/metrics`);
  return [...lines, ...health, `  ${'logs'.padEnd(16)} ${settings.home}/logs`].join('\n');
}

function gatewayLines(gateway: string): [string, string][] {
  return [
    ['all APIs', gateway],
    ['MLflow tracking', `${gateway} (MLFLOW_TRACKING_URI)`],
    ['schema registry', `${gateway}/subjects`],
    ['deployments', `${gateway}/api/headrace/v1/deployments`],
    ['dashboards', `${gateway}/dashboards/*.json`],
  ];
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password) url.password = '***';
  return url.href;
}
