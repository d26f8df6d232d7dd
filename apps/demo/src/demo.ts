import { GatewayClient } from '@headrace/cli';
import { applyDeployments } from './apply-deployments.js';
import { deploymentsFolder, type DemoConfig } from './config.js';
import { loadFlights, sampleName } from './data/flight-cache.js';
import { playFlights, type FlightEvent } from './data/timeline.js';
import { FIRST_DAY, WEEK_MS } from './data/weeks.js';
import { decideRunState, unfinished, type RunState } from './observe/completion.js';
import { whyTheClockWaits } from './observe/why-the-clock-waits.js';
import { follow } from './observe/follower.js';
import { LoopState } from './observe/loop-state.js';
import type { DemoOptions } from './options.js';
import { AcceleratedClock } from './play/accelerated-clock.js';
import { createTopics } from './play/create-topics.js';
import { FlightPublisher } from './play/flight-publisher.js';
import { createKafka } from './play/kafka.js';
import { Patience } from './play/patience.js';
import { Player } from './play/player.js';
import { AvroCodec } from './play/schema-registry.js';
import { FLIGHTS } from './play/topics.js';
import { summarise, type Summary } from './summary/summary.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { DecisionLines } from './view/decision-lines.js';
import { TerminalView } from './view/terminal-view.js';

const CHECK_MS = 500;

export interface DemoOutcome {
  /** How a --once run ended; 'running' when it was interrupted. */
  readonly state: RunState;
  /** Only of a --once run that was not interrupted. */
  readonly summary: Summary | null;
}

/** Plays, watches and tells, until the signal is aborted or, with --once, the loop has closed. */
export async function runDemo(config: DemoConfig, options: DemoOptions, signal: AbortSignal): Promise<DemoOutcome> {
  const startedAt = Date.now();
  const source = { path: config.DEMO_FLIGHTS_FILE, oneIn: config.DEMO_SAMPLE, seed: config.DEMO_SEED };
  const events = untilWeek(playFlights(await loadFlights(source, config.DEMO_FOLDER)), options.weeks);
  const kafka = createKafka(config);
  const gateway = new GatewayClient(config.GATEWAY_URL);
  const codec = new AvroCodec(config.SCHEMA_REGISTRY_URL);
  const state = new LoopState();
  const stop = new AbortController();
  const fail = (error: unknown) => stop.abort(error);
  const patience = new Patience();
  const waiting = () => patience.with(whyTheClockWaits(state), Date.now());
  const player = new Player({
    events,
    clock: new AcceleratedClock(config.DEMO_WEEK_SECONDS),
    waits: () => waiting() !== null,
    open: () => FlightPublisher.open(kafka, codec, FLIGHTS, sampleName(source)),
    now: Date.now,
    onFault: (error) => view.line(`playing paused, will go on: ${String(error)}`),
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const view = new TerminalView({
    output: process.stdout,
    state,
    playedShare: () => player.position / events.length,
    waiting: () => (player.finished ? null : waiting()),
    now: Date.now,
  });
  await createTopics(kafka, FLIGHTS, config.KAFKA_REPLICATION);
  await applyDeployments(gateway, deploymentsFolder, (line) => view.line(line));
  const decisions = new DecisionLines();
  const quiet = { since: Date.now() };
  const stopFollowing = await follow({
    kafka,
    codec,
    topics: state.topics.avro,
    rawTopics: state.topics.raw,
    onCrash: fail,
    onRecord: (record) => {
      quiet.since = Date.now();
      state.fold(record);
      const line = decisions.lineOf(record);
      if (line) view.line(line);
    },
  });
  view.start();
  const playing = player.run().catch(fail);
  try {
    const played = () => ({ events: player.position, of: events.length });
    const limitMs = options.timeLimit * 1000;
    let ended: RunState = 'running';
    while (ended === 'running' && !signal.aborted && !stop.signal.aborted) {
      await sleep(CHECK_MS, undefined, { signal }).catch(() => undefined);
      const now = Date.now();
      const times = { elapsedMs: now - startedAt, limitMs, quietMs: now - quiet.since };
      if (options.once) ended = decideRunState(state, played(), times);
    }
    if (stop.signal.aborted) throw stop.signal.reason;
    const summary = ended === 'running' ? null : await summarise(state, gateway, unfinished(state, played()));
    return { state: ended, summary };
  } finally {
    stop.abort();
    view.stop();
    await playing;
    await stopFollowing();
  }
}

/** Departures of the first weeks, and their landings whenever they are. */
function untilWeek(events: FlightEvent[], weeks: number | undefined): FlightEvent[] {
  if (weeks === undefined) return events;
  const end = FIRST_DAY + weeks * WEEK_MS;
  const departed = new Set<string>();
  return events.filter(({ kind, at, value: { flightId } }) => {
    if (kind === 'landing') return departed.has(flightId);
    if (at < end) departed.add(flightId);
    return at < end;
  });
}
