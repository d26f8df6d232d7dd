import { topics, type PredictionMade } from '@headrace/contracts';
import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryWorld, type Answer } from './registry-world.js';

const PEOPLE = ['ada', 'bob', 'cy', 'mallory'];
let folder = '';
let world: RegistryWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headrace-tokens-'));
  const principals = PEOPLE.map(
    (name) => `  - { name: ${name}, tokenSha256: ${createHash('sha256').update(`token of ${name}`).digest('hex')} }`,
  );
  const file = join(folder, 'tokens.yaml');
  await writeFile(file, `principals:\n${principals.join('\n')}\n`);
  world = new RegistryWorld({ TOKENS_FILE: file });
  await world.start();
}, 120_000);
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

const basic = (name: string, token = `token of ${name}`) => ({
  authorization: `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`,
});
const newModel = async (versions = 1): Promise<string> => {
  const name = uniqueName('model');
  expect((await world.mlflow('POST', 'registered-models/create', { name }, basic('ada'))).status).toBe(200);
  for (let made = 0; made < versions; made++) await world.createVersion(name, undefined, basic('ada'));
  return name;
};
const setAlias = (who: string, name: string, version: number, alias = 'champion', more = {}) =>
  world.mlflow(
    'POST',
    'registered-models/alias',
    { name, alias, version: String(version) },
    { ...basic(who), ...more },
  );
const govern = (model: string, rule: object, who = 'ada') =>
  world.call(
    'PUT',
    `/api/headrace/v1/policies/${model}`,
    { rules: [{ targets: ['alias:champion', 'stage:Production'], ...rule }] },
    basic(who),
  );
const ask = (who: string, model: string, change: object = {}) =>
  world.call(
    'POST',
    '/api/headrace/v1/promotion-requests',
    { model, version: 1, alias: 'champion', reason: 'better', ...change },
    basic(who),
  );
const approve = (who: string, { body }: Answer) =>
  world.call('POST', `/api/headrace/v1/promotion-requests/${body.requestId}/approvals`, { reason: 'seen' }, basic(who));
const aliases = async (name: string) =>
  (await world.mlflow('GET', `registered-models/get?name=${name}`)).body.registered_model.aliases;

describe('callers', () => {
  it('change nothing without credentials that are known, and read all the same', async () => {
    const name = uniqueName('model');
    const create = (headers: Record<string, string>) =>
      world.mlflow('POST', 'registered-models/create', { name }, headers);
    for (const headers of [{}, basic('ada', 'guess'), basic('nobody'), { authorization: 'Bearer nonsense' }]) {
      expect(await create(headers)).toMatchObject({ status: 401, body: { error_code: 'UNAUTHENTICATED' } });
    }
    expect((await create({ authorization: `Bearer ${encodeURIComponent('token')}` })).status).toBe(401);
    expect((await create(basic('ada'))).status).toBe(200);
    expect((await world.mlflow('GET', `registered-models/get?name=${name}`)).status).toBe(200);
  });

  it('log nothing to tracking without them either', async () => {
    const create = (headers: Record<string, string>) =>
      world.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 }, headers);
    for (const headers of [{}, basic('ada', 'guess')])
      expect(await create(headers)).toMatchObject({ status: 401, body: { error_code: 'UNAUTHENTICATED' } });
    const { status, body } = await create(basic('ada'));
    expect(status).toBe(200);
    const found = await world.mlflow('POST', 'runs/search', { experiment_ids: ['0'] });
    expect(found.body.runs.map(({ info }: { info: { run_id: string } }) => info.run_id)).toContain(
      body.run.info.run_id,
    );
  });
});

