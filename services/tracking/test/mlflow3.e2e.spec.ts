import { uniqueName } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TrackingWorld } from './tracking-world.js';

const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const post = (path: string, body: object) => world.call('POST', path, body);

async function search(experiment: string, request: object): Promise<string[]> {
  const { body } = await post('runs/search', { experiment_ids: [experiment], ...request });
  return body.runs.map((run: any) => run.info.run_name);
}

describe('a search', () => {
  it('pages through values, NaN and missing, in both directions, though runs come between', async () => {
    const experiment = await world.createExperiment(uniqueName('search'));
    const values = ['0.5', '0.5', '1', 'NaN', '-Infinity', undefined];
    for (const [n, value] of values.entries()) {
      const { run_id } = await world.createRun(experiment, { run_name: `r${n}`, start_time: n });
      if (value !== undefined) await post('runs/log-metric', { run_id, key: 'm', value, timestamp: 1, step: 0 });
    }
    const all = async (direction: string, size: number) => {
      const names: string[] = [];
      let page_token: string | undefined;
      do {
        const request = {
          experiment_ids: [experiment],
          order_by: [`metrics.m ${direction}`],
          max_results: size,
          page_token,
        };
        const { body } = await post('runs/search', request);
        names.push(...body.runs.map((run: any) => run.info.run_name));
        page_token = body.next_page_token;
        if (names.length === size) await world.createRun(experiment, { run_name: 'later', start_time: 99 });
      } while (page_token !== undefined);
      return names.filter((name) => name !== 'later');
    };
    for (const size of [1, 2, 4]) {
      expect(await all('ASC', size)).toEqual(['r4', 'r1', 'r0', 'r2', 'r3', 'r5']);
      expect(await all('DESC', size)).toEqual(['r2', 'r1', 'r0', 'r4', 'r3', 'r5']);
    }
  });

  it('knows what is absent, and datasets', async () => {
    const experiment = await world.createExperiment(uniqueName('search'));
    const { run_id } = await world.createRun(experiment, { run_name: 'with', tags: [{ key: 'k', value: 'v' }] });
    await world.createRun(experiment, { run_name: 'without' });
    const dataset = { name: 'd', digest: '1', source_type: 's', source: 'x' };
    const tags = [{ key: 'mlflow.data.context', value: 'train' }];
    await post('runs/log-inputs', { run_id, datasets: [{ dataset, tags }] });
    expect(await search(experiment, { filter: 'tags.k IS NULL' })).toEqual(['without']);
    expect(await search(experiment, { filter: 'tags.k IS NOT NULL' })).toEqual(['with']);
    expect(await search(experiment, { filter: "datasets.name = 'd' and dataset.context = 'train'" })).toEqual(['with']);
    expect(await search(experiment, { filter: "datasets.context = 'test'" })).toEqual([]);
    const { body } = await post('experiments/search-datasets', { experiment_ids: [experiment] });
    expect(body.dataset_summaries).toEqual([{ experiment_id: experiment, name: 'd', digest: '1', context: 'train' }]);
  });
});

describe('a logged model', () => {
  it('is created, found by its metrics on a dataset, linked to runs, finalized and deleted', async () => {
    const experiment_id = await world.createExperiment(uniqueName('models'));
    const { run_id } = await world.createRun(experiment_id);
    const { model } = (await post('logged-models', { experiment_id, name: 'm', params: [{ key: 'p', value: '1' }] }))
      .body;
    const { model_id } = model.info;
    const about = { model_id, dataset_name: 'd', dataset_digest: '1' };
    await post('runs/log-metric', { run_id, key: 'auc', value: 0.7, timestamp: 1, step: 2, ...about });
    await post('runs/outputs', { run_id, models: [{ model_id, step: 2 }] });
    expect((await world.run(run_id)) as object).toMatchObject({ outputs: { model_outputs: [{ model_id, step: 2 }] } });
    const found = async (request: object) =>
      (await post('logged-models/search', { experiment_ids: [experiment_id], ...request })).body.models.length;
    expect(await found({ filter: "metrics.auc > 0.6 and params.p = '1'", datasets: [{ dataset_name: 'd' }] })).toBe(1);
    expect(await found({ filter: 'metrics.auc > 0.6', datasets: [{ dataset_name: 'other' }] })).toBe(0);
    const path = `logged-models/${model_id}`;
    expect((await world.call('PATCH', path, { status: 'LOGGED_MODEL_READY' })).body.model.info.status).toBe(
      'LOGGED_MODEL_READY',
    );
    expect((await post(`${path}/params`, { params: [{ key: 'p', value: '2' }] })).status).toBe(400);
    expect((await world.call('DELETE', `${path}/tags/none`)).status).toBe(404);
    await world.call('DELETE', path);
    expect((await world.call('GET', path)).status).toBe(404);
    expect(await found({})).toBe(0);
  });
});

describe('what is malformed', () => {
  it.each([
    ['{"experiment_id": ', 'application/json', 'BAD_REQUEST'],
    ['"text"', 'application/json', 'BAD_REQUEST'],
    ['[]', 'application/json', 'INVALID_PARAMETER_VALUE'],
    ['{"metrics": {"a": 1}, "run_id": 7}', 'application/json', 'INVALID_PARAMETER_VALUE'],
    ['plain', 'text/plain', 'INVALID_PARAMETER_VALUE'],
  ])('%s is refused in MLflow’s words', async (body, type, error_code) => {
    const answer = await fetch(`${world.service.url}/api/2.0/mlflow/runs/log-batch`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error_code, message: expect.any(String) }]);
  });

  it('and so is an address that is nobody’s', async () => {
    const answer = await fetch(`${world.service.url}/api/3.0/mlflow/nothing`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { error_code: 'ENDPOINT_NOT_FOUND', message: expect.any(String) },
    ]);
  });
});
