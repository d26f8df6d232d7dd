import { topics, type PredictionMade, type Topic } from '@headrace/contracts';
import { uniqueName } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RegistryWorld } from './registry-world.js';

const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const compare = (query: string) => world.call('GET', `/api/headrace/v1/compare?${query}`);
/** Deterministic noise in [0, 1). */
const noise = (at: number) => (Math.sin(at * 12.9898) * 43_758.5453) % 1;
const ROWS = 100;
const label = (row: number) => row % 3 === 0;
const score = (row: number, skill: number) =>
  Math.abs(noise(row + skill * 100)) * (1 - skill) + (label(row) ? skill : 0);

async function runWith(metrics: Readonly<Record<string, number[]>>, tags: Readonly<Record<string, string>> = {}) {
  const { runId, artifactUri } = await world.createRun();
  const points = Object.entries(metrics).flatMap(([key, values]) =>
    values.map((value, step) => ({ key, value, step, timestamp: 1_700_000_000_000 + step })),
  );
  const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
  const logged = await world.mlflow('POST', 'runs/log-batch', { run_id: runId, metrics: points, tags: pairs });
  expect(logged.status).toBe(200);
  return { runId, artifactUri };
}

const csv = (skill: number) =>
  ['id,label,score', ...Array.from({ length: ROWS }, (_, row) => `r${row},${label(row)},${score(row, skill)}`)].join(
    '\n',
  );

describe('a comparison of runs', () => {
  it('tests what both have logged, with effects, and p-values that are corrected for all of it', async () => {
    const auc = [0.71, 0.69, 0.74, 0.7, 0.68, 0.73, 0.72, 0.75];
    const a = await runWith({ auc, only_here: [1] });
    const b = await runWith({ auc: auc.map((value, at) => value + 0.01 + at / 1000) });
    const c = await runWith({ auc: auc.slice(0, 3) });
    for (const [run, skill] of [[a, 0.2], [b, 0.6]] as const) await world.putArtifact(`${run.artifactUri}/predictions.csv`, csv(skill)); // prettier-ignore
    const answer = await compare(`runs=${a.runId},${b.runId},${c.runId}`);
    expect(answer.status).toBe(200);
    const { items, correction, pairs } = answer.body;
    expect(items.map((item: any) => item.runId)).toEqual([a.runId, b.runId, c.runId]);
    expect(pairs.map((pair: any) => [pair.first, pair.second])).toEqual([
      [a.runId, b.runId],
      [a.runId, c.runId],
      [b.runId, c.runId],
    ]);
    const [ab, ac] = pairs;
    expect(ab.tests.map((test: any) => [test.test, test.figure, test.over, test.pairs])).toEqual([
      ['mcnemar', 'accuracy', 'logged predictions', ROWS],
      ['delong', 'auc', 'logged predictions', ROWS],
      ['bootstrap', 'log_loss', 'logged predictions', ROWS],
      ['bootstrap', 'brier', 'logged predictions', ROWS],
      ['wilcoxon', 'auc', 'steps', 8],
    ]);
    const wilcoxon = ab.tests.at(-1);
    expect(wilcoxon).toMatchObject({
      pValue: 2 / 2 ** 8,
      effect: { value: 1 },
      note: expect.stringMatching(/folds or seeds/),
    });
    expect(correction).toEqual({ method: 'holm', tests: 3 });
    const raw = ab.tests.filter((test: any) => test.pValue !== null);
    expect(Math.max(...raw.map((test: any) => test.adjustedPValue / test.pValue))).toBe(3);
    expect(ab.notEnoughData).toEqual([]);
    expect(ac.tests).toEqual([]);
    expect(ac.notEnoughData.map((each: any) => `${each.figure}: ${each.missing}`)).toEqual([
      expect.stringMatching(new RegExp(`^predictions: .*predictions.csv.* artifacts of ${c.runId}$`)),
      expect.stringMatching(/^auc: 6 pairs that differ; steps give 3/),
    ]);
  }, 60_000);

  it('pairs child runs by their fold and seed', async () => {
    const parents = await Promise.all([0, 1].map(() => runWith({})));
    for (const [of, { runId }] of parents.entries())
      for (let fold = 0; fold < 7; fold++)
        await runWith(
          { f1: [0.5 + fold / 50 + of * (0.03 + fold / 1000)] },
          { 'mlflow.parentRunId': runId, fold: String(fold) },
        );
    const { body } = await compare(`runs=${parents.map(({ runId }) => runId).join(',')}&metrics=f1`);
    expect(body.pairs[0].tests).toMatchObject([
      { test: 'wilcoxon', figure: 'f1', over: 'child runs', pairs: 7, pValue: 2 / 2 ** 7 },
    ]);
    expect(body.pairs[0].tests[0].difference).toBeCloseTo(0.033, 12);
  }, 60_000);

  it('of what does not exist is 404, of one alone or of both kinds 400', async () => {
    const { runId } = await runWith({});
    expect((await compare(`runs=${runId},none`)).status).toBe(404);
    expect((await compare('versions=nobody@1,nobody@2')).status).toBe(404);
    for (const query of [
      `runs=${runId}`,
      '',
      `runs=${runId},${runId}&versions=a@1,a@2`,
      'versions=a,b',
      `runs=${runId},x&level=2`,
    ])
      expect((await compare(query)).status).toBe(400);
  });
});

describe('a comparison of versions', () => {
  it('joins what each has answered, live and replayed, with the labels', async () => {
    const { model } = world;
    await world.mlflow('POST', 'registered-models/create', { name: model });
    for (const _ of [1, 2, 3]) await world.createVersion();
    const labels: Topic<Uint8Array> = { ...topics.deadLetters, name: uniqueName('labels'), partitions: 2 };
    const output = { ...topics.predictions, name: uniqueName('predictions'), partitions: 2 };
    await world.log.provision([labels, output]);
    const applied = await world.apply({
      labels: { topic: labels.name, recordId: 'id', value: 'late' },
      output: { topic: output.name },
    });
    expect(applied.status).toBe(200);
    const rows = Array.from({ length: ROWS }, (_, row) => row);
    const made = (row: number, version: number, skill: number, deployment = 'd'): PredictionMade => ({
      predictionId: `${deployment}:${row}`,
      recordId: `r${row}`,
      deployment,
      model,
      version,
      runId: null,
      eventTime: 0,
      score: score(row, skill),
      outputs: [],
      features: null,
      input: null,
    });
    await world.log.publish([
      ...rows.map((row) => ({ topic: output, key: null, value: made(row, 1, 0.2) })),
      ...rows.map((row) => ({ topic: topics.replays, key: null, value: made(row, 2, 0.6, 'replay:x') })),
      // The last five have no label yet.
      ...rows.slice(0, -5).map((row) => ({
        topic: labels,
        key: null,
        value: Buffer.from(JSON.stringify({ id: `r${row}`, late: label(row) })),
      })),
    ]);
    const { status, body } = await compare(`versions=${model}@1,${model}@2,${model}@3`);
    expect(status).toBe(200);
    const [one, two] = body.pairs;
    expect(one.tests.map((test: any) => [test.figure, test.over, test.pairs])).toEqual(
      ['accuracy', 'auc', 'log_loss', 'brier'].map((figure) => [figure, 'recorded predictions', ROWS - 5]),
    );
    const delong = one.tests[1];
    expect(delong.second).toBeGreaterThan(delong.first);
    expect(delong.adjustedPValue).toBeLessThan(0.05);
    expect(two.tests).toEqual([]);
    expect(two.notEnoughData[0].missing).toMatch(/headrace replay/);
  }, 60_000);
});
