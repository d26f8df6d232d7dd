// Where the broker's jars lie, and how they get there. Node built-ins alone: scripts/ asks before node_modules exists.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const pom = join(import.meta.dirname, 'pom.xml');
const cache = join(import.meta.dirname, '..', '..', '.headrace', 'kafka-jars');

/** The folder is named by the pom's hash, so that a changed version never runs on old jars. */
export function kafkaJarsFolder() {
  return join(cache, createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12));
}

export function kafkaJarsAreCached() {
  return existsSync(kafkaJarsFolder());
}

/** Fetches through Maven when not cached. The rename at the end makes a half-finished fetch invisible. */
export function fetchKafkaJars() {
  const folder = kafkaJarsFolder();
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'fetching-'));
  try {
    copyDependencies(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process may have finished the same fetch first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function copyDependencies(folder) {
  const goal = 'dependency:copy-dependencies';
  const args = ['-q', '-B', '-f', pom, goal, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  const result = spawnSync('mvn', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.error) throw new Error(`mvn did not start (${result.error.message}); install Maven or set KAFKA_BROKERS`);
  if (result.status === 0) return;
  throw new Error(`mvn could not fetch Kafka's jars (exit ${result.status}):\n${result.stdout}${result.stderr}`);
}
