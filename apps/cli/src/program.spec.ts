import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import avro from 'avsc';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeGateway, on } from '../test/fake-gateway.js';
import { explainError } from './explain-error.js';
import { buildProgram } from './program.js';

const gateway = new FakeGateway();
const folder = mkdtempSync(join(tmpdir(), 'headrace-cli-'));
const file = join(folder, 'deployment.yaml');
const DEPLOYMENTS = '/api/headrace/v1/deployments';
const MLFLOW = '/api/2.0/mlflow';
let url = '';
let output: string[] = [];

const spec = { model: { name: 'risk', alias: 'champion' }, input: { topic: 'payments' }, output: { topic: 'out' } };
const declared = { apiVersion: 'headrace.dev/v1', kind: 'Deployment', metadata: { name: 'risk' }, spec };
const model = { name: 'risk', version: 3, runId: 'r', sha256: 's' };
const held = (more: object = {}) => ({
  ...declared,
  spec: { ...spec, ...more },
  status: { generation: 2, model, changedAt: 1e12 - 5000 },
});

async function* bytes(...chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** What it printed; rejects with what it would say of a failure. */
async function run(words: string[], input: AsyncIterable<Buffer> = bytes()): Promise<string> {
  output = [];
  const program = buildProgram({
    out: (text) => output.push(text),
    outBytes: (bytes) => output.push(bytes.toString('latin1')),
    input,
    now: () => 1e12,
  });
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput(quiet);
  try {
    await program.parseAsync(['--gateway', url, ...words], { from: 'user' });
  } catch (error) {
    throw new Error(explainError(error));
  }
  return output.join('\n');
}

beforeAll(async () => {
  url = await gateway.start();
  writeFileSync(file, JSON.stringify(declared));
});
beforeEach(() => gateway.answerWith());
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

describe('headrace apply', () => {
  it('declares the document and says what that changed', async () => {
    const changes = [
      { path: 'input.topic', from: 'old', to: 'payments' },
      { path: 'monitor', to: { minRows: 5 } },
    ];
    gateway.answerWith(on('PUT', `${DEPLOYMENTS}/risk`, { body: { ...held(), action: 'changed', changes } }));
    expect(await run(['apply', '-f', file])).toBe(
      'deployment risk changed\n  input.topic: "old" → "payments"\n  monitor: nothing → {"minRows":5}',
    );
    expect(JSON.parse(gateway.calls.at(-1)!.body.toString())).toEqual(declared);
  });

  it('asks for no change on a dry run, and shows what would be', async () => {
    gateway.answerWith(
      on('PUT', `${DEPLOYMENTS}/risk`, { body: { ...held({ filled: 'in' }), action: 'created', changes: [] } }),
    );
    expect(await run(['apply', '-f', file, '--dry-run'])).toMatch(
      /^deployment risk created \(dry run\)\n[^]*filled: in/,
    );
    expect(gateway.calls.at(-1)!.path).toBe(`${DEPLOYMENTS}/risk?dryRun=true`);
  });

  it('lists each fault that the registry finds, with its path, once', async () => {
    const faults = [
      { path: 'spec.input.topic', message: 'required' },
      { path: '', message: 'is no document' },
    ];
    const detail = "Deployment 'risk' has 2 faults: spec.input.topic: required; document: is no document";
    gateway.answerWith(
      on('PUT', `${DEPLOYMENTS}/risk`, { status: 400, body: { title: 'INPUT_INVALID', detail, faults } }),
    );
    await expect(run(['apply', '-f', file])).rejects.toThrow(
      `Deployment 'risk' has 2 faults (400 to PUT ${DEPLOYMENTS}/risk)\n  spec.input.topic: required\n  document: is no document`,
    );
  });

  it('says how to start a gateway when there is none', async () => {
    const alive = url;
    url = 'http://127.0.0.1:9';
    await expect(run(['apply', '-f', file])).rejects.toThrow(
      'no gateway at http://127.0.0.1:9: start one with `npm start`',
    );
    url = alive;
  });
});

describe('headrace get', () => {
  it('prints deployments as a table', async () => {
    const waiting = {
      ...held(),
      metadata: { name: 'other' },
      status: { generation: 1, model: null, changedAt: 1e12 - 7_200_000 },
    };
    gateway.answerWith(on('GET', DEPLOYMENTS, { body: { deployments: [held(), waiting] } }));
    expect((await run(['get', 'deployments'])).split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['NAME', 'MODEL', 'VERSION', 'GENERATION', 'INPUT', 'OUTPUT', 'AGE'],
      ['risk', 'risk@champion', 'v3', '2', 'payments', 'out', '5s'],
      ['other', 'risk@champion', 'waits', '1', 'payments', 'out', '2h'],
    ]);
    expect(JSON.parse(await run(['get', 'deployments', 'other', '-o', 'json']))).toEqual(waiting);
    expect(await run(['get', 'deployments', 'risk', '-o', 'yaml'])).toContain('generation: 2');
    await expect(run(['get', 'deployments', 'none'])).rejects.toThrow('there is no deployment named none');
  });

  it('prints models with their aliases, monitors and alerts', async () => {
    const latest = {
      latest_versions: [{ version: '9' }, { version: '10' }],
      aliases: [{ alias: 'champion', version: '9' }],
    };
    const monitor = {
      deployment: 'risk',
      state: 'watching',
      championVersion: 1,
      action: 'report',
      closedUntil: 0,
      lastVerdict: 'STABLE',
      windows: 3,
      labelledShare: 0.5,
      commands: 0,
    };
    const alert = {
      fingerprint: 'f',
      rule: 'drift',
      state: 'FIRING',
      severity: 'WARNING',
      summary: 'it drifts',
      startsAt: 1e12 - 5000,
    };
    gateway.answerWith(
      on('GET', `${MLFLOW}/registered-models/search`, { body: { registered_models: [{ name: 'risk', ...latest }] } }),
      on('GET', '/api/headrace/v1/monitors', { body: { monitors: [monitor] } }),
      on('GET', '/api/headrace/v1/alerts', { body: { alerts: [alert] } }),
    );
    expect(await run(['get', 'models'])).toMatch(/risk +v10 +champion=v9/);
    expect(await run(['get', 'monitors'])).toMatch(/risk +watching +v1 +report +3 +1970-01-01T00:00 +50 % +STABLE/);
    expect(await run(['get', 'alerts'])).toMatch(/f +drift +firing +warning +5s +it drifts/);
  });

  it('says that there is nothing, and refuses what it does not know', async () => {
    gateway.answerWith(on('GET', DEPLOYMENTS, { body: { deployments: [] } }));
    expect(await run(['get', 'deployments'])).toBe('no deployments');
    await expect(run(['get', 'pods'])).rejects.toThrow(/Allowed choices are deployments, models/);
  });
});

