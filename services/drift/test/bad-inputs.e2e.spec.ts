import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DriftReported, type Finding, type MonitorSpec } from '@headrace/contracts';
import { testCluster, waitFor, type Service } from '@headrace/dev';
import { headerText } from '@headrace/event-log';
import { auc, logLoss } from '@headrace/statistics';
import pg from 'pg';
import { DriftWorld, metric } from './drift-world.js';
import { HOUR, records, type Message, type SyntheticRecord } from './synthetic-traffic.js';

const MINUTE = 60_000;
const PER_HOUR = 400;
const CATEGORIES = 50_000;
/** Hours with a fault of their own; the others are sound. */
const [CONSTANT, STRANGE, MANY] = [2, 3, 4];
const HOURS = 7;
/** A sound row's sketch: 24 bytes of head, two numeric columns (a feature, the score) and a categorical one. */
const SKETCH_BYTES = 24 + 2 * 720 + 2064;

class BadWorld extends DriftWorld {
  protected override moreWatched(): Partial<MonitorSpec> {
    return { categories: ['second'] };
  }
}

const hourOf = (i: number): number => Math.floor(i / PER_HOUR);

/** `first` is a number, `second` one of four categories, but for the hours that go wrong. */
function faulty(): SyntheticRecord[] {
  return records(HOURS, PER_HOUR, HOURS).map((record, i) => {
    const [value] = record.features as [number];
    const hour = hourOf(i);
    const odd = i % 5 === 0 ? NaN : i % 5 === 1 ? 1e308 : value;
    return { ...record, features: [hour === CONSTANT ? 0.5 : hour === STRANGE ? odd : value, i % 4] };
  });
}

