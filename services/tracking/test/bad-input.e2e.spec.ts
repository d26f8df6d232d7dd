import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TrackingWorld } from './tracking-world.js';

const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const LONG = 'n'.repeat(10_000);
const json = (value: unknown) => JSON.stringify(value);
const run = { run_id: 'a'.repeat(32) };

interface Bad {
  readonly what: string;
  readonly path: string;
  readonly body: string;
  /** What the message names, so that its reader knows what to change. */
  readonly names: string;
  readonly status?: number;
  readonly method?: string;
}

const MALFORMED: Bad[] = [
  { what: 'JSON that ends early', path: 'runs/create', body: '{"experiment_id": ', names: 'JSON' },
  { what: 'JSON that is no object', path: 'runs/create', body: '[1]', names: 'expected object' },
  { what: 'a number where text belongs', path: 'experiments/create', body: json({ name: 7 }), names: "'name'" },
  {
    what: 'text where a number belongs',
    path: 'runs/log-metric',
    body: json({ ...run, key: 'k', value: 'x', timestamp: 1 }),
    names: "'value'",
  },
  {
    what: 'an object where a list belongs',
    path: 'runs/log-batch',
    body: json({ ...run, metrics: [3] }),
    names: 'metrics[0]',
  },
  {
    what: 'an integer beyond 2^53',
    path: 'runs/log-metric',
    body: `{"run_id":"r","key":"k","value":1,"timestamp":99999999999999999999}`,
    names: "'timestamp'",
  },
  { what: 'an unknown status', path: 'runs/update', body: json({ ...run, status: 'DONE' }), names: "'status'" },
  { what: 'a NUL character', path: 'experiments/create', body: json({ name: 'a\0' }), names: 'NUL' },
];

const OVERSIZE: Bad[] = [
  {
    what: 'an experiment of 10,000 characters',
    path: 'experiments/create',
    body: json({ name: LONG }),
    names: "'name'",
  },
  { what: 'a run of 10,000 characters', path: 'runs/create', body: json({ run_name: LONG }), names: "'run_name'" },
  {
    what: 'a metric of 10,000 characters',
    path: 'runs/log-metric',
    body: json({ ...run, key: LONG, value: 1, timestamp: 1 }),
    names: "'key'",
  },
  {
    what: 'a param of 10,000 characters',
    path: 'runs/log-parameter',
    body: json({ ...run, key: 'k', value: LONG }),
    names: "'value'",
  },
  {
    what: 'a tag of 10,000 characters',
    path: 'runs/set-tag',
    body: json({ ...run, key: 'k', value: LONG }),
    names: "'value'",
  },
  {
    what: 'a dataset of 10,000 characters',
    path: 'runs/log-inputs',
    body: json({ ...run, datasets: [{ dataset: { name: LONG, digest: 'd', source_type: 's', source: 's' } }] }),
    names: 'datasets[0].dataset.name',
  },
  {
    what: 'a logged model of 10,000 characters',
    path: 'logged-models',
    body: json({ experiment_id: '0', name: LONG }),
    names: "'name'",
  },
  {
    what: 'a body of 17 MB',
    path: 'runs/set-tag',
    body: json({ ...run, key: 'k', value: 'v'.repeat(17_000_000) }),
    names: 'too large',
  },
  {
    what: 'a page of a million runs',
    path: 'runs/search',
    body: json({ experiment_ids: ['0'], max_results: 1_000_000 }),
    names: "'max_results'",
  },
];

const search = (filter: string, names: string): Bad => ({
  what: `the filter ${filter}`,
  path: 'runs/search',
  body: json({ experiment_ids: ['0'], filter }),
  names,
});
const FILTERS: Bad[] = [
  search('metrics.a > 1; drop table runs', 'drop table'),
  search("params.a = 'x' OR 1=1", 'AND'),
  search("attributes.status = 'x' UNION SELECT 1", 'AND'),
  search("tags.a = 'x' --", "'--'"),
  search('metrics."a', 'position'),
  search("runs.run_id = 'x'", 'runs'),
  search("attributes.password = 'x'", 'password'),
  search("metrics.a LIKE 'x'", 'LIKE'),
  search('start_time = now()', 'now'),
  {
    what: 'an order that is SQL',
    path: 'runs/search',
    body: json({ experiment_ids: ['0'], order_by: ['start_time; drop table runs'] }),
    names: 'drop table',
  },
  {
    what: 'a page that none gave out',
    path: 'runs/search',
    body: json({ experiment_ids: ['0'], page_token: "' or 1=1" }),
    names: 'page token',
  },
];

const PLACES: Bad[] = [
  {
    what: 'a list above the root',
    method: 'GET',
    path: 'artifacts/list?run_id=RUN&path=../../etc',
    body: '',
    names: 'Invalid path',
  },
  {
    what: 'a list above the root, encoded',
    method: 'GET',
    path: 'artifacts/list?run_id=RUN&path=%2e%2e%2f%2e%2e',
    body: '',
    names: 'Invalid path',
  },
  {
    what: 'a location above the root',
    path: 'experiments/create',
    body: json({ name: 'x', artifact_location: 'mlflow-artifacts:/../../etc' }),
    names: 'artifact',
  },
  {
    what: 'a location with a query',
    path: 'experiments/create',
    body: json({ name: 'x', artifact_location: 's3://b/x?y' }),
    names: 'query',
  },
];

describe('bad input is refused with a message that helps', () => {
  it.each([...MALFORMED, ...OVERSIZE, ...FILTERS, ...PLACES])(
    '$what',
    async ({ path, body, names, status = 400, method = 'POST' }) => {
      const { run_id } = await world.createRun();
      const answer = await fetch(`${world.service.url}/api/2.0/mlflow/${path.replace('RUN', run_id)}`, {
        method,
        ...(method === 'GET' ? {} : { body, headers: { 'content-type': 'application/json' } }),
      });
      const { error_code, message } = (await answer.json()) as { error_code: string; message: string };
      expect(answer.status).toBe(status);
      expect(error_code).toMatch(/^[A-Z_]+$/);
      expect(message).toContain(names);
      expect(message.length).toBeLessThan(2000);
    },
  );

  it('fields that nobody knows are left out, as MLflow does', async () => {
    const { run_id } = await world.createRun('0', { nobody: 'knows', run_name: 'n' });
    expect((await world.run(run_id)).info.run_name).toBe('n');
  });
});
