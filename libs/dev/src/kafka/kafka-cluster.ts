import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka } from 'kafkajs';
import { freePort } from '../ports.js';
import type { Child, Exit } from '../processes/child.js';
import { startReaper } from '../processes/reaper.js';
import { RunFolder } from '../processes/run-folder.js';
import { waitFor } from '../wait-for.js';
import { brokersAnswering } from './brokers-answering.js';
import { clientOptions, type KafkaAccess } from './client-options.js';
import { coordinatorOf, type CoordinatorKind } from './coordinator-of.js';
import { freshClusterId, kafkaReady, spawnKafkaNode } from './kafka-node.js';
import { replication, smallNode, type Properties } from './server-properties.js';

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  child: Child | undefined;
}

const HEAP_MB = 320;
const START_TIMEOUT_MS = 120_000;

/**
 * Three real brokers, each a JVM and a voter of the controllers' quorum; every topic thrice, two copies in sync or no write. Free
 * ports, temporary folder; all end with this process at the latest.
 */
export class KafkaCluster {
  readonly ids: readonly number[] = [1, 2, 3];
  private readonly clusterId = freshClusterId();

  private constructor(
    /** Temporary; holds data and logs. */
    readonly folder: string,
    private readonly nodes: readonly Node[],
  ) {}

  static async start(): Promise<KafkaCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'headrace-brokers-'));
    startReaper(new RunFolder(join(folder, 'run')).path, folder);
    const nodes: Node[] = [];
    for (const id of [1, 2, 3])
      nodes.push({ id, port: await freePort(), controllerPort: await freePort(), child: undefined });
    const cluster = new KafkaCluster(folder, nodes);
    try {
      // All processes first: a quorum needs two of them.
      for (const id of cluster.ids) await cluster.spawn(id);
      await Promise.all(cluster.ids.map((id) => cluster.ready(id)));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** host:port of each, comma separated. */
  get brokers(): string {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  /** The settings with which services reach it, and keep their topics thrice. */
  get access(): KafkaAccess {
    return { KAFKA_BROKERS: this.brokers, KAFKA_REPLICATION: String(this.nodes.length) };
  }

  /** SIGTERM: hands its leaderships over first. Resolves when the process is gone. */
  stop(id: number): Promise<Exit> {
    return this.child(id).stop(30_000);
  }

  /** SIGKILL. */
  kill(id: number): Promise<Exit> {
    return this.child(id).kill();
  }

  /** Starts a stopped or killed broker on its data. Resolves when all that run count it among them. */
  async restart(id: number): Promise<void> {
    if (this.child(id).exit() === null) throw new Error(`broker ${id} still runs`);
    await this.spawn(id);
    await this.ready(id);
  }

  /** Id of the broker that coordinates a group or a transactional id; waits while one is being found. */
  coordinatorOf(kind: CoordinatorKind, id: string): Promise<number> {
    const what = `a coordinator of ${kind} ${id}`;
    return waitFor(() => this.askAny((address) => coordinatorOf(address, kind, id)), { what, timeoutMs: 60_000 });
  }

  /** Resolves when every partition has all its copies in sync: before that, one more broker less would stop writes. */
  async inSync(): Promise<void> {
    const admin = new Kafka(clientOptions(this.access)).admin();
    await admin.connect();
    try {
      const missing = async () => {
        const { topics } = await admin.fetchTopicMetadata();
        return topics.flatMap(({ partitions }) =>
          partitions.filter(({ isr, replicas }) => isr.length < replicas.length),
        );
      };
      const isWhole = async () => (await missing()).length === 0;
      await waitFor(isWhole, { what: 'all copies to be in sync', timeoutMs: START_TIMEOUT_MS, pollMs: 100 });
    } finally {
      await admin.disconnect();
    }
  }

  /** Ends all brokers, whatever they do, and removes the folder. */
  async close(): Promise<void> {
    // Nobody reads the data again; orderly, the last one would wait for a quorum in vain.
    await Promise.all(this.nodes.flatMap(({ child }) => (child ? [child.kill()] : [])));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async spawn(id: number): Promise<void> {
    const folder = join(this.folder, `broker-${id}`);
    this.node(id).child = await spawnKafkaNode({
      name: `kafka-${id}`,
      folder,
      properties: this.properties(this.node(id), join(folder, 'data')),
      runFolder: new RunFolder(join(this.folder, 'run')),
      logFile: join(this.folder, `broker-${id}.log`),
      clusterId: this.clusterId,
      heapMb: HEAP_MB,
    });
  }

  private ready(id: number): Promise<void> {
    const access = { KAFKA_BROKERS: this.address(id) };
    const running = this.nodes.filter(({ child }) => child?.exit() === null).length;
    const answers = async () => (await brokersAnswering(access)) >= running;
    return kafkaReady(this.child(id), `broker ${id} of ${running}`, START_TIMEOUT_MS, answers);
  }

  private properties({ id, port, controllerPort }: Node, dataFolder: string): Properties {
    return {
      ...smallNode,
      ...replication(this.nodes.length, this.nodes.length - 1),
      // More than brokers, so that each coordinates something.
      'transaction.state.log.num.partitions': 6,
      'offsets.topic.num.partitions': 6,
      'node.id': id,
      'controller.quorum.voters': this.nodes.map((each) => `${each.id}@127.0.0.1:${each.controllerPort}`).join(','),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'log.dirs': dataFolder,
    };
  }

  private async askAny<R>(question: (address: string) => Promise<R>): Promise<R> {
    const running = this.nodes.filter(({ child }) => child?.exit() === null);
    return Promise.any(running.map(({ id }) => question(this.address(id))));
  }

  private address(id: number): string {
    return `127.0.0.1:${this.node(id).port}`;
  }

  private child(id: number): Child {
    const { child } = this.node(id);
    if (!child) throw new Error(`broker ${id} was never started`);
    return child;
  }

  private node(id: number): Node {
    const node = this.nodes.find((each) => each.id === id);
    if (!node) throw new Error(`there is no broker ${id}`);
    return node;
  }
}
