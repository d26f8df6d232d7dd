import { uniqueName } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TrackingWorld } from './tracking-world.js';

const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const metric = (key: string, value: number | string, step = 0, timestamp = 1) => ({ key, value, step, timestamp });
const batch = (run_id: string, body: object) => world.call('POST', 'runs/log-batch', { run_id, ...body });

describe('experiments', () => {
  it('are created, found, changed, deleted and restored', async () => {
    const name = uniqueName('experiment');
    const id = await world.createExperiment(name);
    expect((await world.call('GET', `experiments/get-by-name?experiment_name=${name}`)).body.experiment).toMatchObject({
      experiment_id: id,
      artifact_location: `mlflow-artifacts:/${id}`,
      lifecycle_stage: 'active',
    });
    await world.call('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'team', value: 'a' });
    const search = (view_type: string) =>
      world.call('POST', 'experiments/search', { filter: `tags.team = 'a' and name = '${name}'`, view_type });
    expect((await search('ACTIVE_ONLY')).body.experiments).toHaveLength(1);
    await world.call('POST', 'experiments/delete', { experiment_id: id });
    expect((await search('ACTIVE_ONLY')).body.experiments).toHaveLength(0);
    expect((await search('DELETED_ONLY')).body.experiments).toHaveLength(1);
    expect((await world.call('POST', 'runs/create', { experiment_id: id })).status).toBe(400);
    await world.call('POST', 'experiments/restore', { experiment_id: id });
    await world.call('POST', 'experiments/update', { experiment_id: id, new_name: `${name}-2` });
    expect((await world.call('GET', `experiments/get?experiment_id=${id}`)).body.experiment.name).toBe(`${name}-2`);
  });

  it('answer errors as MLflow does', async () => {
    const name = uniqueName('experiment');
    await world.createExperiment(name);
    const cases: Array<[Promise<{ status: number; body: any }>, number, string]> = [
      [world.call('POST', 'experiments/create', { name }), 400, 'RESOURCE_ALREADY_EXISTS'],
      [world.call('POST', 'experiments/create', { name: ' ' }), 400, 'INVALID_PARAMETER_VALUE'],
      [world.call('POST', 'experiments/create', { name: 'a\0b' }), 400, 'INVALID_PARAMETER_VALUE'],
      [
        world.call('POST', 'experiments/create', { name: 'x', artifact_location: 'mlflow-artifacts:/../etc' }),
        400,
        'INVALID_PARAMETER_VALUE',
      ],
      [world.call('GET', 'experiments/get?experiment_id=999999'), 404, 'RESOURCE_DOES_NOT_EXIST'],
      [world.call('GET', 'experiments/get?experiment_id=x'), 400, 'INVALID_PARAMETER_VALUE'],
      [world.call('GET', 'runs/get?run_id=nope'), 404, 'RESOURCE_DOES_NOT_EXIST'],
      [world.call('GET', 'runs/get'), 400, 'INVALID_PARAMETER_VALUE'],
      [world.call('POST', 'runs/search', { filter: "metrics.a = 'x'" }), 400, 'INVALID_PARAMETER_VALUE'],
      [world.call('POST', 'runs/search', { page_token: 'x' }), 400, 'INVALID_PARAMETER_VALUE'],
      [world.call('POST', 'traces/nothing', {}), 404, 'ENDPOINT_NOT_FOUND'],
    ];
    for (const [answer, status, error_code] of cases) {
      expect(await answer).toMatchObject({ status, body: { error_code, message: expect.any(String) } });
    }
  });
});

describe('a run', () => {
  it('keeps what was logged; the latest metric goes by step, then time', async () => {
    const { run_id } = await world.createRun('0', { run_name: 'named', tags: [{ key: 'k', value: 'v' }] });
    await batch(run_id, {
      metrics: [metric('auc', 0.9, 2, 1), metric('auc', 0.1, 1, 9), metric('loss', 'NaN'), metric('best', 'Infinity')],
      params: [{ key: 'depth', value: '3' }],
    });
    await world.call('POST', 'runs/log-metric', { run_id, ...metric('auc', 0.5, 0, 99) });
    await world.call('POST', 'runs/set-tag', { run_id, key: 'k', value: 'w' });
    const updated = await world.call('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 5 });
    expect(updated.body.run_info).toMatchObject({ status: 'FINISHED', end_time: 5 });
    const { info, data } = await world.run(run_id);
    expect(info).toMatchObject({ run_name: 'named', status: 'FINISHED', start_time: 1, experiment_id: '0' });
    expect(data.params).toEqual([{ key: 'depth', value: '3' }]);
    expect(data.tags).toEqual([
      { key: 'k', value: 'w' },
      { key: 'mlflow.runName', value: 'named' },
    ]);
    expect(data.metrics).toEqual([metric('auc', 0.9, 2, 1), metric('best', 'Infinity'), metric('loss', 'NaN')]);
  });

  it('keeps each point of a metric once, in pages', async () => {
    const { run_id } = await world.createRun();
    const points = Array.from({ length: 5 }, (_, step) => metric('m', step, step, step));
    await batch(run_id, { metrics: points });
    await batch(run_id, { metrics: points });
    const first = (await world.call('GET', `metrics/get-history?run_id=${run_id}&metric_key=m&max_results=3`)).body;
    const token = encodeURIComponent(first.next_page_token);
    const rest = (
      await world.call('GET', `metrics/get-history?run_id=${run_id}&metric_key=m&max_results=3&page_token=${token}`)
    ).body;
    expect([...first.metrics, ...rest.metrics]).toEqual(points);
    expect(rest.next_page_token).toBeUndefined();
  });

  it('writes a param once: the same value is no fault, another is, and takes the batch with it', async () => {
    const { run_id } = await world.createRun();
    const param = (value: string) => ({ params: [{ key: 'p', value }], metrics: [metric('m', 1)] });
    expect((await batch(run_id, { params: [{ key: 'p', value: '1' }] })).status).toBe(200);
    expect((await world.call('POST', 'runs/log-parameter', { run_id, key: 'p', value: '1' })).status).toBe(200);
    expect(await batch(run_id, param('2'))).toMatchObject({
      status: 400,
      body: {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringContaining("already logged with value='1'"),
      },
    });
    const { data } = await world.run(run_id);
    expect([data.params, data.metrics]).toEqual([[{ key: 'p', value: '1' }], []]);
    expect(
      (
        await batch(run_id, {
          params: [
            { key: 'q', value: '1' },
            { key: 'q', value: '2' },
          ],
        })
      ).status,
    ).toBe(400);
  });

  it.each<[string, object]>([
    ['1001 metrics', { metrics: Array.from({ length: 1001 }, (_, n) => metric(`m${n}`, n)) }],
    ['101 params', { params: Array.from({ length: 101 }, (_, n) => ({ key: `p${n}`, value: '' })) }],
    [
      '1001 in all',
      {
        metrics: Array.from({ length: 950 }, (_, n) => metric(`m${n}`, n)),
        tags: Array.from({ length: 51 }, (_, n) => ({ key: `t${n}`, value: '' })),
      },
    ],
    ['a key of 251 characters', { metrics: [metric('k'.repeat(251), 1)] }],
    ['a param value of 6001', { params: [{ key: 'p', value: 'v'.repeat(6001) }] }],
    ['a tag value of 8001', { tags: [{ key: 't', value: 'v'.repeat(8001) }] }],
    ['a value that is no number', { metrics: [metric('m', 'high')] }],
  ])('refuses a batch with %s, whole', async (_what, body) => {
    const { run_id } = await world.createRun();
    expect(await batch(run_id, body)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect((await world.run(run_id)).data.metrics).toEqual([]);
  });

  it('loses nothing and never deadlocks under 16 clients', async () => {
    const { run_id } = await world.createRun();
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
    const answers = await Promise.all(
      Array.from({ length: 16 * 5 }, (_, client) =>
        batch(run_id, {
          metrics: keys.map((key) => metric(key, client, client)).sort(() => (client % 2 ? 1 : -1)),
          tags: keys.map((key) => ({ key, value: String(client) })).toReversed(),
        }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const { data } = await world.run(run_id);
    expect(data.metrics.map((each: { step: number }) => each.step)).toEqual(keys.map(() => 79));
    const history = (await world.call('GET', `metrics/get-history?run_id=${run_id}&metric_key=k7`)).body.metrics;
    expect(history).toHaveLength(80);
  });

  it('takes nothing while it is deleted', async () => {
    const { run_id } = await world.createRun();
    await world.call('POST', 'runs/delete', { run_id });
    expect((await batch(run_id, { metrics: [metric('m', 1)] })).status).toBe(400);
    await world.call('POST', 'runs/restore', { run_id });
    expect((await batch(run_id, { metrics: [metric('m', 1)] })).status).toBe(200);
  });

  it('names the datasets it read', async () => {
    const { run_id } = await world.createRun();
    const dataset = { name: 'flights', digest: 'abc', source_type: 'offsets', source: '{}', profile: '{"rows":3}' };
    const tags = [{ key: 'mlflow.data.context', value: 'training' }];
    for (let time = 0; time < 2; time++)
      await world.call('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset, tags }] });
    expect((await world.run(run_id)).inputs.dataset_inputs).toEqual([{ tags, dataset }]);
    const tooLong = { ...dataset, digest: 'd'.repeat(37) };
    expect((await world.call('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset: tooLong }] })).status).toBe(
      400,
    );
  });
});

describe('a search over runs', () => {
  it('filters, orders and pages', async () => {
    const experiment = await world.createExperiment(uniqueName('search'));
    const runs: string[] = [];
    for (const [index, auc] of [0.6, 0.9, 'NaN', null, 0.7].entries()) {
      const { run_id } = await world.createRun(experiment, { run_name: `r${index}`, start_time: index });
      const metrics = auc === null ? [] : [metric('auc', auc)];
      await batch(run_id, {
        metrics,
        params: [{ key: 'kind', value: index % 2 ? 'odd' : 'even' }],
        tags: [{ key: 'a tag', value: "it's" }],
      });
      runs.push(run_id);
    }
    const search = async (body: object): Promise<string[]> => {
      const answer = await world.call('POST', 'runs/search', { experiment_ids: [experiment], ...body });
      return answer.body.runs.map((run: any) => run.info.run_name);
    };
    expect(await search({})).toEqual(['r4', 'r3', 'r2', 'r1', 'r0']);
    expect(await search({ order_by: ['metrics.auc DESC'] })).toEqual(['r1', 'r4', 'r0', 'r2', 'r3']);
    expect(await search({ order_by: ['metrics.auc ASC'] })).toEqual(['r0', 'r4', 'r1', 'r2', 'r3']);
    expect(await search({ filter: `metrics.auc > 0.6 and metrics.auc < 2 and params.kind = 'odd'` })).toEqual(['r1']);
    expect(await search({ filter: `tags.\`a tag\` = "it's" and attributes.run_name IN ('r0', 'r3')` })).toEqual([
      'r3',
      'r0',
    ]);
    expect(await search({ filter: `run_name LIKE 'r%' and attributes.start_time >= 3` })).toEqual(['r4', 'r3']);
    expect(await search({ filter: `attributes.run_id = '${runs[2]}'` })).toEqual(['r2']);
    expect(await search({ filter: `params.kind = "x'; drop table runs; --"` })).toEqual([]);
    const pages: string[] = [];
    for (let page_token: string | undefined = ''; page_token !== undefined;) {
      const { body } = await world.call('POST', 'runs/search', {
        experiment_ids: [experiment],
        max_results: 2,
        page_token,
      });
      pages.push(...body.runs.map((run: any) => run.info.run_name));
      page_token = body.next_page_token;
    }
    expect(pages).toEqual(['r4', 'r3', 'r2', 'r1', 'r0']);
  });
});
