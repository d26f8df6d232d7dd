import {
  topics,
  type DeploymentChanged,
  type GateDecided,
  type PromotionDecided,
  type RegistryChanged,
  type Topic,
} from '@headrace/contracts';
import { freePort, testCluster, uniqueName, type Service } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { oneAddress } from './one-address.js';
import { onnxFile } from './onnx-file.js';

export interface Answer {
  readonly status: number;
  readonly body: any;
}

/** Tracking and registry as real processes on a database of their own, behind one address. */
export class RegistryWorld {
  readonly model = uniqueName('model');
  readonly deployment = uniqueName('deployment');
  url = '';
  databaseUrl = '';
  registry!: Service;
  private tracking: Service | undefined;
  private readonly undo: Array<() => Promise<unknown>> = [];
  private registryPort = 0;

  /** @param env of the registry, besides what tests always set; a TOKENS_FILE is tracking's, too */
  constructor(private readonly env: NodeJS.ProcessEnv = {}) {}

  readonly log = new KafkaEventLog({
    source: 'registry-test',
    config: loadConfig(kafkaConfig, {
      KAFKA_BROKERS: testCluster.brokers,
      SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
    }),
    logger: silentLogger(),
    metrics: new Metrics(),
    onFatal: (error) => {
      throw error;
    },
  });

  async start(): Promise<void> {
    await this.log.provision(Object.values(topics));
    this.undo.push(() => this.log.close());
    const database = await testCluster.createDatabase('registry');
    this.databaseUrl = database.url;
    this.undo.push(() => database.drop());
    const artifacts = await mkdtemp(join(tmpdir(), 'headrace-artifacts-'));
    this.undo.push(() => rm(artifacts, { recursive: true }));
    const tracking = await freePort();
    this.registryPort = await freePort();
    const front = await oneAddress({ tracking, registry: this.registryPort });
    this.url = front.url;
    this.undo.push(() => front.close());
    const { TOKENS_FILE } = this.env;
    const env = { PORT: String(tracking), DATABASE_URL: this.databaseUrl, ARTIFACTS_DIR: artifacts, TOKENS_FILE };
    this.tracking = await testCluster.startService('tracking', env);
    await this.startRegistry();
  }

  async startRegistry(): Promise<void> {
    this.registry = await testCluster.startService('registry', {
      PORT: String(this.registryPort),
      DATABASE_URL: this.databaseUrl,
      GATEWAY_URL: this.url,
      SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      ...this.env,
    });
  }

  /** The platform's own gateway before both, in place of the plain front; stop it yourself. */
  startGateway(): Promise<Service> {
    return testCluster.startService('gateway', {
      TRACKING_URL: this.tracking!.url,
      REGISTRY_URL: this.registry.url,
      SCHEMAS_TOPIC: uniqueName('schemas'),
    });
  }

  /** The service's own address. */
  urlOf(service: string): string {
    return service === 'registry' ? this.registry.url : this.tracking!.url;
  }

  async stop(): Promise<void> {
    await this.registry?.stop();
    await this.tracking?.stop();
    for (const undo of this.undo) await undo();
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...json,
      headers: { 'content-type': 'application/json', ...headers },
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  mlflow(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call(method, `/api/2.0/mlflow/${path}`, body, headers);
  }

  /** @param uri mlflow-artifacts:/… of the file to write */
  async putArtifact(uri: string, content: Buffer | string, headers: Record<string, string> = {}): Promise<void> {
    const path = uri.replace('mlflow-artifacts:/', '');
    const response = await fetch(`${this.url}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      headers,
      body: typeof content === 'string' ? content : new Uint8Array(content),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  async createRun(headers?: Record<string, string>): Promise<{ runId: string; artifactUri: string }> {
    const { info } = (await this.mlflow('POST', 'runs/create', { experiment_id: '0' }, headers)).body.run;
    return { runId: info.run_id, artifactUri: info.artifact_uri };
  }

  /** Logs a run with an ONNX file and registers it. @returns the answer */
  async register(
    model = this.model,
    content = onnxFile(uniqueName('version')),
    headers?: Record<string, string>,
  ): Promise<Answer> {
    const { runId, artifactUri } = await this.createRun(headers);
    await this.putArtifact(`${artifactUri}/model/model.onnx`, content, headers);
    return this.mlflow(
      'POST',
      'model-versions/create',
      { name: model, source: `${artifactUri}/model`, run_id: runId },
      headers,
    );
  }

  /** @returns its number */
  async createVersion(model?: string, content?: Buffer, headers?: Record<string, string>): Promise<number> {
    const { status, body } = await this.register(model, content, headers);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return Number(body.model_version.version);
  }

  document(spec: object = {}, name = this.deployment) {
    const defaults = { model: { name: this.model, alias: 'champion' }, input: { topic: 'features', features: ['a'] } };
    return { apiVersion: 'headrace.dev/v1', kind: 'Deployment', metadata: { name }, spec: { ...defaults, ...spec } };
  }

  apply(spec: object = {}, name = this.deployment, query = ''): Promise<Answer> {
    return this.call('PUT', `/api/headrace/v1/deployments/${name}${query}`, this.document(spec, name));
  }

  /** Every event of a key so far, oldest first; null is a tombstone. */
  async events<T>(topic: Topic<T>, key: string): Promise<Array<T | null>> {
    const found: Array<T | null> = [];
    for await (const batch of this.log.read(topic, await this.log.offsets(topic)))
      for (const record of batch.records) if (record.key?.toString() === key) found.push(record.value);
    return found;
  }

  deploymentEvents(name = this.deployment): Promise<Array<DeploymentChanged | null>> {
    return this.events(topics.deployments, name);
  }

  changeEvents(model = this.model): Promise<Array<RegistryChanged | null>> {
    return this.events(topics.registryChanges, model);
  }

  promotionEvents(model = this.model): Promise<Array<PromotionDecided | null>> {
    return this.events(topics.promotions, model);
  }

  async publishVerdict(verdict: Partial<GateDecided>): Promise<GateDecided> {
    const value: GateDecided = {
      verdictId: uniqueName('verdict'),
      jobId: 'job',
      deployment: this.deployment,
      model: this.model,
      alias: 'champion',
      championVersion: null,
      candidateVersion: 1,
      passed: true,
      reasons: ['better'],
      checks: [],
      rows: 1000,
      replayId: null,
      commandId: null,
      decidedAt: 0,
      ...verdict,
    };
    await this.log.publish([{ topic: topics.gateVerdicts, key: value.model, value }]);
    return value;
  }

  /** A connection to the services' database. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    return client;
  }
}