describe('what should not come', () => {
  const world = new BadWorld();
  const all = faulty();
  /** Within one hour, a category each. */
  const many = Array.from({ length: CATEGORIES }, (_, i): SyntheticRecord => ({
    ...all[i % PER_HOUR]!,
    id: `many${i}`,
    time: all[MANY * PER_HOUR]!.time + Math.floor((i * HOUR) / CATEGORIES),
    features: [all[i % PER_HOUR]!.features[0]!, 1000 + i],
  }));
  const wrong: Record<string, unknown[]> = {
    MISSING_RECORD_ID: [{ late: true }, { id: '', late: true }, { id: null, late: false }],
    INVALID_LABEL: [
      { id: 'r1', late: 'perhaps' },
      { id: 'r2', late: 2 },
      { id: 'r3' },
      { id: 'r4', late: NaN },
      'text',
    ],
    INVALID_EVENT_TIME: [{ id: 'r5', late: true, at: 'noon' }],
  };
  const [twoHoursOff, future] = [all.slice(0, 20), Date.UTC(2099, 0, 1)];
  let database: { url: string; drop(): Promise<void> };
  let service: Service;
  let windows: DriftReported[];

  beforeAll(async () => {
    await world.prepare();
    database = await testCluster.createDatabase('drift');
    service = await world.start(database.url, { DRIFT_MAX_EVENT_TIME_AHEAD_MS: String(HOUR) });
    await sendHours(0, MANY);
    await sendNonsense();
    await world.log.publish(many.map((record) => world.prediction(world.watched, record)));
    await sendHours(MANY, HOURS);
    windows = await world.windowsWhenClosed(service, world.watched, HOURS - 1);
  }, 300_000);

  afterAll(async () => {
    await service?.stop();
    await world.log.close();
    await database?.drop();
  }, 60_000);

  /** Sound labels all have one key: the topic's other partition has none of them, and rests. */
  async function sendHours(from: number, to: number): Promise<void> {
    for (const record of all.slice(from * PER_HOUR, to * PER_HOUR)) truths.push(label(record));
    const predictions = all.slice(from * PER_HOUR, to * PER_HOUR);
    await world.send(predictions.map((record) => ({ kind: 'prediction', at: record.time, record })));
    await world.send(truths.splice(0));
  }
  const truths: Message[] = [];

  function label({ id, time, truth }: SyntheticRecord, at = time + 10 * MINUTE): Message {
    return { kind: 'label', at, key: 'same', body: { id, late: truth, at } };
  }

  /** When the first windows are closed: clocks two hours off and in the year 2099, labels that are none, predictions that are none or of another type. */
  async function sendNonsense(): Promise<void> {
    for (const deployment of [world.watched, world.frozen]) await world.windowsWhenClosed(service, deployment, 2);
    const at = all[MANY * PER_HOUR - 1]!.time;
    const slow = twoHoursOff.map((record, i): SyntheticRecord => ({ ...record, id: `slow${i}` }));
    const fast = { ...all[0]!, id: 'fast', time: at + 2 * HOUR };
    const lost = { ...all[0]!, id: 'lost', time: future };
    await world.send([...slow, fast, lost].map((record) => ({ kind: 'prediction', at, record })));
    await world.send([label(lost, future)]);
    const bodies = Object.values(wrong).flat();
    await world.send(bodies.map((body) => ({ kind: 'label', at, key: 'same', body: withTime(body, at) })));
    const topic = { ...topics.deadLetters, name: world.predictions.name };
    const json = (body: unknown) => ({ topic, key: 'odd', value: Buffer.from(JSON.stringify(body)) });
    const { value } = world.prediction(world.watched, { ...all[0]!, id: 'typed', time: at });
    await world.log.publish([
      json({ ...value, features: ['0.5', true] }),
      json('text'),
      json({ ...value, recordId: '' }),
    ]);
  }

  const withTime = (body: unknown, at: number): unknown => (typeof body === 'object' ? { at, ...body } : body);

  const held = ({ findings }: DriftReported): string[] =>
    findings
      .filter(({ significant, material }: Finding) => significant && material)
      .map(({ metric: name, subject }) => `${name} ${subject}`.trim());

  it('stops nothing: every window is closed with the rows of its own hour', () => {
    expect(windows.slice(0, HOURS - 1).map(({ predictions }) => predictions)).toEqual([
      PER_HOUR,
      PER_HOUR,
      PER_HOUR,
      PER_HOUR + 1, // of another type
      PER_HOUR + CATEGORIES,
      PER_HOUR + 1, // two hours fast
    ]);
  });

  it('skews no figure of performance: they equal a batch computation over the sound records', () => {
    windows.slice(0, HOURS - 1).forEach(({ metrics, labelled }, hour) => {
      const sound = all.slice(hour * PER_HOUR, (hour + 1) * PER_HOUR);
      const [labels, scores] = [sound.map(({ truth }) => truth), sound.map(({ score }) => score)];
      expect(labelled).toBe(PER_HOUR);
      expect(Math.abs(metrics['auc']! - auc(labels, scores)!)).toBeLessThan(1e-12);
      expect(Math.abs(metrics['log_loss']! - logLoss(labels, scores)!)).toBeLessThan(1e-12);
    });
  });

  it('is told where it came, as the quality of data, and is no drift of the model', () => {
    expect(windows.map(({ verdict }) => verdict)).not.toContain('DRIFT');
    expect(held(windows[0]!)).toEqual([]);
    expect(held(windows[1]!)).toEqual([]);
    expect(held(windows[CONSTANT]!)).toContain('constant first');
    expect(held(windows[STRANGE]!)).toEqual(expect.arrayContaining(['missing first', 'novel first']));
    expect(held(windows[MANY]!)).toEqual(expect.arrayContaining(['novel second', 'volume']));
    expect(held(windows[MANY + 1]!)).toEqual([]);
    const schema = windows[STRANGE]!.findings.find(({ metric: name }) => name === 'schema')!;
    expect(schema.value).toBeCloseTo(1 / (PER_HOUR + 1), 12);
  });

  it('is counted', async () => {
    const labels = (outcome: string) =>
      `headrace_drift_labels_total{topic="${world.labels.name}",outcome="${outcome}"}`;
    const predictions = `{topic="${world.predictions.name}"`;
    expect(await metric(service, labels('rejected'))).toBe(Object.values(wrong).flat().length);
    // Two deployments each.
    expect(await metric(service, `headrace_drift_predictions_total${predictions},outcome="late"}`)).toBe(
      2 * twoHoursOff.length,
    );
    expect(await metric(service, `headrace_drift_event_times_ahead_total${predictions}}`)).toBeGreaterThanOrEqual(4);
    expect(await metric(service, `headrace_drift_event_times_ahead_total{topic="${world.labels.name}"}`)).toBe(1);
    expect(await metric(service, `headrace_drift_anomalies_total{deployment="${world.watched}"}`)).toBeGreaterThan(0);
  });

  it('is dead-lettered, where it is a record, with its reason', async () => {
    const found = await waitFor(
      async () => {
        const codes: Record<string, number> = {};
        const ranges = await world.log.offsets(topics.deadLetters);
        for await (const batch of world.log.read(topics.deadLetters, ranges))
          for (const { headers } of batch.records)
            if (headerText(headers, 'dlq_place')?.startsWith(world.name)) {
              const code = headerText(headers, 'dlq_code')!;
              codes[code] = (codes[code] ?? 0) + 1;
            }
        return Object.values(codes).length >= 4 ? codes : null;
      },
      { what: 'the dead letters' },
    );
    const labels = Object.entries(wrong).map(([code, bodies]) => [code, bodies.length]);
    expect(found).toEqual({ ...Object.fromEntries(labels), INVALID_PREDICTION: 2 });
  });

  it('takes no more space than what is sound', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ bytes: number; kept: number }>(`select
      (select max(octet_length(counts)) from drift.pane_sketches) as bytes,
      (select count(*)::int from drift.predictions where features is not null and event_time < ${windows.at(-1)!.windowEnd}) as kept`);
    await client.end();
    expect(rows[0]!.bytes).toBeLessThanOrEqual(SKETCH_BYTES);
    expect(rows[0]!.kept).toBe(0);
  });

  it('leaves the service ready', async () => {
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });
});