describe('headrace describe and delete', () => {
  it('shows the deployment though no worker and no monitor knows it', async () => {
    gateway.answerWith(on('GET', `${DEPLOYMENTS}/risk`, { body: held() }));
    expect(await run(['describe', 'deployment', 'risk'])).toMatch(
      /name: risk[^]*generation: 2[^]*not run by a worker[^]*topic: payments/,
    );
  });

  it('shows the last windows', async () => {
    const window = {
      windowStart: 0,
      windowEnd: 604_800_000,
      verdict: 'STABLE',
      predictions: 5,
      labelled: 4,
      metrics: { auc: 0.71234, brier: null },
    };
    gateway.answerWith(
      on('GET', `${DEPLOYMENTS}/risk`, { body: held() }),
      on('GET', '/api/headrace/v1/monitors/risk/windows', { body: { windows: [window] } }),
    );
    expect(await run(['describe', 'deployment', 'risk'])).toContain(
      '1970-01-01 to 1970-01-08  STABLE  4 of 5 labelled  auc 0.7123 brier -',
    );
  });

  it('deletes by name', async () => {
    gateway.answerWith(on('DELETE', `${DEPLOYMENTS}/risk`, { status: 204 }));
    expect(await run(['delete', 'deployment', 'risk'])).toBe('deployment risk deleted');
  });
});

