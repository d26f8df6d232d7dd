import { join } from 'node:path';
import { freePort } from '../ports.js';
import type { Child } from '../processes/child.js';
import type { RunFolder } from '../processes/run-folder.js';
import { brokersAnswering } from './brokers-answering.js';
import { kafkaReady, spawnKafkaNode } from './kafka-node.js';
import { singleNode } from './server-properties.js';

export interface EmbeddedKafkaOptions {
  /** Created when missing; a second start on the same folder resumes on its data. */
  readonly folder: string;
  readonly runFolder: RunFolder;
  readonly logFile: string;
  /** Default a free one. */
  readonly port?: number;
  /** Default 60,000 ms. */
  readonly startTimeoutMs?: number;
}

/** A real single-node Apache Kafka (KRaft) as a child process on loopback. Needs Java 17 or later; fetches its jars through Maven once. */
export class EmbeddedKafka {
  private constructor(
    readonly brokers: string,
    readonly process: Child,
  ) {}

  /** Resolves when an admin request is answered. @throws Error with the log's last lines when that does not happen in time. */
  static async start(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
    const { folder, runFolder, logFile, startTimeoutMs = 60_000 } = options;
    const port = options.port ?? (await freePort());
    const properties = singleNode({ dataFolder: join(folder, 'data'), port, controllerPort: await freePort() });
    const child = await spawnKafkaNode({ name: 'kafka', folder, properties, runFolder, logFile });
    const brokers = `127.0.0.1:${port}`;
    const answers = async () => (await brokersAnswering({ KAFKA_BROKERS: brokers })) > 0;
    await kafkaReady(child, `Kafka at ${brokers}`, startTimeoutMs, answers);
    return new EmbeddedKafka(brokers, child);
  }

  /** Controlled shutdown, killed after 15 s; the log survives either. */
  async stop(): Promise<void> {
    await this.process.stop(15_000);
  }
}
