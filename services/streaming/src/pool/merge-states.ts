import type { DeploymentChanged, DeploymentSpec } from '@headrace/contracts';
import type { DeploymentState } from '../deployments/deployment-state.js';

/** What one worker says, or does. */
export interface WorkerReport {
  readonly worker: string;
  readonly pid: number | null;
  /** Its only deployment; null for a shared worker. */
  readonly only: string | null;
  /** Null: it does not answer. */
  readonly states: readonly DeploymentState[] | null;
  /** Why it does not answer, or nothing. */
  readonly trouble: string | null;
}

/** A deployment's share in one worker. */
export interface WorkerShare {
  readonly worker: string;
  readonly pid: number | null;
  readonly state: DeploymentState['state'] | 'silent';
  readonly version: number | null;
  readonly reason: string | null;
}

export interface PoolState extends DeploymentState {
  readonly isolation: 'shared' | 'dedicated';
  readonly workers: readonly WorkerShare[];
}

/** The least good state is the deployment's. */
const ORDER: ReadonlyArray<DeploymentState['state']> = ['failing', 'starting', 'waiting', 'running'];

export function mergeStates(
  deployments: Iterable<[string, DeploymentChanged]>,
  reports: readonly WorkerReport[],
): PoolState[] {
  return [...deployments].map(([name, wanted]) => mergeOne(name, wanted, reports));
}

function mergeOne(name: string, wanted: DeploymentChanged, reports: readonly WorkerReport[]): PoolState {
  const isolation = isolationOf(wanted);
  const own = reports.filter(({ only }) => only === (isolation === 'dedicated' ? name : null));
  const told = own.flatMap(({ states }) => states?.find((each) => each.name === name) ?? []);
  const state = ORDER.find((each) => told.some((one) => one.state === each)) ?? 'starting';
  const silent = told.length > 0 ? null : (own.find(({ trouble }) => trouble)?.trouble ?? 'no worker answers');
  const answering = told.find(({ version }) => version !== null);
  return {
    name,
    state,
    generation: wanted.generation,
    model: answering?.model ?? null,
    version: answering?.version ?? null,
    reason: told.find(({ reason }) => reason)?.reason ?? silent,
    answersInstead: told.find(({ answersInstead }) => answersInstead)?.answersInstead ?? null,
    isolation,
    workers: own.map((report) => shareOf(name, report)),
  };
}

function shareOf(name: string, { worker, pid, states, trouble }: WorkerReport): WorkerShare {
  const state = states?.find((each) => each.name === name);
  if (!state) return { worker, pid, state: states ? 'starting' : 'silent', version: null, reason: trouble };
  return { worker, pid, state: state.state, version: state.version, reason: state.reason };
}

export function isolationOf({ spec }: DeploymentChanged): 'shared' | 'dedicated' {
  return (JSON.parse(spec) as DeploymentSpec).isolation ?? 'shared';
}
