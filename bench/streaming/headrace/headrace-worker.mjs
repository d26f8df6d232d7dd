// Our worker as it runs in production: services/streaming as a process of its own, given work by a DeploymentChanged event.
import { topics } from '@headrace/contracts';
import { freePort, serviceEntry, serviceReady, startChild } from '@headrace/dev';
import { join } from 'node:path';
import { featureNames } from '../work/readings.mjs';

/** kafkajs sets timers for moments that have passed; Node 24 warns of each first one. */
const NODE_FLAGS = ['--disable-warning=TimeoutNegativeWarning'];
/** Rises with every event of this process: a worker ignores what is older than what it knows. */
let generation = 0;

/** One or more processes that share a deployment's partitions. */
export class HeadraceWorkers {
  /**
   * Ready, without work: the table of deployments has been read and is empty.
   * @param {import('../cluster.mjs').BenchCluster} cluster
   * @param {{ count?: number, profileFolder?: string }} options profileFolder: where V8 writes a CPU profile at the end
   */
  static async start(cluster, { count = 1, profileFolder } = {}) {
    await cluster.eventLog.provision(Object.values(topics));
    const flags = profileFolder ? [...NODE_FLAGS, '--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : NODE_FLAGS;
    const children = await Promise.all(
      Array.from({ length: count }, (_, n) => startWorker(cluster, `streaming-${n}`, flags)),
    );
    return new HeadraceWorkers(cluster, children);
  }

  constructor(cluster, children) {
    this.cluster = cluster;
    this.children = children;
  }

  get pids() {
    return this.children.map(({ pid }) => pid);
  }

  /** @throws Error with the log's end when one has ended */
  alive() {
    const dead = this.children.find((child) => child.exit() !== null);
    if (dead) throw new Error(`${dead.name} ended: ${JSON.stringify(dead.exit())}\n${dead.logTail()}`);
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

  /** Removes the deployment and ends the processes. */
  async stop(work) {
    await this.cluster.eventLog.publish([{ topic: topics.deployments, key: work.deployment, value: null }]);
    await Promise.all(this.children.map((child) => child.stop(20_000)));
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

async function startWorker(cluster, name, flags) {
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    KAFKA_BROKERS: cluster.brokers,
    SCHEMA_REGISTRY_URL: cluster.schemaRegistryUrl,
    GATEWAY_URL: cluster.artifactsUrl,
    MODEL_CACHE_DIR: join(cluster.folder, 'models'),
  };
  const options = {
    name,
    command: process.execPath,
    args: [...flags, serviceEntry('streaming')],
    env,
    log: cluster.logFile(name),
  };
  const child = await startChild({ ...options, runFolder: cluster.runFolder });
  await serviceReady({ ...child, url: `http://127.0.0.1:${port}` });
  return child;
}