describe('headrace register', () => {
  const onnx = join(folder, 'm.onnx');
  const sha256 = createHash('sha256').update('model').digest('hex');
  const routes = (known: boolean) => [
    known
      ? on('GET', `${MLFLOW}/experiments/get-by-name`, { body: { experiment: { experiment_id: '7' } } })
      : on('GET', `${MLFLOW}/experiments/get-by-name`, {
          status: 404,
          body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: '' },
        }),
    on('POST', `${MLFLOW}/experiments/create`, { body: { experiment_id: '7' } }),
    on('POST', `${MLFLOW}/runs/create`, {
      body: { run: { info: { run_id: 'r1', artifact_uri: 'mlflow-artifacts:/7/r1/artifacts' } } },
    }),
    on('POST', `${MLFLOW}/runs/log-batch`, { body: {} }),
    on('PUT', '/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts/model/model.onnx', { body: {} }),
    on('POST', `${MLFLOW}/runs/update`, { body: {} }),
    known
      ? on('POST', `${MLFLOW}/registered-models/create`, {
          status: 400,
          body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: '' },
        })
      : on('POST', `${MLFLOW}/registered-models/create`, { body: {} }),
    on('POST', `${MLFLOW}/model-versions/create`, { body: { model_version: { version: '4' } } }),
    on('POST', `${MLFLOW}/registered-models/alias`, { body: {} }),
  ];
  const sent = (path: string) => gateway.calls.find((call) => call.path.startsWith(path))!.body;

  it.each([true, false])(
    'logs a run with the file and registers it as a version; model known before: %s',
    async (known) => {
      writeFileSync(onnx, 'model');
      gateway.answerWith(...routes(known));
      const words = [
        'register',
        '--model',
        'risk',
        '--onnx',
        onnx,
        '--metric',
        'auc=0.8',
        '--metric',
        'rows=10',
        '--param',
        'c=a=b',
      ];
      expect(await run([...words, '--alias', 'champion'])).toBe(
        `model risk version 4 registered, run r1, sha256 ${sha256}, alias champion`,
      );
      expect(sent('/api/2.0/mlflow-artifacts').toString()).toBe('model');
      expect(JSON.parse(sent(`${MLFLOW}/runs/log-batch`).toString())).toMatchObject({
        metrics: [
          { key: 'auc', value: 0.8 },
          { key: 'rows', value: 10 },
        ],
        params: [{ key: 'c', value: 'a=b' }],
      });
      expect(JSON.parse(sent(`${MLFLOW}/model-versions/create`).toString())).toMatchObject({
        source: 'mlflow-artifacts:/7/r1/artifacts/model',
        run_id: 'r1',
        tags: [{ key: 'headrace.model_sha256', value: sha256 }],
      });
      expect(JSON.parse(sent(`${MLFLOW}/registered-models/alias`).toString())).toEqual({
        name: 'risk',
        alias: 'champion',
        version: '4',
      });
      expect(gateway.calls.some(({ path }) => path.endsWith('experiments/create'))).toBe(!known);
    },
  );

  it('sets no alias that was not asked for, and refuses a metric that is no number', async () => {
    gateway.answerWith(...routes(true));
    await run(['register', '--model', 'risk', '--onnx', onnx]);
    expect(gateway.calls.some(({ path }) => path.endsWith('/alias'))).toBe(false);
    await expect(run(['register', '--model', 'risk', '--onnx', onnx, '--metric', 'auc='])).rejects.toThrow(
      'expected name=number',
    );
  });

  it('does not hide an error of another kind', async () => {
    gateway.answerWith(
      on('GET', `${MLFLOW}/experiments/get-by-name`, {
        status: 500,
        body: { error_code: 'INTERNAL_ERROR', message: 'no' },
      }),
    );
    await expect(run(['register', '--model', 'risk', '--onnx', onnx])).rejects.toThrow('no (500 to GET');
  });
});

describe('headrace decode', () => {
  const schema = {
    type: 'record',
    name: 'P',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'score', type: ['null', 'double'] },
    ],
  };
  const framed = (value: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value.length);
    return Buffer.concat([length, value]);
  };
  const body = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'auto' }).toBuffer({ id: 'a', score: 0.5 });
  const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), body]);
  const stream = Buffer.concat([
    framed(value),
    Buffer.from([255, 255, 255, 255]),
    framed(Buffer.from('{"a":1}')),
    framed(value),
  ]);

  it('prints Avro by its writer’s schema and JSON as it is, whatever the chunks', async () => {
    gateway.answerWith(on('GET', '/schemas/ids/5', { body: { schema: JSON.stringify(schema) } }));
    const one = [...stream].map((byte) => Buffer.from([byte]));
    const lines = ['{"id":"a","score":0.5}', '{"a":1}', '{"id":"a","score":0.5}'].join('\n');
    expect(await run(['decode'], bytes(stream))).toBe(lines);
    expect(await run(['decode'], bytes(...one))).toBe(lines);
    expect(gateway.calls).toHaveLength(2);
  });

  it('says what it expects when the input ends inside a record', async () => {
    gateway.answerWith(on('GET', '/schemas/ids/5', { body: { schema: JSON.stringify(schema) } }));
    await expect(run(['decode'], bytes(stream.subarray(0, stream.length - 2)))).rejects.toThrow(/kcat -D/);
  });
});
