// Plays a small sample as fast as it can, until it is killed or done. Arguments: topic prefix, number of flights.
import { kafkaConfig, loadConfig } from '@headrace/service-kit';
import { playFlights } from '../dist/data/timeline.js';
import { AcceleratedClock } from '../dist/play/accelerated-clock.js';
import { FlightPublisher } from '../dist/play/flight-publisher.js';
import { createKafka } from '../dist/play/kafka.js';
import { Player } from '../dist/play/player.js';
import { AvroCodec } from '../dist/play/schema-registry.js';
import { flightTopics } from '../dist/play/topics.js';
import { loadFlights } from '../dist/data/flight-cache.js';

const [prefix, path, folder] = process.argv.slice(2);
const config = loadConfig(kafkaConfig);
const source = { path, oneIn: 300, seed: 1 };
const events = playFlights(await loadFlights(source, folder));
const kafka = createKafka(config);
const codec = new AvroCodec(config.SCHEMA_REGISTRY_URL);
const player = new Player({
  events,
  clock: new AcceleratedClock(0.2),
  waits: () => false,
  open: () => FlightPublisher.open(kafka, codec, flightTopics(prefix), 'test'),
  now: Date.now,
  onFault: (error) => console.error(error),
  signal: new AbortController().signal,
});
await player.run();
