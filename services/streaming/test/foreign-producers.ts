import { testCluster, testPython, type Tool } from '@headrace/dev';
import kafkajs from 'kafkajs';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { fetchKafkaJars } from '../../../deploy/kafka/jars.mjs';

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

export interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Somebody else's program that writes to a topic. The record's key is the row's id. */
export interface ForeignProducer {
  readonly name: string;
  readonly needs: readonly Tool[];
  /** Throws unless everything was delivered. */
  write(topic: string, rows: readonly Row[], codec: Codec): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'produce_rows.py');

export interface PythonOptions {
  readonly codec?: Codec;
  /** Avro, registered under `<topic>-value`; JSON without it. */
  readonly schema?: object;
  /** The schema's GUID in a header, instead of its id before the payload. */
  readonly header?: boolean;
}
export interface PythonAnswer {
  readonly undelivered?: number;
  readonly refused?: { readonly status: number; readonly message: string };
}

/** What confluent-kafka's own serializer and producer make of the rows. */
export async function writeWithPython(
  topic: string,
  rows: readonly Row[],
  { codec, schema, header }: PythonOptions,
): Promise<PythonAnswer> {
  const { brokers, schemaRegistryUrl: registry } = testCluster;
  const given = {
    brokers,
    registry,
    topic,
    rows,
    codec,
    header,
    ...(schema ? { schema: JSON.stringify(schema) } : {}),
  };
  const { stdout } = await promisify(execFile)(testPython(), [SCRIPT, JSON.stringify(given)]);
  return JSON.parse(stdout) as PythonAnswer;
}

const AVRO = {
  type: 'record',
  name: 'Row',
  fields: [{ name: 'id', type: 'string' }, ...['x', 'y'].map((name) => ({ name, type: 'double' }))],
};

/** A JVM that only writes some lines. */
const JVM = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xmx128m',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
];

export const producers: readonly ForeignProducer[] = [
  {
    name: 'kcat',
    needs: ['kcat'],
    write: (topic, rows, codec) =>
      writeLines('kcat', ['-P', '-b', testCluster.brokers, '-t', topic, '-K', '|', '-z', codec], rows),
  },
  {
    name: "Python's confluent-kafka",
    needs: ['python'],
    write: async (topic, rows, codec) => {
      const answer = await writeWithPython(topic, rows, { codec, schema: AVRO });
      if (answer.undelivered !== 0) throw new Error(JSON.stringify(answer));
    },
  },
  { name: 'kafkajs', needs: [], write: writeWithKafkajs },
  {
    name: "Java's console producer",
    needs: ['java'],
    write: (topic, rows, codec) =>
      writeLines(
        'java',
        [
          ...[...JVM, '-cp', join(fetchKafkaJars(), '*'), 'org.apache.kafka.tools.ConsoleProducer'],
          ...['--bootstrap-server', testCluster.brokers, '--topic', topic, '--compression-codec', codec],
          ...['--property', 'parse.key=true', '--property', 'key.separator=|'],
        ],
        rows,
      ),
  },
];

async function writeLines(command: string, args: readonly string[], rows: readonly Row[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  child.stdin.end(rows.map((row) => `${row.id}|${JSON.stringify(row)}\n`).join(''));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${await said}`);
}

async function writeWithKafkajs(topic: string, rows: readonly Row[], codec: Codec): Promise<void> {
  const { CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs;
  const compression = {
    none: CompressionTypes.None,
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy,
    lz4: CompressionTypes.LZ4,
    zstd: CompressionTypes.ZSTD,
  }[codec];
  const kafka = new Kafka({ brokers: [testCluster.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = rows.map((row) => ({ key: row.id, value: JSON.stringify(row) }));
  await producer.send({ topic, compression, messages }).finally(() => producer.disconnect());
}
