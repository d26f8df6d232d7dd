import { topics, type DeploymentChanged, type ModelQuarantined, type PredictionMade } from '@headrace/contracts';
import { repositoryRoot, testCluster, uniqueName, waitFor, type Service } from '@headrace/dev';
import { KafkaEventLog } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger, traceIdOf } from '@headrace/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const bytesOf = (version: number) => readFileSync(join(repositoryRoot, `libs/dev/fixtures/logistic-v${version}.onnx`));
const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
/** What libs/dev/fixtures/make-models.py wrote into the two files. */
const TRUTH = [
  (a: number, b: number) => sigmoid(a - 2 * b + 0.5),
  (a: number, b: number) => sigmoid(-a + 0.5 * b + 0.25),
];

const rows = (data: unknown[], shape = [2, 2]) => [{ name: 'features', datatype: 'FP32', shape, data }];

describe('serving over a real Kafka with an ONNX model', () => {
  const deployment = uniqueName('serve');
  const model = uniqueName('model');
  const output = { ...topics.predictions, name: uniqueName('predictions') };
  let eventLog: KafkaEventLog;
  let artifacts: Server;
  let serving: Service;
  let generation = 0;

  async function deploy(version: number): Promise<void> {
    const spec = {
      model: { name: model },
      input: { topic: 't', features: ['a', 'b'] },
      output: { topic: output.name },
    };
    const sha256 = createHash('sha256').update(bytesOf(version)).digest('hex');
    const value: DeploymentChanged = {
      name: deployment,
      generation: ++generation,
      model: { name: model, version, runId: 'run', artifactUri: `mlflow-artifacts:/x/v${version}`, sha256 },
      spec: JSON.stringify(spec),
      cause: 'apply',
      changedAt: Date.now(),
    };
    await eventLog.publish([{ topic: topics.deployments, key: deployment, value }]);
  }

  async function call(path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${serving.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as any };
  }
  const infer = (body: unknown, headers?: Record<string, string>, name = deployment) =>
    call(`/v2/models/${name}/infer`, body, headers);
  const serves = (version: number) =>
    waitFor(async () => (await call(`/v2/models/${deployment}`)).body.versions?.[0] === String(version), {
      what: `version ${version} to be served`,
    });

  async function recorded() {
    const found = new Map<string, { value: PredictionMade; traceparent: string | undefined }>();
    for await (const batch of eventLog.read(output, await eventLog.offsets(output)))
      for (const { value, headers } of batch.records)
        found.set(value.recordId, { value, traceparent: headers['traceparent']?.toString() });
    return found;
  }

  beforeAll(async () => {
    const onFatal = (error: Error): void => {
      throw error;
    };
    const config = loadConfig(kafkaConfig);
    eventLog = new KafkaEventLog({ source: 'test', config, logger: silentLogger(), metrics: new Metrics(), onFatal });
    // Stands in for tracking's artifact API; other suites' deployments may be on the topic, too.
    artifacts = createServer((request, response) => {
      const version = Number(/\/x\/v([12])$/.exec(request.url!)?.[1]);
      if (version) response.end(bytesOf(version));
      else response.writeHead(404).end();
    });
    await once(artifacts.listen(0, '127.0.0.1'), 'listening');
    await eventLog.provision([topics.deployments, topics.quarantines, output]);
    await deploy(1);
    serving = await start();
    await serves(1);
  });
  const start = () =>
    testCluster.startService('serving', {
      GATEWAY_URL: `http://127.0.0.1:${(artifacts.address() as AddressInfo).port}`,
      MAX_ROWS: '5',
      MODEL_CACHE_DIR: join('/tmp', uniqueName('models')),
    });
  afterAll(async () => {
    await eventLog.publish([{ topic: topics.deployments, key: deployment, value: null }]);
    await serving.stop();
    await eventLog.close();
    artifacts.close();
  });

  it('describes itself and the model', async () => {
    expect((await call('/v2')).body).toMatchObject({ name: 'headrace' });
    expect((await call('/v2/health/live')).body).toEqual({ live: true });
    expect((await call('/v2/health/ready')).body).toEqual({ ready: true });
    expect((await call(`/v2/models/${deployment}/ready`)).status).toBe(200);
    expect((await call(`/v2/models/${model}/versions/1/ready`)).status).toBe(200);
    expect((await call(`/v2/models/${model}/versions/1`)).body).toMatchObject({
      name: model,
      versions: ['1'],
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
    });
  });

  it('answers what the model says, and what it answered is in the log when the answer is there', async () => {
    const { status, body } = await infer(
      {
        id: 'q1',
        parameters: { record_ids: ['r1', 'r2'], event_times: [1000, 2000] },
        inputs: rows([
          [1, 0.5],
          [0, 2],
        ]),
      },
      { traceparent: TRACE },
    );
    expect(status).toBe(200);
    const expected = [TRUTH[0]!(1, 0.5), TRUTH[0]!(0, 2)].map((value) => expect.closeTo(value, 6));
    expect(body).toEqual({
      model_name: deployment,
      model_version: '1',
      id: 'q1',
      outputs: [{ name: 'probability', shape: [2, 1], datatype: 'FP32', data: expected }],
    });
    const found = await recorded();
    const { value, traceparent } = found.get('r2')!;
    expect(value).toMatchObject({
      deployment,
      model,
      version: 1,
      eventTime: 2000,
      features: [0, 2],
      score: expected[1],
      input: null,
    });
    expect(traceIdOf(traceparent)).toBe(traceIdOf(TRACE));
  });

  it('takes a tensor for each feature, and a version in the path', async () => {
    const inputs = [
      { name: 'b', datatype: 'FP64', shape: [1], data: [0.5] },
      { name: 'a', datatype: 'INT64', shape: [1, 1], data: [1] },
    ];
    const { body } = await call(`/v2/models/${model}/versions/1/infer`, { inputs });
    expect(body.outputs[0].data).toEqual([expect.closeTo(TRUTH[0]!(1, 0.5), 6)]);
    expect((await recorded()).has(`${body.id}:0`)).toBe(true);
  });

  it.each([
    ['a model that nobody deployed', { inputs: rows([1, 2, 3, 4]) }, 404, {}, 'nobody'],
    ['no inputs', {}, 400, {}, deployment],
    ['data that does not fit its shape', { inputs: rows([1, 2, 3]) }, 400, {}, deployment],
    ['strings', { inputs: rows(['a', 'b', 'c', 'd']) }, 400, {}, deployment],
    ['more rows than MAX_ROWS', { inputs: rows(new Array(12).fill(1), [6, 2]) }, 400, {}, deployment],
    ['an output that does not exist', { inputs: rows([1, 2, 3, 4]), outputs: [{ name: 'x' }] }, 400, {}, deployment],
    ['binary tensors', { inputs: rows([1, 2, 3, 4]) }, 400, { 'inference-header-content-length': '10' }, deployment],
  ])('%s is refused with {"error"}', async (_what, body, status, headers, name) => {
    expect(await infer(body, headers as Record<string, string>, name)).toEqual({
      status,
      body: { error: expect.any(String) },
    });
  });

  it('a swap drops no request: each is answered by one version or the other, and rightly', async () => {
    const versions = new Set<string>();
    let swapped = false;
    const asking = async () => {
      while (!swapped) {
        const { status, body } = await infer({ inputs: rows([1, 0.5], [1, 2]) });
        expect(status).toBe(200);
        expect(body.outputs[0].data[0]).toBeCloseTo(TRUTH[Number(body.model_version) - 1]!(1, 0.5), 6);
        versions.add(body.model_version);
        swapped = versions.has('2');
      }
    };
    const callers = [asking(), asking(), asking()];
    await waitFor(() => versions.has('1'), { what: 'an answer of version 1' });
    await deploy(2);
    await Promise.all(callers);
    expect([...versions].sort()).toEqual(['1', '2']);
    expect((await call(`/v2/models/${model}/versions/1`)).status).toBe(404);
  });

  it('counts requests and rows', async () => {
    const text = await (await fetch(`${serving.url}/metrics`)).text();
    expect(text).toContain(`headrace_serving_requests_total{deployment="${deployment}",version="1",status="200"}`);
    expect(text).toContain('headrace_serving_requests_total{deployment="",version="",status="404"} 1');
    expect(text).toContain(`headrace_serving_rows_total{deployment="${deployment}",version="1"}`);
    expect(text).toContain('headrace_serving_request_duration_seconds_bucket');
  });

  it('a quarantined version stops answering: the one before does, else 503 says why; lifted, it answers again', async () => {
    const quarantine = (version: number, isLifted = false) => {
      // The file is other suites', too.
      const sha256 = '';
      const why = { reason: 'HANGS' as const, evidence: 'stood still', quarantinedAt: Date.now() };
      const value: ModelQuarantined = { model, version, sha256, deployment, ...why };
      const key = `${model}@${version}`;
      return eventLog.publish([{ topic: topics.quarantines, key, value: isLifted ? null : value }]);
    };
    await quarantine(2);
    await serves(1);
    expect(await call(`/v2/models/${model}/versions/2/ready`)).toEqual({
      status: 503,
      body: { error: expect.stringContaining(`${model}@2 is quarantined`) },
    });
    expect((await call(`/v2/models/${deployment}/ready`)).status).toBe(200);
    await quarantine(1);
    await waitFor(async () => (await call(`/v2/models/${deployment}/ready`)).status === 503, {
      what: 'nothing to answer',
    });
    const refused = await infer({ inputs: rows([1, 0.5, 1, 2]) });
    expect(refused).toEqual({ status: 503, body: { error: expect.stringContaining('stood still') } });
    // Also a service that has just started.
    await serving.stop();
    serving = await start();
    expect((await call(`/v2/models/${deployment}/ready`)).status).toBe(503);
    await quarantine(1, true);
    await quarantine(2, true);
    await serves(2);
  });
});
