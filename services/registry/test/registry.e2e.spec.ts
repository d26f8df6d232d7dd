import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { onnxFile } from './onnx-file.js';
import { RegistryWorld } from './registry-world.js';

const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

const newModel = async (): Promise<string> => {
  const name = uniqueName('model');
  expect((await world.mlflow('POST', 'registered-models/create', { name })).status).toBe(200);
  return name;
};
const setAlias = (name: string, version: number, alias = 'champion') =>
  world.mlflow('POST', 'registered-models/alias', { name, alias, version: String(version) });

/** Until as many events are there, and gives them. */
const eventually = <T>(read: () => Promise<T[]>, count: number): Promise<T[]> =>
  waitFor(
    async () => {
      const found = await read();
      return found.length >= count ? found : null;
    },
    { what: `${count} events` },
  );

describe('registered models and versions', () => {
  it('a version names its ONNX file and carries its hash into the deployment', async () => {
    const name = await newModel();
    const deployment = uniqueName('d');
    const onnx = onnxFile('the bytes');
    await world.createVersion(name, onnx);
    const { body } = await world.apply({ model: { name, version: 1 } }, deployment);
    expect(body.status.model).toMatchObject({
      name,
      version: 1,
      artifactUri: expect.stringMatching(/^mlflow-artifacts:\/0\/.*\/model\/model\.onnx$/),
      sha256: createHash('sha256').update(onnx).digest('hex'),
    });
  });

  it('a runs:/ source is resolved through the run', async () => {
    const name = await newModel();
    const { runId, artifactUri } = await world.createRun();
    await world.putArtifact(`${artifactUri}/model/model.onnx`, onnxFile(name));
    const source = `runs:/${runId}/model`;
    const created = await world.mlflow('POST', 'model-versions/create', { name, source, run_id: runId });
    expect(created.body.model_version).toMatchObject({ version: '1', source, run_id: runId, status: 'READY' });
    expect(
      (await world.mlflow('GET', `model-versions/get-download-uri?name=${name}&version=1`)).body.artifact_uri,
    ).toBe(source);
    expect((await world.call('GET', `/api/headrace/v1/models/${name}/versions/1`)).body.artifactUri).toBe(
      `${artifactUri}/model/model.onnx`,
    );
  });

  it('a version without an ONNX file is registered, as MLflow does, and deploys nothing', async () => {
    const name = await newModel();
    const deployment = uniqueName('d');
    await world.apply({ model: { name, version: 1 } }, deployment);
    const created = await world.mlflow('POST', 'model-versions/create', { name, source: 's3://bucket/path/model' });
    expect(created.status).toBe(200);
    const { body } = await world.call('GET', `/api/headrace/v1/deployments/${deployment}`);
    expect(body.status).toMatchObject({ phase: 'waiting', generation: 1 });
    expect((await world.call('GET', `/api/headrace/v1/models/${name}/versions/1`)).status).toBe(404);
  });

  it('artifacts are taken only from the run that is named', async () => {
    const name = await newModel();
    const mine = await world.createRun();
    const other = await world.createRun();
    const create = (source: string, run_id?: string) =>
      world.mlflow('POST', 'model-versions/create', { name, source, run_id });
    const refused = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: /run_id/ } };
    for (const [source, runId] of [
      [`${other.artifactUri}/model`, mine.runId],
      [`${mine.artifactUri}/model`, undefined],
      [`${mine.artifactUri}/model`, 'nobody'],
      [`runs:/${mine.runId}/model`, other.runId],
      [`runs:/${mine.runId}/model`, undefined],
    ] as const) {
      const { status, body } = await create(source, runId);
      expect({ status, body }).toEqual({
        status: refused.status,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(refused.body.message) },
      });
    }
    expect((await create(`${mine.artifactUri}/model`, mine.runId)).status).toBe(200);
  });

  it("a copy has its original's files, run and hash", async () => {
    const [name, copy] = [await newModel(), await newModel()];
    await world.createVersion(name);
    const original = (await world.mlflow('GET', `model-versions/get?name=${name}&version=1`)).body.model_version;
    const made = await world.mlflow('POST', 'model-versions/create', { name: copy, source: `models:/${name}/1` });
    expect(made.body.model_version).toMatchObject({ source: `models:/${name}/1`, run_id: original.run_id });
    const resolved = async (model: string) =>
      (await world.call('GET', `/api/headrace/v1/models/${model}/versions/1`)).body;
    expect(await resolved(copy)).toEqual({ ...(await resolved(name)), name: copy });
    const uri = await world.mlflow('GET', `model-versions/get-download-uri?name=${copy}&version=1`);
    expect(uri.body.artifact_uri).toBe(original.source);
    const lying = { name: copy, source: `models:/${name}/1`, run_id: 'other' };
    expect((await world.mlflow('POST', 'model-versions/create', lying)).body.error_code).toBe(
      'INVALID_PARAMETER_VALUE',
    );
  });

  it('a version is refused when the file is not the one that its tag promises', async () => {
    const name = await newModel();
    const { runId, artifactUri } = await world.createRun();
    await world.putArtifact(`${artifactUri}/model.onnx`, onnxFile('other bytes'));
    const refused = await world.mlflow('POST', 'model-versions/create', {
      name,
      source: artifactUri,
      run_id: runId,
      tags: [{ key: 'headrace.model_sha256', value: 'f'.repeat(64) }],
    });
    expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(refused.body.message).toMatch(/sha256/);
  });

  it('a file that no runtime can load is refused, and the service goes on', async () => {
    const name = await newModel();
    for (const content of ['no model', onnxFile('x').subarray(0, 100)]) {
      const { status, body } = await world.register(name, Buffer.from(content));
      expect({ status, code: body.error_code }).toEqual({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
      expect(body.message).toMatch(/cannot be loaded/);
    }
    expect(await world.createVersion(name)).toBe(1);
  });

  it('the signature logged with a model must be its own, and becomes the schema of a topic', async () => {
    const name = await newModel();
    const log = async (...columns: string[]) => {
      const { runId, artifactUri } = await world.createRun();
      const inputs = JSON.stringify(columns.map((column) => ({ type: 'double', name: column, required: true })));
      await world.putArtifact(`${artifactUri}/model/model.onnx`, onnxFile(name));
      await world.putArtifact(`${artifactUri}/model/MLmodel`, `signature:\n  inputs: '${inputs}'\n`);
      const source = `${artifactUri}/model`;
      return world.mlflow('POST', 'model-versions/create', { name, source, run_id: runId });
    };
    const refused = await log('a', 'b', 'c', 'd', 'e', 'f', 'g');
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringMatching(/7 columns.*takes/) } });
    expect((await log('hour', 'distance')).status).toBe(200);
    const { body } = await world.call('GET', `/api/headrace/v1/models/${name}/versions/1/signature`);
    expect(body).toMatchObject({
      opsets: { '': expect.any(Number) },
      inputs: [{ datatype: 'FP32', shape: [-1, 2] }],
      topicSchema: {
        fields: [
          { name: 'hour', type: 'double' },
          { name: 'distance', type: 'double' },
        ],
      },
    });
  });

  it('twenty versions created at once get twenty numbers', async () => {
    const name = await newModel();
    const numbers = await Promise.all(Array.from({ length: 20 }, () => world.createVersion(name)));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('a number is never given twice, and a deleted version drops its aliases', async () => {
    const name = await newModel();
    await world.createVersion(name);
    await setAlias(name, 1, 'old');
    expect((await world.mlflow('DELETE', 'model-versions/delete', { name, version: '1' })).status).toBe(200);
    expect(await world.createVersion(name)).toBe(2);
    const { registered_model } = (await world.mlflow('GET', `registered-models/get?name=${name}`)).body;
    expect(registered_model.aliases).toEqual([]);
    expect(registered_model.latest_versions.map((each: { version: string }) => each.version)).toEqual(['2']);
  });

  it('answers errors as MLflow does', async () => {
    const name = await newModel();
    const cases: Array<[Promise<{ status: number; body: any }>, number, string]> = [
      [world.mlflow('GET', 'registered-models/get?name=nobody'), 404, 'RESOURCE_DOES_NOT_EXIST'],
      [world.mlflow('POST', 'registered-models/create', { name }), 400, 'RESOURCE_ALREADY_EXISTS'],
      [world.mlflow('POST', 'registered-models/create', {}), 400, 'INVALID_PARAMETER_VALUE'],
      [world.mlflow('GET', `model-versions/get?name=${name}&version=7`), 404, 'RESOURCE_DOES_NOT_EXIST'],
      [world.mlflow('GET', `registered-models/alias?name=${name}&alias=none`), 400, 'INVALID_PARAMETER_VALUE'],
      [setAlias(name, 7), 404, 'RESOURCE_DOES_NOT_EXIST'],
      [setAlias(name, 1, 'latest'), 400, 'INVALID_PARAMETER_VALUE'],
      [world.mlflow('GET', 'registered-models/search?filter=nope'), 400, 'INVALID_PARAMETER_VALUE'],
      [world.mlflow('POST', 'registered-models/rename', { name }), 400, 'INVALID_PARAMETER_VALUE'],
      [world.mlflow('POST', 'registered-models/nothing', { name }), 404, 'ENDPOINT_NOT_FOUND'],
    ];
    for (const [answer, status, error_code] of cases)
      expect(await answer).toMatchObject({ status, body: { error_code } });
  });

  it('searches by name pattern and tag, in pages', async () => {
    const prefix = uniqueName('search');
    for (const [index, team] of ['a', 'b', 'a', 'a'].entries())
      await world.mlflow('POST', 'registered-models/create', {
        name: `${prefix}.${index}`,
        tags: [{ key: 'team', value: team }],
      });
    const filter = encodeURIComponent(`name LIKE '${prefix}%' and tags.team = 'a'`);
    const search = `registered-models/search?filter=${filter}&max_results=2&order_by=name%20DESC`;
    const first = (await world.mlflow('GET', search)).body;
    const second = (await world.mlflow('GET', `${search}&page_token=${first.next_page_token}`)).body;
    const names = [...first.registered_models, ...second.registered_models].map(
      (model: { name: string }) => model.name,
    );
    expect(names).toEqual([`${prefix}.3`, `${prefix}.2`, `${prefix}.0`]);
    expect(second.next_page_token).toBeUndefined();
  });
});

