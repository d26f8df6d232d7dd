import { needing, testPython, uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TrackingWorld } from './tracking-world.js';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'mlflow_genai.py');
const world = new TrackingWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

describe("MLflow's own client", () => {
  needing(it, 'python')(
    'traces, searches traces and keeps evaluation datasets',
    async () => {
      const { stdout } = await run(testPython(), [SCRIPT, world.service.url, uniqueName('genai')]);
      const { ids, ...seen } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
      expect(seen).toEqual({
        spans: [
          ['answer', 'UNKNOWN', { question: 'why?' }, { text: 'why?', sum: 3 }],
          ['add', 'TOOL', { x: 1, y: 2 }, 3],
        ],
        attributes: ['apple', 2 ** 62, 1],
        state: 'OK',
        team: 'flights',
        preview: '{"question": "why?"}',
        sameAsLocal: true,
        newestFirst: ['second', 'first'],
        oldestFirst: ['first', 'second'],
        one: ['second'],
        failed: ['second'],
        tagged: ['first'],
        session: ['first'],
        span: ['first'],
        attribute: ['first'],
        text: ['first'],
        pattern: ['first'],
        ofRun: ['first'],
        linked: ['first', 'second'],
        tags: ['b', false],
        assessments: [
          ['good', 0.5, false],
          ['good', 1, true],
        ],
        assessed: [true, expect.any(String)],
        inserted: { inserted: 2, updated: 0 },
        updated: { inserted: 0, updated: 1 },
        records: [
          [{ q: 'a', n: 1 }, null, { answer: '1', more: 2 }, { hard: 'no', seen: 'twice' }],
          [{ q: 'b' }, { text: 'x' }, null, {}],
        ],
        pages: ['a', 'b', null],
        dataset: [
          expect.stringContaining('cases'),
          expect.objectContaining({ kind: 'smoke' }),
          true,
          { num_records: 2 },
        ],
        schema: { q: 'string', n: 'float' },
        datasets: [true],
        datasetTags: expect.objectContaining({ kind: 'b' }),
        added: true,
        removed: true,
        deletedRecords: 1,
        gone: 'RESOURCE_DOES_NOT_EXIST',
        deleted: 1,
        left: ['first'],
      });
      const [first, second, dataset] = ids as [string, string, string];
      await waitFor(async () => (await world.waitingEvents()) === 0, { what: 'all events' });
      const kinds = async (id: string) => (await world.events(id)).map((event) => event.change);
      expect(await kinds(first)).toEqual(expect.arrayContaining(['LOGGED', 'UPDATED']));
      expect((await world.events(first)).flatMap((event) => event.removedTags)).toEqual(['other']);
      expect(await kinds(second)).toContain('DELETED');
      expect((await world.events(dataset)).map((event) => event.change)).toEqual([
        ...['CREATED', 'LOGGED', 'LOGGED', 'UPDATED', 'UPDATED', 'UPDATED', 'UPDATED', 'UPDATED', 'DELETED'],
      ]);
    },
    120_000,
  );
});

describe('spans from any OpenTelemetry SDK', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const span = (spanId: string, more: object) => ({
    traceId: trace,
    spanId,
    name: 'n',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001500000000',
    ...more,
  });
  const send = (spans: object[], headers: Record<string, string>) =>
    fetch(`${world.service.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...headers },
      body: gzipSync(
        JSON.stringify({
          resourceSpans: [
            {
              resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
              scopeSpans: [{ spans }],
            },
          ],
        }),
      ),
    });

  it('are a trace, however often they are sent, and belong to the run named', async () => {
    const experiment = await world.createExperiment(uniqueName('otlp'));
    const { run_id } = await world.createRun(experiment);
    const headers = { 'x-mlflow-experiment-id': experiment, 'x-mlflow-run-id': run_id };
    const spans = [span('b7ad6b7169203331', {}), span('b7ad6b7169203332', { parentSpanId: 'b7ad6b7169203331' })];
    for (let times = 0; times < 2; times++) {
      const answer = await send(spans, headers);
      expect([answer.status, await answer.json()]).toEqual([200, {}]);
    }
    const found = await world.call('GET', `traces/get?trace_id=tr-${trace}`);
    expect(found.body.trace.spans).toHaveLength(2);
    expect(found.body.trace.trace_info).toMatchObject({
      state: 'OK',
      execution_duration: '1.500s',
      tags: { 'service.name': 'shop' },
    });
    const location = { mlflow_experiment: { experiment_id: experiment } };
    const ofRun = await world.call('POST', 'traces/search', { locations: [location], filter: `run_id = '${run_id}'` });
    expect(ofRun.body.traces).toHaveLength(1);
    const file = await fetch(`${world.service.url}/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-${trace}`);
    expect(((await file.json()) as { spans: unknown[] }).spans).toHaveLength(2);
  });

  it.each<[string, Record<string, string>, number]>([
    ['without an experiment', {}, 400],
    ['for an experiment that is not there', { 'x-mlflow-experiment-id': '999999' }, 404],
    ['packed otherwise than said', { 'x-mlflow-experiment-id': '0', 'content-encoding': 'deflate' }, 400],
  ])('%s are refused', async (_, headers, status) => {
    const answer = await send([span('b7ad6b7169203331', {})], headers);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error_code: expect.any(String), message: expect.any(String) },
    ]);
  });
});

describe('traces in pages', () => {
  it('end where they end, ordered by what some have not', async () => {
    const experiment = await world.createExperiment(uniqueName('pages'));
    const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } };
    for (let n = 0; n < 5; n++) {
      const trace_info = {
        trace_id: uniqueName('tr'),
        trace_location: location,
        request_time: new Date(n * 1000).toISOString(),
        ...(n % 2 ? { execution_duration: `${n}.5s` } : {}),
        state: 'OK',
        tags: { n: String(n) },
      };
      const url = `${world.service.url}/api/3.0/mlflow/traces`;
      const body = JSON.stringify({ trace: { trace_info } });
      expect((await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(
        200,
      );
    }
    const seen: string[] = [];
    let page_token: string | undefined;
    do {
      const { body } = await world.call('POST', 'traces/search', {
        locations: [location],
        max_results: 2,
        order_by: ['execution_time_ms ASC'],
        page_token,
      });
      seen.push(...body.traces.map((trace: any) => trace.tags.n));
      page_token = body.next_page_token;
    } while (page_token !== undefined);
    expect(seen).toEqual(['1', '3', '4', '2', '0']);
  });
});