describe('the audit', () => {
  it('says who, what, when, from where, why, and what it was before', async () => {
    const name = await newModel(2);
    await setAlias('ada', name, 1);
    await setAlias('bob', name, 2, 'champion', { 'headrace-reason': 'ticket 7', 'x-forwarded-for': '203.0.113.9' });
    const { changes } = (await world.call('GET', `/api/headrace/v1/audit?model=${name}`)).body;
    expect(changes.map((change: any) => [change.action, change.principal])).toEqual([
      ['alias.set', 'bob'],
      ['alias.set', 'ada'],
      ['version.created', 'ada'],
      ['version.created', 'ada'],
      ['model.created', 'ada'],
    ]);
    expect(changes[0]).toMatchObject({ reason: 'ticket 7', address: '203.0.113.9', at: expect.any(Number) });
    expect(changes[0].rows).toContainEqual({
      entity: 'model_aliases',
      before: { name, alias: 'champion', version: 1 },
      after: { name, alias: 'champion', version: 2 },
    });
    const events = await waitFor(
      async () => {
        const found = await world.changeEvents(name);
        return found.length === 5 && found;
      },
      { what: 'an event a change' },
    );
    expect(events.map((event) => event?.changeId).reverse()).toEqual(changes.map((change: any) => change.changeId));
    const one = await world.call('GET', `/api/headrace/v1/audit/${changes[0].changeId}`);
    expect(one.body).toEqual(changes[0]);
  });

  it('holds nothing of what changed nothing', async () => {
    const name = await newModel();
    await setAlias('ada', name, 1);
    await setAlias('ada', name, 1);
    await world.mlflow('DELETE', 'registered-models/alias', { name, alias: 'none' }, basic('ada'));
    const { changes } = (await world.call('GET', `/api/headrace/v1/audit?model=${name}&action=alias.set`)).body;
    expect(changes).toHaveLength(1);
    expect((await world.call('GET', `/api/headrace/v1/audit?model=${name}&action=alias.deleted`)).body.changes).toEqual(
      [],
    );
  });

  it('cannot be rewritten in the database, nor passed by', async () => {
    const name = await newModel();
    const database = await world.connect();
    await database.query('set search_path = registry');
    try {
      for (const statement of [
        "update changes set principal = 'nobody'",
        'delete from changes',
        'truncate changes',
        "update change_rows set after = '{}'",
        'delete from change_rows',
        'truncate change_rows',
        `update registered_models set description = 'quietly' where name = '${name}'`,
        `delete from model_versions where name = '${name}'`,
      ])
        await expect(database.query(statement)).rejects.toThrow(/append-only|outside a recorded change/);
    } finally {
      await database.end();
    }
  });
});

