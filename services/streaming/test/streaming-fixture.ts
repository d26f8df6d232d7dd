import { topics, type DeploymentSpec, type PredictionMade, type ResolvedModel } from '@headrace/contracts';
import { clientOptions, testCluster, uniqueName, waitFor, type KafkaAccess } from '@headrace/dev';
import { KafkaEventLog, type EventRecord } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import kafkajs from 'kafkajs';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerView } from '../src/pool/worker-pool.js';

export type Service = Awaited<ReturnType<typeof testCluster.startService>>;

/** A service process with its worker processes. */
export interface Pool extends Service {
  workers(): Promise<WorkerView[]>;
  /** Of all workers that run. */
  workerPids(): Promise<number[]>;
  /** kill -9 of the service process and all its workers at once. */
  killAll(): Promise<void>;
  get<T>(path: string): Promise<T>;
}

const fixtures = join(import.meta.dirname, '../../../libs/dev/fixtures');

/** The files a registry would know, by version; version 3 is corrupt, 4 to 7 are as version 1 until a feature is above a million. */
const MODELS: Record<number, Buffer> = {
  1: readFileSync(join(fixtures, 'logistic-v1.onnx')),
  2: readFileSync(join(fixtures, 'logistic-v2.onnx')),
  3: Buffer.from('corrupt'),
  4: readFileSync(join(fixtures, 'hangs-above-a-million.onnx')),
  5: readFileSync(join(fixtures, 'crashes-above-a-million.onnx')),
  6: readFileSync(join(fixtures, 'eats-memory-above-a-million.onnx')),
  7: readFileSync(join(fixtures, 'nan-above-a-million.onnx')),
};

export interface FixtureOptions {
  /** The Kafka, as the worker reaches it; default the test cluster's. */
  readonly access?: KafkaAccess;
  /** As the test itself reaches it, where that is somebody who may do more; default the same. */
  readonly testAccess?: KafkaAccess;
  readonly schemaRegistryUrl?: string;
  /** Name of its model, default logistic. Under another name the files are others, too: quarantines bar a file under every name. */
  readonly model?: string;
}

/** One deployment on topics of its own, a worker process, and what tests read and write around it. */
export class StreamingFixture {
  readonly deployment = uniqueName('deployment');
  readonly model: string;
  readonly input = uniqueName('features');
  readonly output = uniqueName('predictions');
  readonly group = `headrace.streaming.${this.deployment}`;
  private readonly kafka: kafkajs.Kafka;
  readonly producer: kafkajs.Producer;
  readonly eventLog: KafkaEventLog;
  private readonly access: KafkaAccess;
  private readonly schemaRegistryUrl: string;
  private admin: kafkajs.Admin | undefined;
  private generation = 0;
  private artifacts: Server | undefined;
  private cacheDir = '';

