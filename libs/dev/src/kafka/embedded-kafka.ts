import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchKafkaJars } from '../../../../deploy/kafka/jars.mjs';
import { freePort } from '../ports.js';
import { startChild, type Child } from '../processes/child.js';
import type { RunFolder } from '../processes/run-folder.js';
import { waitFor } from '../wait-for.js';
import { brokerAnswers } from './broker-answers.js';
import { serverProperties } from './server-properties.js';

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

const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

// 512 MiB hold the platform's topics with room; the serial collector needs the fewest threads and least memory on small machines.
const jvmOptions = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-Djava.awt.headless=true'];
const loggingOptions = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
];

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
    const classpath = join(fetchKafkaJars(), '*');
    const properties = writeProperties(folder, port, await freePort());
    formatOnce(classpath, folder, properties);
    const args = [...jvmOptions, ...loggingOptions, '-cp', classpath, 'kafka.Kafka', properties];
    const child = await startChild({ name: 'kafka', command: java, args, log: logFile, runFolder });
    const kafka = new EmbeddedKafka(`127.0.0.1:${port}`, child);
    await kafka.#ready(startTimeoutMs);
    return kafka;
  }

  /** Controlled shutdown, killed after 15 s; the log survives either. */
  async stop(): Promise<void> {
    await this.process.stop(15_000);
  }

  async #ready(timeoutMs: number): Promise<void> {
    const ended = new AbortController();
    void this.process.exited.then((exit) => ended.abort(new Error(`it ended with ${JSON.stringify(exit)}`)));
    const options = { what: `Kafka at ${this.brokers}`, timeoutMs, pollMs: 100, signal: ended.signal };
    try {
      await waitFor(() => brokerAnswers(this.brokers), options);
    } catch (cause) {
      await this.process.kill();
      throw new Error(`Kafka did not start: ${String(cause)}\n${this.process.logTail()}`, { cause });
    }
  }
}

function writeProperties(folder: string, port: number, controllerPort: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'server.properties');
  writeFileSync(path, serverProperties({ dataFolder: join(folder, 'data'), port, controllerPort }));
  return path;
}

/** meta.properties is written last by the tool, so its presence means a whole format. */
function formatOnce(classpath: string, folder: string, properties: string): void {
  if (existsSync(join(folder, 'data', 'meta.properties'))) return;
  // Kafka's cluster ids are 16 random bytes in URL-safe Base64; a leading '-' would read as an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const args = [...loggingOptions, '-XX:TieredStopAtLevel=1', '-cp', classpath, 'kafka.tools.StorageTool'];
  const format = ['format', '--cluster-id', clusterId, '--config', properties, '--ignore-formatted'];
  const result = spawnSync(java, [...args, ...format], { encoding: 'utf8' });
  if (result.error)
    throw new Error(`cannot run ${java} (${result.error.message}); install Java 17 or set KAFKA_BROKERS`);
  if (result.status !== 0) throw new Error(`Kafka's storage was not formatted:\n${result.stdout}${result.stderr}`);
}