describe('deployments', () => {
  it('wait for their model, follow its alias, and tell each change once', async () => {
    const name = await newModel();
    const deployment = uniqueName('d');
    const model = { name, alias: 'champion' };
    const waiting = await world.apply({ model }, deployment);
    expect(waiting.body).toMatchObject({ action: 'created', status: { phase: 'waiting', generation: 1, model: null } });

    await world.createVersion(name);
    await world.createVersion(name);
    await setAlias(name, 1);
    await setAlias(name, 1);
    await setAlias(name, 2);

    const events = await eventually(() => world.deploymentEvents(deployment), 3);
    expect(events.map((event) => [event?.generation, event?.model?.version ?? null, event?.previousVersion])).toEqual([
      [1, null, null],
      [2, 1, null],
      [3, 2, 1],
    ]);
    const decisions = await eventually(() => world.promotionEvents(name), 2);
    expect(decisions).toEqual([
      expect.objectContaining({
        decision: 'PROMOTED',
        version: 1,
        previousVersion: null,
        verdictId: null,
        deployments: [deployment],
      }),
      expect.objectContaining({ decision: 'PROMOTED', version: 2, previousVersion: 1, requestedBy: 'anonymous' }),
    ]);
    expect(events[2]?.cause).toBe(`promotion ${decisions[1]?.promotionId}`);
    const { body } = await world.call('GET', `/api/headrace/v1/deployments/${deployment}`);
    expect(body.history.map((each: { generation: number }) => each.generation)).toEqual([3, 2, 1]);
  });

  it('pinned to a version that does not exist yet, resolve when it is created', async () => {
    const name = await newModel();
    const deployment = uniqueName('d');
    await world.apply({ model: { name, version: 2 } }, deployment);
    await world.createVersion(name);
    await world.createVersion(name);
    const events = await eventually(() => world.deploymentEvents(deployment), 2);
    expect(events.map((event) => event?.model?.version ?? null)).toEqual([null, 2]);
  });

  it('never miss the version that is created while they are applied', async () => {
    const name = await newModel();
    const deployment = uniqueName('d');
    const database = await world.connect();
    const waiting = (locktype: string) => async () => {
      const query =
        'select from pg_locks where not granted and locktype = $1 and database = (select oid from pg_database where datname = current_database())';
      return (await database.query(query, [locktype])).rowCount! > 0;
    };
    // Stops the apply after it has looked for the version and before it stores what it found.
    await database.query('begin');
    await database.query('lock table registry.deployments in share mode');
    const applying = world.apply({ model: { name, version: 1 } }, deployment);
    await waitFor(waiting('relation'), { what: 'the apply to have looked' });
    const creating = world.createVersion(name);
    const created = async () => (await world.mlflow('GET', `model-versions/get?name=${name}&version=1`)).status === 200;
    await waitFor(async () => (await waiting('advisory')()) || created(), {
      what: 'the version to wait, or to be there',
    });
    await database.query('rollback');
    await Promise.all([applying, creating, database.end()]);
    const { body } = await world.call('GET', `/api/headrace/v1/deployments/${deployment}`);
    expect(body.status.model?.version).toBe(1);
  });

  it('applied twice, change nothing the second time', async () => {
    const deployment = uniqueName('d');
    const spec = { monitor: { window: '7d' }, labels: { topic: 'l', recordId: 'id', value: 'v' } };
    await world.apply(spec, deployment);
    const again = await world.apply({ ...spec, monitor: { windowMs: 604_800_000 } }, deployment);
    expect(again.body).toMatchObject({ action: 'unchanged', changes: [], status: { generation: 1 } });
    await world.apply({ ...spec, monitor: { window: '1d' } }, deployment);
    const events = await eventually(() => world.deploymentEvents(deployment), 2);
    expect(events.map((event) => event?.generation)).toEqual([1, 2]);
  });

  it('a dry run says what would change and changes nothing', async () => {
    const deployment = uniqueName('d');
    expect((await world.apply({}, deployment, '?dryRun=true')).body).toMatchObject({ action: 'created', dryRun: true });
    expect((await world.call('GET', `/api/headrace/v1/deployments/${deployment}`)).status).toBe(404);
    await world.apply({}, deployment);
    const dry = await world.apply({ input: { topic: 'features', features: ['a', 'b'] } }, deployment, '?dryRun=true');
    expect(dry.body).toMatchObject({
      action: 'changed',
      changes: [{ path: 'input.features', from: ['a'], to: ['a', 'b'] }],
      status: { generation: 2 },
    });
    expect((await world.call('GET', `/api/headrace/v1/deployments/${deployment}`)).body.status.generation).toBe(1);
    expect(await world.deploymentEvents(deployment)).toHaveLength(1);
  });

  it('faults come all at once as a problem document', async () => {
    const { status, body } = await world.apply(
      { input: { topic: 'headrace.x', features: [] }, colour: 'red' },
      'faulty',
    );
    expect(status).toBe(400);
    expect(body.faults.map((fault: { path: string }) => fault.path).sort()).toEqual([
      'spec.colour',
      'spec.input.features',
      'spec.input.topic',
    ]);
  });

  it('deleted, leave a tombstone; made again, go on counting', async () => {
    const deployment = uniqueName('d');
    await world.apply({}, deployment);
    expect((await world.call('DELETE', `/api/headrace/v1/deployments/${deployment}`)).status).toBe(204);
    expect((await world.call('DELETE', `/api/headrace/v1/deployments/${deployment}`)).status).toBe(404);
    await world.apply({}, deployment);
    const events = await eventually(() => world.deploymentEvents(deployment), 3);
    expect(events.map((event) => event?.generation ?? null)).toEqual([1, null, 3]);
    const { body } = await world.call('GET', '/api/headrace/v1/deployments');
    expect(body.deployments.map((each: any) => each.metadata.name)).toContain(deployment);
  });

  it('keep what they run from being deleted', async () => {
    const name = await newModel();
    await world.createVersion(name);
    await setAlias(name, 1);
    await world.apply({ model: { name, alias: 'champion' } }, uniqueName('d'));
    const refused = { status: 400, body: { error_code: 'INVALID_STATE' } };
    expect(await world.mlflow('DELETE', 'model-versions/delete', { name, version: '1' })).toMatchObject(refused);
    expect(await world.mlflow('DELETE', 'registered-models/alias', { name, alias: 'champion' })).toMatchObject(refused);
    expect(await world.mlflow('DELETE', 'registered-models/delete', { name })).toMatchObject(refused);
    expect((await world.mlflow('GET', `registered-models/alias?name=${name}&alias=champion`)).status).toBe(200);
  });
});

