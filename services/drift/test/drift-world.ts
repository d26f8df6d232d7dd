import {
  topics,
  type DeploymentChanged,
  type DeploymentSpec,
  type DriftReported,
  type MonitorSpec,
  type PredictionMade,
  type RetrainModel,
  type Topic,
} from '@headrace/contracts';
import { testCluster, uniqueName, waitFor, type Service } from '@headrace/dev';
import { KafkaEventLog, type OutgoingEvent } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import kafkajs from 'kafkajs';
import { HOUR, type Message, type SyntheticRecord } from './synthetic-traffic.js';

/** Topics, deployments and the real service process around one test. */
export class DriftWorld {
  readonly name = uniqueName('drift');
  readonly model = uniqueName('model');
  readonly watched = `${this.name}-watched`;
  readonly frozen = `${this.name}-frozen`;
  readonly predictions: Topic<PredictionMade>;
  readonly labels: Topic<Uint8Array>;
  readonly log = new KafkaEventLog({
    source: 'drift-test',
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

  constructor(partitions = 2) {
    this.predictions = { ...topics.predictions, name: `${this.name}.predictions`, partitions };
    this.labels = { ...topics.deadLetters, name: `${this.name}.labels`, partitions };
  }

  async prepare(): Promise<void> {
    await this.log.provision([...Object.values(topics), this.predictions, this.labels]);
    await this.log.publish([this.deployment(this.watched, 'retrain'), this.deployment(this.frozen, 'report')]);
  }

  start(databaseUrl: string, env: NodeJS.ProcessEnv = {}): Promise<Service> {
    return testCluster.startService('drift', {
      DATABASE_URL: databaseUrl,
      DRIFT_GROUP: this.name,
      DRIFT_IDLE_PARTITION_MS: '3000',
      DRIFT_CLOSE_INTERVAL_MS: '100',
      DRIFT_AMEND_AFTER_MS: '200',
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      ...env,
    });
  }

  async send(messages: readonly Message[]): Promise<void> {
    const events = messages.flatMap((message): OutgoingEvent<any>[] =>
      message.kind === 'label'
        ? [{ topic: this.labels, key: message.key, value: Buffer.from(JSON.stringify(message.body)) }]
        : [this.watched, this.frozen].map((deployment) => this.prediction(deployment, message.record)),
    );
    await this.log.publish(events);
  }

  prediction(deployment: string, { id, time, score, features }: SyntheticRecord): OutgoingEvent<PredictionMade> {
    const value = {
      predictionId: `${deployment}:${id}`,
      recordId: id,
      deployment,
      model: this.model,
      version: 1,
      eventTime: time,
      score,
      outputs: [],
      features: [...features],
    };
    return { topic: this.predictions, key: id, value };
  }

  /** Leaves both topics as a transactional producer does: the last offsets hold nothing that a reader is given. */
  async abortTransaction(): Promise<void> {
    const client = new kafkajs.Kafka({ brokers: testCluster.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
    const producer = client.producer({ transactionalId: this.name, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    for (const { name: topic, partitions } of [this.predictions, this.labels]) {
      const messages = Array.from({ length: partitions }, (_, partition) => ({ partition, value: 'never committed' }));
      await transaction.send({ topic, messages });
    }
    await transaction.abort();
    await producer.disconnect();
  }

  /** What a world's monitors declare beside the common. */
  protected moreWatched(): Partial<MonitorSpec> {
    return {};
  }

  /** What a world's deployments declare beside the common. */
  protected moreDeclared(): Partial<DeploymentSpec> {
    return {};
  }

  private deployment(name: string, action: 'report' | 'retrain'): OutgoingEvent<DeploymentChanged> {
    const spec: DeploymentSpec = {
      model: { name: this.model, version: 1 },
      input: { topic: 'unused', features: ['first', 'second'] },
      output: { topic: this.predictions.name },
      labels: { topic: this.labels.name, recordId: 'id', value: 'late', eventTime: 'at' },
      monitor: {
        windowMs: HOUR,
        allowedLatenessMs: HOUR / 2,
        minRows: 100,
        materiality: { auc: 0.05, logLoss: 0.05, calibrationError: 0.05, psi: 0.25 },
        persistence: 2,
        cooldownMs: HOUR,
        commandsPerDay: 24,
        action,
        ...this.moreWatched(),
      },
      training: {
        trainer: 'none',
        windowMs: null,
        bootstrapAfterMs: null,
        holdoutMs: HOUR,
        gate: { minRows: 1, minAucGain: 0, maxLogLossIncrease: 0, maxCalibrationError: 1 },
      },
      ...this.moreDeclared(),
    };
    const model = { name: this.model, version: 1, artifactUri: 'none', sha256: '' };
    const value = { name, generation: 1, model, spec: JSON.stringify(spec), cause: 'apply', changedAt: 0 };
    return { topic: topics.deployments, key: name, value };
  }

  /** Everything of this world on a topic, in order. */
  async onTopic<T extends { deployment: string }>(topic: Topic<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const batch of this.log.read(topic, await this.log.offsets(topic)))
      for (const { value } of batch.records) if (value?.deployment.startsWith(this.name)) found.push(value);
    return found;
  }

  windows(service: Service, deployment: string): Promise<DriftReported[]> {
    return get(service, `${deployment}/windows`).then(({ windows }) => windows as DriftReported[]);
  }

  commands(service: Service, deployment: string): Promise<Array<RetrainModel & { outcome: string }>> {
    return get(service, `${deployment}/commands`).then(({ commands }) => commands as never);
  }

  /** What an operator orders over HTTP. */
  async order(service: Service, method: 'POST' | 'DELETE', path: string): Promise<Record<string, unknown>> {
    const body = method === 'POST' ? JSON.stringify({ reason: 'a test', requestedBy: 'tester' }) : undefined;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${service.url}/api/headrace/v1/monitors/${path}`, { method, headers, body });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  watermark(service: Service, deployment: string): Promise<number | null> {
    return get(service, deployment).then((monitor) => monitor.watermark as number | null);
  }

  async windowsWhenClosed(service: Service, deployment: string, count: number): Promise<DriftReported[]> {
    return waitFor(
      async () => {
        const windows = await this.windows(service, deployment);
        return windows.length >= count ? windows : null;
      },
      { what: `${count} closed windows of ${deployment}`, timeoutMs: 120_000, pollMs: 200 },
    );
  }
}

async function get(service: Service, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${service.url}/api/headrace/v1/monitors/${path}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** One line of the service's metrics; undefined while it has none. */
export async function metric(service: Service, line: string): Promise<number | undefined> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}
