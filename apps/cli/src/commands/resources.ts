import { listDeployments, type Deployment } from '../gateway/deployments.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { getReplay, listReplays, progressOf, type Replay } from '../gateway/replays.js';
import { age } from '../output/age.js';

/** A kind of thing that `headrace get` shows: where it comes from and its table's columns. */
export interface Resource<T = any> {
  readonly list: (gateway: GatewayClient) => Promise<T[]>;
  /** The one of a name, where that tells more than the list. @throws GatewayError 404 */
  readonly one?: (gateway: GatewayClient, name: string) => Promise<T>;
  readonly nameOf: (item: T) => string;
  readonly header: readonly string[];
  readonly row: (item: T, now: number) => string[];
}

interface RegisteredModel {
  readonly name: string;
  readonly latest_versions?: ReadonlyArray<{ readonly version: string }>;
  readonly aliases?: ReadonlyArray<{ readonly alias: string; readonly version: string }>;
  readonly last_updated_timestamp?: number | string;
}

const deployments: Resource<Deployment> = {
  list: listDeployments,
  nameOf: ({ metadata }) => metadata.name,
  header: ['name', 'model', 'version', 'generation', 'input', 'output', 'age'],
  row: ({ metadata, spec, status }, now) => {
    const { model, input, output } = spec as unknown as {
      model: { name: string; alias?: string; version?: number };
      input: { topic: string };
      output: { topic: string };
    };
    const wanted = model.alias ? `${model.name}@${model.alias}` : `${model.name} v${model.version}`;
    const version = status.model ? `v${status.model.version}` : 'waits';
    return [
      metadata.name,
      wanted,
      version,
      String(status.generation),
      input.topic,
      output.topic,
      age(status.changedAt, now),
    ];
  },
};

const models: Resource<RegisteredModel> = {
  list: async (gateway) => {
    const path = '/api/2.0/mlflow/registered-models/search?max_results=1000';
    return (await gateway.get<{ registered_models?: RegisteredModel[] }>(path)).registered_models ?? [];
  },
  nameOf: ({ name }) => name,
  header: ['name', 'latest', 'aliases', 'age'],
  row: ({ name, latest_versions: latest = [], aliases = [], last_updated_timestamp: updated }, now) => [
    name,
    latest.length > 0 ? `v${Math.max(...latest.map(({ version }) => Number(version)))}` : '-',
    aliases.map(({ alias, version }) => `${alias}=v${version}`).join(' ') || '-',
    age(updated === undefined ? null : Number(updated), now),
  ],
};

interface Monitor {
  readonly deployment: string;
  readonly state: string;
  readonly championVersion: number | null;
  readonly action: string | null;
  readonly closedUntil: number | null;
  readonly lastVerdict: string | null;
  readonly windows: number;
  readonly labelledShare: number | null;
  readonly commands: number;
}

const monitors: Resource<Monitor> = {
  list: async (gateway) => (await gateway.get<{ monitors: Monitor[] }>('/api/headrace/v1/monitors')).monitors,
  nameOf: ({ deployment }) => deployment,
  header: [
    'deployment',
    'state',
    'version',
    'action',
    'windows',
    'closed until',
    'labelled',
    'verdict',
    'retrains asked',
  ],
  row: ({ deployment, state, championVersion, action, windows, closedUntil, labelledShare, lastVerdict, commands }) => [
    deployment,
    state,
    championVersion === null ? '-' : `v${championVersion}`,
    action ?? '-',
    String(windows),
    closedUntil === null ? '-' : new Date(closedUntil).toISOString().slice(0, 16),
    labelledShare === null ? '-' : `${(100 * labelledShare).toFixed(0)} %`,
    lastVerdict ?? '-',
    String(commands),
  ],
};

interface Alert {
  readonly fingerprint: string;
  readonly rule: string;
  readonly state: string;
  readonly severity: string;
  readonly summary: string;
  readonly startsAt: number | string;
}

const alerts: Resource<Alert> = {
  list: async (gateway) => (await gateway.get<{ alerts: Alert[] }>('/api/headrace/v1/alerts')).alerts,
  nameOf: ({ fingerprint }) => fingerprint,
  header: ['fingerprint', 'rule', 'state', 'severity', 'age', 'summary'],
  row: ({ fingerprint, rule, state, severity, startsAt, summary }, now) => [
    fingerprint,
    rule,
    state.toLowerCase(),
    severity.toLowerCase(),
    age(startsAt, now),
    summary,
  ],
};

const replays: Resource<Replay> = {
  list: listReplays,
  one: getReplay,
  nameOf: ({ replayId }) => replayId,
  header: ['replay', 'status', 'done', 'deployment', 'version', 'output', 'predictions', 'age', 'reason'],
  row: (replay, now) => {
    const { replayId, status, deployment, model, version, outputTopic, scored, requestedAt, reason } = replay;
    const { done, all } = progressOf(replay) ?? { done: 0, all: 0 };
    return [
      replayId,
      status.toLowerCase(),
      all === 0 ? '-' : `${Math.floor((100 * done) / all)} %`,
      deployment,
      `${model} v${version}`,
      outputTopic,
      scored === null ? '-' : String(scored),
      age(requestedAt, now),
      reason ?? '-',
    ];
  },
};

/** What `headrace get` knows. A further kind is an entry here. */
export const resources: Readonly<Record<string, Resource>> = { deployments, models, alerts, monitors, replays };