describe('a policy', () => {
  it('lets those it names promote, and tells everybody else why not, whichever way they try', async () => {
    const name = await newModel();
    expect((await govern(name, { promoters: ['bob'] })).status).toBe(200);
    const denied = {
      status: 403,
      body: { error_code: 'PERMISSION_DENIED', message: expect.stringMatching(/mallory/) },
    };
    const as = basic('mallory');
    expect(await setAlias('mallory', name, 1)).toMatchObject(denied);
    const stage = { name, version: '1', stage: 'production' };
    expect(await world.mlflow('POST', 'model-versions/transition-stage', stage, as)).toMatchObject(denied);
    const promotion = { model: name, version: 1, alias: 'champion', reason: 'mine' };
    expect((await world.call('POST', '/api/headrace/v1/promotions', promotion, as)).status).toBe(403);
    expect((await ask('mallory', name)).status).toBe(403);
    expect(await aliases(name)).toEqual([]);
    expect((await setAlias('mallory', name, 1, 'other')).status).toBe(200);
    expect((await setAlias('bob', name, 1)).status).toBe(200);
    for (const [path, body] of [
      ['registered-models/alias', { name, alias: 'champion' }],
      ['model-versions/delete', { name, version: '1' }],
      ['registered-models/delete', { name }],
    ] as const)
      expect(await world.mlflow('DELETE', path, body, as)).toMatchObject(denied);
    expect((await world.mlflow('POST', 'registered-models/rename', { name, new_name: `${name}2` }, as)).status).toBe(
      403,
    );
    expect((await govern(name, {}, 'mallory')).status).toBe(403);
    expect((await world.call('DELETE', `/api/headrace/v1/policies/${name}`, undefined, as)).status).toBe(403);
    expect(await aliases(name)).toEqual([
      { alias: 'champion', version: '1' },
      { alias: 'other', version: '1' },
    ]);
  });

  it('promotes what was asked for as soon as enough others have approved', async () => {
    const name = await newModel();
    await govern(name, { approvals: 2, approvers: ['ada', 'bob', 'cy'] });
    expect(await setAlias('ada', name, 1)).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/0 of 2/) },
    });
    const request = await ask('ada', name);
    expect(request).toMatchObject({ status: 201, body: { status: 'OPEN', missing: ['0 of 2 approvals'] } });
    expect((await ask('ada', name)).status).toBe(409);
    expect((await approve('ada', request)).status).toBe(403);
    await approve('mallory', request);
    await approve('bob', request);
    expect((await approve('bob', request)).body).toMatchObject({ status: 'OPEN', missing: ['1 of 2 approvals'] });
    expect(await aliases(name)).toEqual([]);
    expect((await approve('cy', request)).body).toMatchObject({ status: 'PROMOTED', missing: [] });
    expect(await aliases(name)).toEqual([{ alias: 'champion', version: '1' }]);
    expect((await approve('cy', request)).status).toBe(409);
  });

  it('holds for the gate: it wants verdicts, and may want more than them', async () => {
    const name = await newModel(2);
    await govern(name, { gate: true, checks: ['auc'] });
    expect(await setAlias('ada', name, 1)).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/no gate has judged version 1/) },
    });
    const checks = [{ name: 'auc', passed: true, champion: null, candidate: 0.7, detail: '' }];
    const request = await ask('ada', name, { alias: undefined, stage: 'production' });
    await world.publishVerdict({ model: name, candidateVersion: 1, checks });
    await waitFor(async () => (await aliases(name)).length === 1, { what: 'the promotion' });
    await waitFor(
      async () =>
        (await world.call('GET', `/api/headrace/v1/promotion-requests/${request.body.requestId}`)).body.status ===
        'PROMOTED',
      { what: 'the request that waited for the verdict' },
    );

    await govern(name, { gate: true, promoters: ['ada'], approvals: 1 });
    await world.publishVerdict({ model: name, championVersion: 1, candidateVersion: 2, checks });
    const refused = await waitFor(async () => (await world.promotionEvents(name)).find((each) => each?.version === 2), {
      what: 'the decision',
    });
    expect(refused).toMatchObject({
      decision: 'REFUSED',
      reason: expect.stringMatching(/policy.*training may not.*0 of 1 approvals/),
    });
    expect(await aliases(name)).toEqual([{ alias: 'champion', version: '1' }]);
  });

  it('covers deployments that name a version themselves', async () => {
    const name = await newModel(3);
    const apply = (who: string, version: number, deployment: string, query = '', more: object = {}) =>
      world.call(
        'PUT',
        `/api/headrace/v1/deployments/${deployment}${query}`,
        world.document({ model: { name, version }, ...more }, deployment),
        basic(who),
      );
    const [before, pinned] = [uniqueName('deployment'), uniqueName('deployment')];
    expect((await apply('mallory', 2, before)).status).toBe(200);
    await govern(name, { promoters: ['ada', 'bob'], gate: true, approvals: 1 });
    const denied = await apply('mallory', 3, pinned);
    expect(denied).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
    for (const missing of [/mallory may not/, /no gate has judged version 3/, /0 of 1 approvals/])
      expect(denied.body.detail).toMatch(missing);
    expect((await apply('ada', 3, pinned)).body.detail).not.toMatch(/may not promote/);
    expect((await apply('ada', 3, pinned, '?dryRun=true')).status).toBe(403);
    expect((await world.call('GET', `/api/headrace/v1/deployments/${pinned}`)).status).toBe(404);

    // What runs already may change in everything but its version.
    const features = { input: { topic: 'features', features: ['a', 'b'] } };
    expect((await apply('mallory', 2, before, '', features)).body).toMatchObject({ action: 'changed' });
    expect((await apply('mallory', 3, before)).status).toBe(403);

    await world.publishVerdict({ model: name, alias: 'none', candidateVersion: 3, checks: [] });
    await waitFor(async () => (await world.promotionEvents(name)).some((each) => each?.version === 3), {
      what: 'the verdict',
    });
    const request = await ask('ada', name, { version: 3, alias: undefined, deployment: pinned });
    expect(request.body).toMatchObject({ status: 'OPEN', missing: ['0 of 1 approvals'] });
    expect((await apply('ada', 3, pinned)).body.detail).toMatch(/: 0 of 1 approvals$/);
    expect((await approve('cy', request)).body).toMatchObject({ status: 'PROMOTED' });
    expect((await apply('mallory', 3, pinned)).status).toBe(403);
    expect((await apply('ada', 3, uniqueName('deployment'))).status).toBe(403);
    expect((await apply('ada', 3, pinned)).body).toMatchObject({
      action: 'created',
      status: { model: { version: 3 } },
    });
  });

  it('lets a deployment name what has come to a governed alias', async () => {
    const name = await newModel();
    await govern(name, { approvals: 1 });
    const apply = (deployment: string) =>
      world.call(
        'PUT',
        `/api/headrace/v1/deployments/${deployment}`,
        world.document({ model: { name, version: 1 } }, deployment),
        basic('ada'),
      );
    const deployment = uniqueName('deployment');
    expect((await apply(deployment)).status).toBe(403);
    await approve('bob', await ask('ada', name));
    expect((await apply(deployment)).status).toBe(200);
  });

  it('refuses rules it cannot read, all faults at once', async () => {
    const answer = await world.call(
      'PUT',
      `/api/headrace/v1/policies/${uniqueName('m')}`,
      { rules: [{ targets: ['champion'], approvals: -1, colour: 'red' }] },
      basic('ada'),
    );
    expect(answer.status).toBe(400);
    expect(answer.body.faults).toHaveLength(3);
  });
});

