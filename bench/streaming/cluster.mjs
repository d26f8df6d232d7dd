// What surrounds the workers: one Kafka and the gateway (schema registry) as children, an artifact server in this process. None is measured.
import { EmbeddedKafka, freePort, RunFolder, startReaper, startService, waitFor } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import kafkajs from 'kafkajs';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Input and two outputs of a record with their headers and indexes, about; a worker's output is deleted before the next begins. */
const BYTES_A_RECORD = 2000;
const SPARE_BYTES = 2 * 2 ** 30;

export class BenchCluster {
  /**
   * @param {{ records: number, models: Array<{ bytes: Buffer, resolved: { artifactUri: string } }> }} options
   * @throws Error when the disk is too full
   */
  static async start({ records, models }) {
    const folder = mkdtempSync(join(tmpdir(), 'headrace-bench-'));
    checkDisk(folder, records);
    const runFolder = new RunFolder(join(folder, 'run'));
    startReaper(runFolder.path, folder);
    const logFile = (name) => join(folder, 'logs', `${name}.log`);
    const kafka = await EmbeddedKafka.start({ folder: join(folder, 'kafka'), runFolder, logFile: logFile('kafka') });
    const port = await freePort();
    const env = { ...process.env, KAFKA_BROKERS: kafka.brokers, LOG_LEVEL: 'warn' };
    const gateway = await startService('gateway', { port, env, logFile: logFile('gateway'), runFolder });
    const artifacts = await serveArtifacts(models);
    return new BenchCluster({ folder, runFolder, logFile, embedded: kafka, gateway, artifacts }).#connect();
  }

  constructor(parts) {
    Object.assign(this, parts);
    this.brokers = this.embedded.brokers;
    this.schemaRegistryUrl = this.gateway.url;
    this.artifactsUrl = `http://127.0.0.1:${this.artifacts.address().port}`;
    this.kafka = new kafkajs.Kafka({ clientId: 'bench', brokers: [this.brokers], logLevel: kafkajs.logLevel.NOTHING });
    this.admin = this.kafka.admin();
    this.eventLog = new KafkaEventLog({
      source: 'bench',
      config: loadConfig(kafkaConfig, { KAFKA_BROKERS: this.brokers, SCHEMA_REGISTRY_URL: this.schemaRegistryUrl }),
      logger: silentLogger(),
      metrics: new Metrics(),
      onFatal: (error) => {
        throw error;
      },
    });
  }

  async #connect() {
    await this.admin.connect();
    return this;
  }

  /** Id of the schema under the subject, registered when it is new. */
  async schemaId(subject, schema) {
    const response = await fetch(`${this.schemaRegistryUrl}/subjects/${encodeURIComponent(subject)}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schemaType: 'AVRO', schema }),
    });
    if (!response.ok) throw new Error(`schema registry: ${response.status} ${await response.text()}`);
    return (await response.json()).id;
  }

  /**
   * Resolves when the topic has its leaders: kafkajs' own wait fails on a broker that does not know the topic yet. An admin of its own each
   * time, because kafkajs asks for all topics an admin ever saw, and fails on those that have been deleted.
   */
  async createTopic(topic, numPartitions, configEntries = []) {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: false });
      const hasLeaders = async () => (await admin.fetchTopicOffsets(topic)).length === numPartitions;
      await waitFor(() => hasLeaders().catch(() => false), { what: `${topic} to have leaders`, timeoutMs: 30_000 });
    } finally {
      await admin.disconnect();
    }
  }

  /** Disk space of a topic comes back after a minute; a group can be deleted when its last member has left. */
  async remove({ topic, group }) {
    await this.admin.deleteGroups([group]).catch(() => {});
    await this.admin.deleteTopics({ topics: [topic] });
  }

  async stop() {
    await this.eventLog.close();
    await this.admin.disconnect();
    this.artifacts.close();
    await this.gateway.stop();
    await this.embedded.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function checkDisk(folder, records) {
  const { bavail, bsize } = statfsSync(folder);
  const needed = records * BYTES_A_RECORD + SPARE_BYTES;
  if (bavail * bsize < needed)
    throw new Error(
      `${folder} has ${Math.round((bavail * bsize) / 2 ** 20)} MiB free, ${Math.round(needed / 2 ** 20)} are needed`,
    );
}

/** Tracking's artifact API, as far as a worker asks it. */
async function serveArtifacts(models) {
  const server = createServer((request, response) => {
    const found = models.find(({ resolved }) => request.url === pathOf(resolved.artifactUri));
    if (found) response.end(found.bytes);
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const pathOf = (uri) => `/api/2.0/mlflow-artifacts/artifacts/${uri.replace(/^mlflow-artifacts:\/+/, '')}`;
