import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchKafkaJars } from '../../../../deploy/kafka/jars.mjs';
import { startChild, type Child } from '../processes/child.js';
import type { RunFolder } from '../processes/run-folder.js';
import { waitFor } from '../wait-for.js';
import { formatProperties, type Properties } from './server-properties.js';

export interface KafkaNodeOptions {
  /** Names its pid file. */
  readonly name: string;
  /** Holds server.properties; created when missing. */
  readonly folder: string;
  /** With log.dirs; a second start on the same log.dirs resumes on its data. */
  readonly properties: Properties;
  readonly runFolder: RunFolder;
  readonly logFile: string;
  /** All nodes of a cluster have the same; default a fresh one. */
  readonly clusterId?: string;
  /** Further arguments of StorageTool's `format`. */
  readonly format?: readonly string[];
  /** Largest heap, MiB. Default 512: the platform's topics with room. */
  readonly heapMb?: number;
}

const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
const loggingOptions = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
];

/** Kafka's cluster ids are 16 random bytes in URL-safe Base64; a leading '-' would read as an option. */
export function freshClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** Starts one node's JVM; its storage is formatted first when that has not happened yet. Resolves when the process runs. */
export async function spawnKafkaNode(options: KafkaNodeOptions): Promise<Child> {
  const { name, folder, properties, runFolder, logFile: log, heapMb = 512 } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'server.properties');
  writeFileSync(file, formatProperties(properties));
  const classpath = join(fetchKafkaJars(), '*');
  formatOnce(classpath, file, options);
  // The serial collector needs the fewest threads and least memory on small machines.
  const jvm = [`-Xmx${heapMb}m`, '-Xms128m', '-XX:+UseSerialGC', '-Djava.awt.headless=true', ...loggingOptions];
  return startChild({ name, command: java, args: [...jvm, '-cp', classpath, 'kafka.Kafka', file], log, runFolder });
}

/** Resolves when `answers` does. @throws Error with the log's last lines when the process ends first or the time is over; then it is killed. */
export async function kafkaReady(node: Child, what: string, timeoutMs: number, answers: () => Promise<boolean>) {
  const ended = new AbortController();
  void node.exited.then((exit) => ended.abort(new Error(`it ended with ${JSON.stringify(exit)}`)));
  try {
    await waitFor(answers, { what, timeoutMs, pollMs: 100, signal: ended.signal });
  } catch (cause) {
    await node.kill();
    throw new Error(`Kafka did not start: ${String(cause)}\n${node.logTail()}`, { cause });
  }
}

/** meta.properties is written last by the tool, so its presence means a whole format. */
function formatOnce(classpath: string, file: string, { properties, clusterId, format = [] }: KafkaNodeOptions): void {
  if (existsSync(join(String(properties['log.dirs']), 'meta.properties'))) return;
  const tool = [...loggingOptions, '-XX:TieredStopAtLevel=1', '-cp', classpath, 'kafka.tools.StorageTool'];
  const id = clusterId ?? freshClusterId();
  const args = [...tool, 'format', '--cluster-id', id, '--config', file, '--ignore-formatted', ...format];
  const result = spawnSync(java, args, { encoding: 'utf8' });
  if (result.error)
    throw new Error(`cannot run ${java} (${result.error.message}); install Java 17 or set KAFKA_BROKERS`);
  if (result.status !== 0) throw new Error(`Kafka's storage was not formatted:\n${result.stdout}${result.stderr}`);
}