describe('promotions', () => {
  it("follow gates' verdicts: first version, better, not better, outdated, twice", async () => {
    const model = await newModel();
    const deployment = uniqueName('d');
    await world.apply({ model: { name: model, alias: 'champion' } }, deployment);
    for (let version = 1; version <= 3; version++) await world.createVersion(model);

    const first = await world.publishVerdict({ model, championVersion: null, candidateVersion: 1 });
    await world.publishVerdict({
      model,
      championVersion: 1,
      candidateVersion: 2,
      passed: false,
      reasons: ['auc fell', 'log loss rose'],
    });
    const better = await world.publishVerdict({ model, championVersion: 1, candidateVersion: 2 });
    await world.publishVerdict({ model, championVersion: 1, candidateVersion: 3 });
    await world.publishVerdict(better);
    await world.publishVerdict({ model, championVersion: 2, candidateVersion: 99 });

    const decisions = await eventually(() => world.promotionEvents(model), 5);
    expect(decisions.map((each) => [each?.decision, each?.version, each?.previousVersion])).toEqual([
      ['PROMOTED', 1, null],
      ['REFUSED', 2, 1],
      ['PROMOTED', 2, 1],
      ['REFUSED', 3, 2],
      ['REFUSED', 99, 2],
    ]);
    expect(decisions[1]?.reason).toBe('auc fell; log loss rose');
    expect(decisions[3]?.reason).toMatch(/outdated/);
    const events = await eventually(() => world.deploymentEvents(deployment), 3);
    expect(events.map((event) => [event?.model?.version ?? null, event?.cause])).toEqual([
      [null, 'apply'],
      [1, first.verdictId],
      [2, better.verdictId],
    ]);
    const { body } = await world.call('GET', `/api/headrace/v1/promotions?model=${model}`);
    expect(body.promotions).toEqual(decisions.toReversed());
  });

  it('can be asked for by people, by name', async () => {
    const model = await newModel();
    await world.createVersion(model);
    const request = { model, version: 1, alias: 'champion', reason: 'looks right' };
    const ada = { authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}` };
    const promote = (change: object = {}) =>
      world.call('POST', '/api/headrace/v1/promotions', { ...request, ...change }, ada);
    expect(await promote()).toMatchObject({
      status: 201,
      body: { decision: 'PROMOTED', requestedBy: 'ada', reason: 'looks right' },
    });
    expect((await promote()).status).toBe(409);
    expect((await promote({ version: 9 })).status).toBe(404);
    expect((await promote({ reason: '', alias: 'v1' })).body.faults).toHaveLength(2);
    await eventually(() => world.promotionEvents(model), 1);
  });
});
