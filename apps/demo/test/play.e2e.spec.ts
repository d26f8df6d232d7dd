import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { kafkaConfig, loadConfig } from '@headrace/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFlights } from '../src/data/flight-cache.js';
import { playFlights, type FlightEvent } from '../src/data/timeline.js';
import { follow } from '../src/observe/follower.js';
import { createTopics } from '../src/play/create-topics.js';
import { FlightPublisher } from '../src/play/flight-publisher.js';
import { createKafka } from '../src/play/kafka.js';
import { AvroCodec } from '../src/play/schema-registry.js';
import { flightTopics } from '../src/play/topics.js';

const path = join(import.meta.dirname, '../../../node_modules/vega-datasets/data/flights-3m.parquet');
const KILLS = 5;

describe('playing flights into Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flights-'));
  const prefix = uniqueName('flights');
  const topics = flightTopics(prefix);
  const kafka = createKafka(loadConfig(kafkaConfig, { ...process.env, KAFKA_BROKERS: testCluster.brokers }));
  const codec = new AvroCodec(testCluster.schemaRegistryUrl);
  /** Values by partition, in the order in which a reader of committed records gets them. */
  const seen = new Map<string, Array<FlightEvent['value']>>();
  let events: FlightEvent[] = [];
  let child: ChildProcess | undefined;
  let stop: () => Promise<void> = () => Promise.resolve();

  const read = () => [...seen.values()].reduce((sum, values) => sum + values.length, 0);
  const of = (topic: string) =>
    [...seen].filter(([place]) => place.startsWith(`${topic}/`)).flatMap(([, values]) => values);

  beforeAll(async () => {
    events = playFlights(await loadFlights({ path, oneIn: 300, seed: 1 }, folder));
    await createTopics(kafka, topics, 1);
    await createTopics(kafka, topics, 1);
    stop = await follow({
      kafka,
      codec,
      topics: [topics.features, topics.labels],
      rawTopics: [],
      onCrash: (error) => console.error(error),
      onRecord: ({ topic, partition, value }) => {
        const place = `${topic}/${partition}`;
        seen.set(place, [...(seen.get(place) ?? []), value as FlightEvent['value']]);
      },
    });
  });

  afterAll(async () => {
    child?.kill('SIGKILL');
    await stop();
    rmSync(folder, { recursive: true });
  });

  function play(): ChildProcess {
    const script = join(import.meta.dirname, 'play.process.mjs');
    const env = {
      ...process.env,
      KAFKA_BROKERS: testCluster.brokers,
      SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
    };
    return spawn(process.execPath, [script, prefix, path, folder], { stdio: 'inherit', env });
  }

  it('has each event once and in order, though it is killed again and again', async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const before = read();
      child = play();
      // Only a process that has moved on is worth killing.
      await waitFor(() => read() > before, { what: `events after kill ${kill}`, timeoutMs: 30_000, pollMs: 5 });
      const ended = new Promise((resolve) => child!.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    expect(read()).toBeLessThan(events.length);
    child = play();
    await waitFor(() => read() >= events.length, { what: 'the end of the stream', timeoutMs: 60_000 });
    const ids = (kind: FlightEvent['kind']) =>
      events.filter((event) => event.kind === kind).map(({ value }) => value.flightId);
    expect(
      of(topics.features)
        .map(({ flightId }) => flightId)
        .sort(),
    ).toEqual(ids('departure').sort());
    expect(
      of(topics.labels)
        .map(({ flightId }) => flightId)
        .sort(),
    ).toEqual(ids('landing').sort());
    for (const values of seen.values()) expect(values.map(timeOf)).toEqual(values.map(timeOf).sort((a, b) => a - b));
  }, 180_000);

  it('puts the departures of one airport into one partition', () => {
    const airports = [...seen]
      .filter(([place]) => place.startsWith(`${topics.features}/`))
      .map(([, values]) => new Set(values.map((value) => ('origin' in value ? value.origin : ''))));
    expect(airports).toHaveLength(3);
    const all = airports.flatMap((set) => [...set]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('refuses topics that hold another sample', async () => {
    await expect(FlightPublisher.open(kafka, codec, topics, 'other')).rejects.toThrow(
      `${topics.progress} says that test is being played, and this start would play other`,
    );
  });
});

function timeOf(value: FlightEvent['value']): number {
  return 'departedAt' in value ? value.departedAt : value.landedAt;
}
