// The peers by name: how each is started, and on how many records when the whole input would take too long.
import { join } from 'node:path';
import { classPathFor, pythonFor } from './toolchain.mjs';

const folderOf = (name) => join(import.meta.dirname, name);
const pythonPath = { PYTHONPATH: folderOf('common'), PYTHONUNBUFFERED: '1' };
/** Fixed, so that the collector has no reason to give memory back and take it again; the serial one costs the least CPU on few cores. */
const JVM = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

const python = (name) => ({
  command: pythonFor(folderOf(name)),
  args: [join(folderOf(name), 'worker.py')],
  env: pythonPath,
});
const java = (name, mainClass, ...args) => ({
  command: 'java',
  args: [...JVM, '-cp', classPathFor(folderOf(name)), mainClass, ...args],
});

/** @type {Record<string, { label: string, maxRecords?: number, program: () => { command: string, args: string[], env?: object } }>} */
export const peers = {
  naive: {
    label: 'kafkajs eachMessage, a transaction a record',
    maxRecords: 5000,
    program: () => ({
      command: process.execPath,
      args: ['--disable-warning=TimeoutNegativeWarning', join(folderOf('naive'), 'worker.mjs')],
    }),
  },
  quix: { label: 'Quix Streams, exactly-once', maxRecords: 200_000, program: () => python('quix') },
  confluent: { label: 'confluent-kafka (Python), batched', program: () => python('confluent') },
  'kafka-streams': {
    label: 'Kafka Streams, exactly_once_v2',
    program: () => java('kafka-streams', 'dev.headrace.bench.KafkaStreamsWorker'),
  },
  java: { label: 'Java loop, Avro objects', program: () => java('java', 'dev.headrace.bench.JavaWorker', 'objects') },
  'java-direct': {
    label: 'Java loop, hand-written Avro coder',
    program: () => java('java', 'dev.headrace.bench.JavaWorker', 'direct'),
  },
};
