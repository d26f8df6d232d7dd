import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kafkaJarsAreCached } from '../../deploy/kafka/jars.mjs';
import { BootstrapError, exists } from './run.mjs';

const wayRound = 'or set KAFKA_BROKERS=host:port to use a Kafka of your own';

/** @throws BootstrapError with one line for each thing that is missing */
export function checkPrerequisites(env) {
  if (env.KAFKA_BROKERS) return;
  const missing = [javaFault(env), mavenFault()].filter(Boolean);
  if (missing.length > 0) throw new BootstrapError(missing.join('\nheadrace: '));
}

function javaFault(env) {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const { error, stdout = '', stderr = '' } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const install = `install it (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk) ${wayRound}`;
  if (error) return `needs Java 17 or later; ${install}`;
  const version = javaMajor(stdout + stderr);
  return version !== null && version < 17 ? `needs Java 17 or later, ${java} is ${version}; ${install}` : null;
}

/** 17 from `openjdk version "17.0.15"`, 8 from `java version "1.8.0_392"`, null when there is no version in the text. */
export function javaMajor(text) {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : null;
}

function mavenFault() {
  if (kafkaJarsAreCached() || exists('mvn')) return null;
  return `needs Maven to fetch Kafka's jars; install it (Debian: apt-get install maven; macOS: brew install maven) ${wayRound}`;
}
