// Our worker as it runs in production: services/streaming as a process of its own, given work by a DeploymentChanged event.
import { topics } from '@headrace/contracts';
import { freePort, serviceEntry, serviceReady, startChild } from '@headrace/dev';
import { join } from 'node:path';
import { featureNames } from '../work/readings.mjs';

/** kafkajs sets timers for moments that have passed; Node 24 warns of each first one. */
const NODE_FLAGS = ['--disable-warning=TimeoutNegativeWarning'];
const READY_MS = 120_000;
/** Rises with every event of this process: a worker ignores what is older than what it knows. */
let generation = 0;

/** The service: a supervisor and the worker processes below it, which share a deployment's partitions. */
export class HeadraceWorkers {
  /**
   * Ready, without work: the table of deployments has been read and is empty.
   * @param {import('../cluster.mjs').BenchCluster} cluster
   * @param {{ count?: number, profileFolder?: string }} options count: worker processes; profileFolder: where V8 writes a CPU profile a process at the end
   */
  static async start(cluster, { count = 1, profileFolder } = {}) {
    await cluster.eventLog.provision(Object.values(topics));
    const flags = profileFolder ? [...NODE_FLAGS, '--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : NODE_FLAGS;
    return new HeadraceWorkers(cluster, await startService(cluster, flags, count));
  }

  constructor(cluster, child) {
    this.cluster = cluster;
    this.child = child;
  }

  get pids() {
    return [this.child.pid];
  }

  /** @throws Error with the log's end when it has ended */
  alive() {
    if (this.child.exit() !== null)
      throw new Error(`${this.child.name} ended: ${JSON.stringify(this.child.exit())}\n${this.child.logTail()}`);
  }

  /** As the registry does when an alias moves. @param {import('../work/expected-output.mjs').ExpectedWork} work */
  async begin(work) {
    const value = {
      name: work.deployment,
      generation: ++generation,
      model: work.model,
      spec: JSON.stringify(specOf(work)),
      cause: 'bench',
      changedAt: Date.now(),
    };
    await this.cluster.eventLog.publish([{ topic: topics.deployments, key: work.deployment, value }]);
  }

  /** Removes the deployment and ends the service. */
  async stop(work) {
    await this.cluster.eventLog.publish([{ topic: topics.deployments, key: work.deployment, value: null }]);
    await this.child.stop(20_000);
  }
}

export const groupOf = (deployment) => `headrace.streaming.${deployment}`;

function specOf({ model, input, output }) {
  return {
    model: { name: model.name, alias: 'champion' },
    input: { topic: input.topic, recordId: 'id', eventTime: 'ts', features: featureNames },
    output: { topic: output, echo: false },
  };
}

async function startService(cluster, flags, workers) {
  const name = 'streaming';
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    KAFKA_BROKERS: cluster.brokers,
    SCHEMA_REGISTRY_URL: cluster.schemaRegistryUrl,
    GATEWAY_URL: cluster.artifactsUrl,
    MODEL_CACHE_DIR: join(cluster.folder, 'models'),
    STREAMING_STATE_DIR: join(cluster.folder, 'state'),
    STREAMING_WORKERS: String(workers),
  };
  const options = {
    name,
    command: process.execPath,
    args: [...flags, serviceEntry('streaming')],
    env,
    log: cluster.logFile(name),
  };
  const child = await startChild({ ...options, runFolder: cluster.runFolder });
  await serviceReady({ ...child, url: `http://127.0.0.1:${port}` }, READY_MS);
  return child;
}