describe('lineage', () => {
  it('walks from a prediction to the offsets its model was trained on, and the code', async () => {
    const model = uniqueName('model');
    await world.mlflow('POST', 'registered-models/create', { name: model }, basic('ada'));
    const topic = uniqueName('features');
    const features = { ...topics.deadLetters, name: topic, partitions: 1 };
    await world.log.provision([features]);
    await world.log.publish([{ topic: features, key: null, value: Buffer.from('{"a":1}') }]);
    const { body } = await world.register(model, undefined, basic('ada'));
    const { run_id } = body.model_version;
    const sha256 = 'c'.repeat(64);
    const [repo, commit] = ['git@example.org:growth/features.git', 'd'.repeat(40)];
    const featureTags = Object.entries({ repo, commit, path: 'flights.py' });
    for (const [key, value] of featureTags)
      await world.mlflow('POST', 'runs/set-tag', { run_id, key: `headrace.features.${key}`, value }, basic('ada'));
    const byHand = { name: model, version: '1', key: 'headrace.features.path', value: 'delays.sql' };
    await world.mlflow('POST', 'model-versions/set-tag', byHand, basic('ada'));
    const source = JSON.stringify({ ranges: [{ topic, partition: 0, from: 0, to: 1 }], sha256 });
    const dataset = { name: 'd', digest: sha256.slice(0, 36), source_type: 'headrace-offset-ranges', source };
    const logged = await world.mlflow('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset }] }, basic('ada'));
    expect(logged.status).toBe(200);
    const value: PredictionMade = {
      predictionId: 'd:1',
      recordId: '1',
      deployment: 'd',
      model,
      version: 1,
      runId: run_id,
      eventTime: 0,
      score: 0.5,
      outputs: [],
      features: null,
      input: null,
    };
    const ends = new Map((await world.log.offsets(topics.predictions)).map(({ partition, to }) => [partition, to]));
    await world.log.publish([{ topic: topics.predictions, key: null, value, partition: 0 }]);
    const answer = await world.call('GET', `/api/headrace/v1/lineage/prediction/0@${ends.get(0)}`);
    expect(answer.status).toBe(200);
    expect(answer.body.missing).toEqual([]);
    const kinds = answer.body.nodes.map((node: { kind: string }) => node.kind);
    expect(kinds).toEqual(expect.arrayContaining(['prediction', 'version', 'run', 'snapshot', 'range']));
    const code = answer.body.nodes.filter((node: { kind: string }) => node.kind === 'feature-code');
    expect(code.map((node: { details: object }) => node.details)).toEqual([
      { repo: null, commit: null, path: 'delays.sql' },
      { repo, commit, path: 'flights.py' },
    ]);
    expect(answer.body.edges).toContainEqual({
      from: `run:${run_id}`,
      to: `feature-code:${repo}@${commit}:flights.py`,
      kind: 'features by',
    });
    const range = answer.body.nodes.find((node: { kind: string }) => node.kind === 'range');
    expect(range.details).toEqual({ topic, partition: 0, from: 0, to: 1, schemaId: null });
    expect(answer.body.edges).toContainEqual({
      from: `version:${model}@1`,
      to: `run:${run_id}`,
      kind: 'made by',
    });
    for (const path of ['prediction/0@999999999', `version/${model}@9`, 'run/none', 'deployment/none'])
      expect((await world.call('GET', `/api/headrace/v1/lineage/${path}`)).status).toBe(404);
    for (const path of ['prediction/x', 'version/x', 'galaxy/x'])
      expect((await world.call('GET', `/api/headrace/v1/lineage/${path}`)).status).toBe(400);
  });
});