  constructor(options: FixtureOptions = {}) {
    this.model = options.model ?? 'logistic';
    this.access = options.access ?? { KAFKA_BROKERS: testCluster.brokers };
    this.schemaRegistryUrl = options.schemaRegistryUrl ?? testCluster.schemaRegistryUrl;
    const own = options.testAccess ?? this.access;
    this.kafka = new kafkajs.Kafka(clientOptions(own));
    this.producer = this.kafka.producer({
      idempotent: true,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    this.eventLog = new KafkaEventLog({
      source: 'test',
      config: loadConfig(kafkaConfig, { ...own, SCHEMA_REGISTRY_URL: this.schemaRegistryUrl }),
      logger: silentLogger(),
      metrics: new Metrics(),
      onFatal: (error) => {
        throw error;
      },
    });
  }

  async open(partitions = 3): Promise<this> {
    this.cacheDir = await mkdtemp(join(tmpdir(), 'headrace-models-'));
    await this.eventLog.provision([
      ...Object.values(topics),
      { ...topics.deadLetters, name: this.input, partitions },
      { ...topics.predictions, name: this.output, partitions },
    ]);
    await this.producer.connect();
    this.artifacts = createServer((request, response) =>
      answer(
        request.url ?? '',
        (body) => response.end(body),
        (status) => response.writeHead(status).end(),
      ),
    );
    await new Promise<void>((resolve) => this.artifacts!.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    await this.eventLog.publish([{ topic: topics.deployments, key: this.deployment, value: null }]);
    await this.producer.disconnect();
    await this.admin?.disconnect();
    await this.eventLog.close();
    this.artifacts?.close();
    await rm(this.cacheDir, { recursive: true, force: true });
  }

  /**
   * @param access as whom it works, where that is somebody else than usual
   * @param env of the service; one worker process by default
   */
  async startWorker(access: KafkaAccess = this.access, env: NodeJS.ProcessEnv = {}): Promise<Pool> {
    const { port } = this.artifacts!.address() as AddressInfo;
    const settings = {
      ...access,
      GATEWAY_URL: `http://127.0.0.1:${port}`,
      SCHEMA_REGISTRY_URL: this.schemaRegistryUrl,
      STREAMING_WORKERS: '1',
      // As short as the other allows.
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      MODEL_CALL_LIMIT_MS: '3000',
      MODEL_CACHE_DIR: this.cacheDir,
      STREAMING_STATE_DIR: join(this.cacheDir, 'state'),
      ...env,
    };
    // Three or more processes start, on a machine that may be busy with other suites.
    return poolOf(await testCluster.startService('streaming', settings, 120_000));
  }

  spec(): DeploymentSpec {
    return {
      model: { name: this.model, alias: 'champion' },
      input: { topic: this.input, recordId: 'id', features: ['x', 'y'] },
      output: { topic: this.output },
    };
  }

  /** As the registry would, when the alias moves. */
  async deploy(version: number): Promise<void> {
    const value = {
      name: this.deployment,
      generation: ++this.generation,
      model: resolved(this.model, version),
      spec: JSON.stringify(this.spec()),
      cause: 'test',
      changedAt: Date.now(),
    };
    await this.eventLog.publish([{ topic: topics.deployments, key: this.deployment, value }]);
  }

  async produce(records: Array<{ key?: string; value: string | Buffer | null; partition?: number }>): Promise<void> {
    await this.producer.send({ topic: this.input, messages: records });
  }

  async predictions(): Promise<Array<EventRecord<PredictionMade>>> {
    return this.all({ ...topics.predictions, name: this.output });
  }

  async deadLetters(): Promise<Array<EventRecord<Uint8Array>>> {
    const letters = await this.all<Uint8Array>(topics.deadLetters);
    return letters.filter(({ headers }) => headers['dlq_group']?.toString() === this.group);
  }

  async all<T>(topic: Parameters<KafkaEventLog['read']>[0]): Promise<Array<EventRecord<T>>> {
    const found: Array<EventRecord<T>> = [];
    for await (const { records } of this.eventLog.read(topic, await this.eventLog.offsets(topic)))
      found.push(...(records as Array<EventRecord<T>>));
    return found;
  }

  /** Records of the output topic, markers included: enough to see that something moved. */
  async outputEnd(): Promise<number> {
    return (await this.eventLog.offsets(this.output)).reduce((sum, { to }) => sum + to, 0);
  }

  /** True when the group has not committed all of the input. */
  async isBehind(): Promise<boolean> {
    const ends = await this.eventLog.offsets(this.input);
    const [committed] = await this.asAdmin((admin) =>
      admin.fetchOffsets({ groupId: this.group, topics: [this.input] }),
    );
    const offsetOf = (wanted: number) =>
      Number(committed!.partitions.find(({ partition }) => partition === wanted)?.offset ?? -1);
    return ends.some(({ partition, to }) => to > 0 && offsetOf(partition) < to);
  }

  /** Members of the group that own a partition. */
  async assignedMembers(): Promise<string[]> {
    const { groups } = await this.asAdmin((admin) => admin.describeGroups([this.group]));
    return groups[0]!.members
      .filter(
        ({ memberAssignment }) =>
          kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[this.input],
      )
      .map(({ memberId }) => memberId);
  }

  /** Resolves when everything produced so far is committed by the deployment's group, and so are its outputs. */
  async settled(): Promise<void> {
    await waitFor(async () => !(await this.isBehind()), {
      what: `${this.group} to commit all of ${this.input}`,
      timeoutMs: 120_000,
    });
  }

  private async asAdmin<R>(work: (admin: kafkajs.Admin) => Promise<R>): Promise<R> {
    this.admin ??= this.kafka.admin();
    await this.admin.connect();
    return work(this.admin);
  }
}

function poolOf(service: Service): Pool {
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${service.url}/api/headrace/v1/streaming/${path}`)).json()) as T;
  const workers = () => get<WorkerView[]>('workers');
  const workerPids = async () => (await workers()).flatMap(({ pid }) => pid ?? []);
  const killAll = async (): Promise<void> => {
    const pids = await workerPids();
    for (const pid of [service.pid, ...pids]) process.kill(pid, 'SIGKILL');
    await service.exited;
  };
  return { ...service, workers, workerPids, killAll, get };
}

function resolved(model: string, version: number): ResolvedModel {
  const sha256 = createHash('sha256').update(fileOf(model, version)).digest('hex');
  const artifactUri = `mlflow-artifacts:/${model}/${version}.onnx`;
  return { name: model, version, runId: `run-${version}`, artifactUri, sha256 };
}

/** Another model's file says its name at the end, as a ModelProto's doc_string (field 6). */
function fileOf(model: string, version: number): Buffer {
  const file = MODELS[version]!;
  return model === 'logistic' ? file : Buffer.concat([file, Buffer.from([0x32, model.length]), Buffer.from(model)]);
}

/** Tracking's artifact API and the registry's look-up, as far as a worker asks them. */
function answer(url: string, send: (body: Buffer | string) => void, fail: (status: number) => void): void {
  const artifact = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/([^/]+)\/(\d+)\.onnx$/.exec(url);
  const look = /^\/api\/headrace\/v1\/models\/([^/]+)\/versions\/(\d+)$/.exec(url);
  const [, model = '', version = ''] = artifact ?? look ?? [];
  if (!MODELS[Number(version)]) fail(404);
  else send(artifact ? fileOf(model, Number(version)) : JSON.stringify(resolved(model, Number(version))));
}
