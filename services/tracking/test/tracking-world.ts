import { topics, type TrackingChanged } from '@headrace/contracts';
import { testCluster, type Service } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface Answer {
  readonly status: number;
  readonly body: any;
}

/** The real service on a database and an artifact folder of its own. */
export class TrackingWorld {
  service!: Service;
  folder = '';
  private readonly undo: Array<() => Promise<unknown>> = [];
  private env: NodeJS.ProcessEnv = {};
  databaseUrl = '';

  readonly log = new KafkaEventLog({
    source: 'tracking-test',
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
    await this.log.provision([topics.tracking]);
    this.undo.push(() => this.log.close());
    const database = await testCluster.createDatabase('tracking');
    this.undo.push(() => database.drop());
    this.folder = await mkdtemp(join(tmpdir(), 'headrace-artifacts-'));
    this.undo.push(() => rm(this.folder, { recursive: true }));
    this.databaseUrl = database.url;
    this.env = { DATABASE_URL: database.url, ARTIFACTS_DIR: this.folder };
    await this.startService();
  }

  async startService(): Promise<void> {
    this.service = await testCluster.startService('tracking', this.env);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    for (const undo of this.undo.toReversed()) await undo();
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.service.url}/api/2.0/mlflow/${path}`, { method, ...json });
    return { status: response.status, body: await response.json() };
  }

  async createRun(experiment_id = '0', change: object = {}): Promise<{ run_id: string; artifact_uri: string }> {
    const { status, body } = await this.call('POST', 'runs/create', { experiment_id, start_time: 1, ...change });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body.run.info;
  }

  async createExperiment(name: string): Promise<string> {
    return (await this.call('POST', 'experiments/create', { name })).body.experiment_id;
  }

  async run(run_id: string): Promise<any> {
    return (await this.call('GET', `runs/get?run_id=${run_id}`)).body.run;
  }

  /** Every event of an id so far, oldest first. */
  async events(id: string): Promise<TrackingChanged[]> {
    return (await this.eventRecords(id)).map(({ value }) => value);
  }

  /** As events, each with its CloudEvents id. */
  async eventRecords(id: string): Promise<Array<{ id: string; value: TrackingChanged }>> {
    const found: Array<{ id: string; value: TrackingChanged }> = [];
    for await (const batch of this.log.read(topics.tracking, await this.log.offsets(topics.tracking)))
      for (const { value, headers } of batch.records)
        if (value?.id === id) found.push({ id: String(headers.ce_id), value });
    return found;
  }

  /** How many events are committed and not yet on the topic. */
  async waitingEvents(): Promise<number> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query('select from tracking.outbox')).rowCount!;
    } finally {
      await client.end();
    }
  }

  /** Highest resident memory of the service so far, bytes. */
  async peakResidentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.service.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
  }
}
