import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { topics, type DeploymentSpec, type PredictionExplained } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { randomUUID } from 'node:crypto';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

const decisions = uniqueName('decisions');
const BASELINE = { x: 0.5, y: -1 };

/** With a plain output, a batch policy, and explanations of half of the records. */
class OutputsFixture extends StreamingFixture {
  readonly plain = {
    topic: decisions,
    fields: { id: 'recordId', risk: 'score', version: 'modelVersion', amount: 'input.order.amount' },
  };

  override spec(): DeploymentSpec {
    const spec = super.spec();
    return {
      ...spec,
      output: { ...spec.output, plain: this.plain },
      batch: { maxRecords: 64, maxDelayMs: 50 },
      explain: { method: 'shapley', baseline: BASELINE, share: 0.5, permutations: 4 },
    };
  }
}

interface Decision {
  id: string;
  risk: number;
  version: number;
  amount: number;
  note: string;
}

const fixture = new OutputsFixture();
let pool: Pool;
let produced = 0;

const register = async (schema: object): Promise<void> => {
  const response = await fetch(`${testCluster.schemaRegistryUrl}/subjects/${decisions}-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
  if (!response.ok) throw new Error(await response.text());
};
const produce = async (count: number) => {
  const records = Array.from({ length: count }, () => {
    const id = `r-${produced++}`;
    return {
      key: `k-${produced % 7}`,
      value: JSON.stringify({ id, x: (produced % 11) / 4, y: (produced % 5) / 4, order: { amount: produced } }),
    };
  });
  await fixture.produce(records);
};
const plain = () => fixture.all<Decision>(decisions);
const explained = async () =>
  (await fixture.all<PredictionExplained>(topics.explanations)).filter(
    ({ value }) => value.deployment === fixture.deployment,
  );
const status = () => pool.get<{ state: string; reason: string | null }>(`deployments/${fixture.deployment}`);

beforeAll(async () => {
  await fixture.open();
  await fixture.eventLog.provision([{ ...topics.deadLetters, name: decisions, partitions: 3 }]);
  await fixture.deploy(1);
  pool = await fixture.startWorker();
}, 120_000);

afterAll(async () => {
  await pool?.stop();
  await fixture.close();
}, 60_000);

it('a plain output whose schema is missing, or cannot be filled, is refused with a reason; registered, it runs', async () => {
  const refused = async (reason: RegExp) =>
    waitFor(async () => reason.test((await status()).reason ?? ''), { what: `${reason}`, timeoutMs: 60_000 });
  await refused(/needs an Avro schema under subject/);
  const name = `Decision${randomUUID().replaceAll('-', '')}`;
  await register({
    type: 'record',
    name,
    fields: [
      { name: 'id', type: 'string' },
      { name: 'risk', type: ['null', 'double'], default: null },
      { name: 'version', type: 'int' },
      { name: 'amount', type: 'int' },
      { name: 'note', type: 'string', default: 'none' },
    ],
  });
  await waitFor(async () => (await status()).state === 'running', { what: 'it to run', timeoutMs: 60_000 });
}, 150_000);

it('each prediction has its plain record: same key, same partition, order kept, in the user’s schema', async () => {
  await produce(300);
  await fixture.settled();
  const [predictions, records] = [await fixture.predictions(), await plain()];
  expect(predictions).toHaveLength(300);
  for (const partition of [0, 1, 2]) {
    const of = <T extends { partition: number }>(each: T) => each.partition === partition;
    expect(records.filter(of).map(({ key, value }) => [String(key), value.id, value.risk])).toEqual(
      predictions.filter(of).map(({ key, value }) => [String(key), value.recordId, value.score]),
    );
  }
  for (const { value } of records)
    expect(value).toMatchObject({ version: 1, amount: Number(value.id.slice(2)) + 1, note: 'none' });
  expect(String(records[0]!.headers['ce_id'])).toBe(`${fixture.deployment}:${records[0]!.value.id}`);
});

it('a record that does not go into the user’s schema is a dead letter and no prediction; its neighbours go on', async () => {
  const before = (await fixture.predictions()).length;
  const bad = { id: 'bad', x: 1, y: 1, order: { amount: 'many' } };
  await fixture.produce([
    { key: 'k', value: JSON.stringify({ ...bad, id: 'before', order: { amount: 1 } }) },
    { key: 'k', value: JSON.stringify(bad) },
    { key: 'k', value: JSON.stringify({ ...bad, id: 'after', order: { amount: 2 } }) },
  ]);
  await fixture.settled();
  const ids = (await fixture.predictions()).slice().map(({ value }) => value.recordId);
  expect(ids).toHaveLength(before + 2);
  expect(ids).not.toContain('bad');
  const [letter, ...others] = await fixture.deadLetters();
  expect(others).toEqual([]);
  expect(letter!.headers['dlq_code']?.toString()).toBe('OUTPUT_MISMATCH');
  expect(letter!.headers['dlq_message']?.toString()).toMatch(/field 'amount'.*int is needed, found string/);
});

it('half of the records are explained: the attributions are the model’s own, and add up', async () => {
  const predictions = new Map((await fixture.predictions()).map(({ value }) => [value.predictionId, value]));
  const events = (await explained()).map(({ value }) => value);
  expect(new Set(events.map(({ predictionId }) => predictionId)).size).toBe(events.length);
  expect(events.length).toBeGreaterThan(100);
  expect(events.length).toBeLessThan(200);
  for (const { predictionId, score, baseScore, attributions, exact, version } of events) {
    const { score: predicted } = predictions.get(predictionId)!;
    expect([score, version, exact]).toEqual([predicted, 1, true]);
    expect(Math.abs(attributions[0]! + attributions[1]! - (score - baseScore))).toBeLessThan(1e-6);
  }
});

it('through kills under load each record has one prediction, one plain record, and the explanation it would have had', async () => {
  const sampledBefore = new Set((await explained()).map(({ value }) => value.recordId));
  for (let round = 0; round < 4; round++) {
    const end = await fixture.outputEnd();
    await produce(400);
    await waitFor(async () => (await fixture.outputEnd()) > end, { what: 'outputs to move', timeoutMs: 60_000 });
    const [pid] = await pool.workerPids();
    if (pid) process.kill(pid, 'SIGKILL');
  }
  await fixture.settled();
  const ids = (await fixture.predictions()).map(({ value }) => value.recordId).sort();
  expect(new Set(ids).size).toBe(produced + 2);
  expect(ids).toHaveLength(produced + 2);
  expect((await plain()).map(({ value }) => value.id).sort()).toEqual(ids);
  const sampled = (await explained()).map(({ value }) => value.recordId);
  expect(new Set(sampled).size).toBe(sampled.length);
  expect([...sampledBefore].every((id) => sampled.includes(id))).toBe(true);
  expect(Math.abs(sampled.length - produced / 2)).toBeLessThan(produced / 8);
}, 240_000);
