import { uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RegistryWorld, type Answer } from './registry-world.js';

const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

describe('the registry, killed between commit and publish', () => {
  it('has answered, has published nothing, and publishes after the restart: in order, nothing lost', async () => {
    const database = await world.connect();
    await world.registry.stop();
    // The relay's lock, so that whatever is committed stays in the outbox.
    await database.query('select pg_advisory_lock(hashtextextended($1, 0))', ['headrace.outbox.registry']);
    await world.startRegistry();

    const { model: name, deployment } = world;
    expect((await world.apply()).body.status.generation).toBe(1);
    expect((await world.mlflow('POST', 'registered-models/create', { name })).status).toBe(200);
    await world.createVersion();
    const verdict = await world.publishVerdict({ championVersion: null, candidateVersion: 1 });
    await waitFor(
      async () => (await world.call('GET', `/api/headrace/v1/promotions?model=${name}`)).body.promotions.length === 1,
      {
        what: 'the decision',
      },
    );
    const metrics = await (await fetch(`${world.registry.url}/metrics`)).text();
    // Other suites' verdicts are on the topic, too, and are decided about.
    expect(Number(/^headrace_outbox_pending_events (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(3);
    await world.registry.kill();
    expect(await world.deploymentEvents()).toEqual([]);
    expect(await world.promotionEvents()).toEqual([]);
    const ours = 'select count(*)::int as waiting from registry.outbox where key in ($1, $2)';
    const { rows } = await database.query(ours, [name, deployment]);
    expect(rows).toEqual([{ waiting: 7 }]);

    await database.end();
    await world.startRegistry();
    // The dead process may not have committed its offset: the verdict comes again, and changes nothing.
    await world.publishVerdict(verdict);
    const second = await world.publishVerdict({ championVersion: 1, candidateVersion: 1, passed: false });
    const decisions = await waitFor(
      async () => {
        const found = await world.promotionEvents();
        return found.some((each) => each?.verdictId === second.verdictId) ? found : null;
      },
      { what: 'the decisions on the topic' },
    );
    expect(decisions.map((each) => [each?.verdictId, each?.decision])).toEqual([
      [verdict.verdictId, 'PROMOTED'],
      [second.verdictId, 'REFUSED'],
    ]);
    const changes = await world.changeEvents();
    expect(changes.map((change) => change?.action)).toEqual([
      'deployment.applied',
      'model.created',
      'version.created',
      'verdict.decided',
      'verdict.decided',
    ]);
    expect(new Set(changes.map((change) => change?.changeId)).size).toBe(5);
    expect(
      (await world.deploymentEvents()).map((event) => [event?.name, event?.generation, event?.model?.version ?? null]),
    ).toEqual([
      [deployment, 1, null],
      [deployment, 2, 1],
    ]);
  }, 120_000);
});

describe('the registry, under 32 clients at once', () => {
  it('gives versions that are made at the same time numbers of their own, without gaps', async () => {
    const name = uniqueName('model');
    await world.mlflow('POST', 'registered-models/create', { name });
    const { runId, artifactUri } = await world.createRun();
    const asked = { name, source: `${artifactUri}/model`, run_id: runId };
    const answers = await Promise.all(range(32).map(() => world.mlflow('POST', 'model-versions/create', asked)));
    expect(answers.map(({ status }) => status)).toEqual(range(32).map(() => 200));
    const numbers = answers.map(({ body }) => Number(body.model_version.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(range(32).map((at) => at + 1));
  }, 60_000);

  it('killed amid their calls, has kept each one that it answered 200, and told it once', async () => {
    const models = range(4).map(() => uniqueName('model'));
    for (const name of models) await world.mlflow('POST', 'registered-models/create', { name });
    const { runId, artifactUri } = await world.createRun();
    const answered: Array<{ name: string; version: string }> = [];
    const tagged: Array<{ name: string; key: string }> = [];
    let [killed, asked] = [false, 0];
    const client = async (number: number): Promise<void> => {
      const name = models[number % models.length]!;
      while (!killed) {
        const key = `call ${asked++}`;
        const [made, tag] = await Promise.allSettled([
          world.mlflow('POST', 'model-versions/create', { name, source: `${artifactUri}/model`, run_id: runId }),
          world.mlflow('POST', 'registered-models/set-tag', { name, key, value: 'x' }),
        ]);
        if (isOk(made)) answered.push({ name, version: made.value.body.model_version.version });
        if (isOk(tag)) tagged.push({ name, key });
      }
    };
    const clients = Promise.all(range(32).map(client));
    await waitFor(async () => answered.length >= 150, { what: '150 versions', timeoutMs: 60_000, pollMs: 5 });
    const dying = world.registry.kill();
    await dying;
    killed = true;
    await clients;
    await world.startRegistry();

    for (const name of models) {
      const filter = encodeURIComponent(`name = '${name}'`);
      const found = await world.mlflow('GET', `model-versions/search?filter=${filter}&max_results=10000`);
      const there = found.body.model_versions.map((each: { version: string }) => each.version) as string[];
      const model = (await world.mlflow('GET', `registered-models/get?name=${name}`)).body.registered_model;
      const tags = model.tags.map((each: { key: string }) => each.key) as string[];
      const [versions, keys] = [answered, tagged].map((all) => all.filter((each) => each.name === name));
      expect(there).toEqual(expect.arrayContaining(versions!.map((each) => (each as { version: string }).version)));
      expect(tags).toEqual(expect.arrayContaining(keys!.map((each) => (each as { key: string }).key)));
      const told = await waitFor(
        async () => {
          const changes = (await world.changeEvents(name)).filter((change) => change !== null);
          return changes.length >= 1 + there.length + tags.length && changes;
        },
        { what: 'the events of every change', timeoutMs: 60_000 },
      );
      expect(told.filter(({ action }) => action === 'version.created')).toHaveLength(there.length);
      expect(told.filter(({ action }) => action === 'model-tag.set')).toHaveLength(tags.length);
      expect(new Set(told.map(({ changeId }) => changeId)).size).toBe(told.length);
    }
    expect(tagged.length).toBeGreaterThan(0);
  }, 180_000);
});

const range = (count: number) => Array.from({ length: count }, (_, at) => at);
const isOk = (settled: PromiseSettledResult<Answer>): settled is PromiseFulfilledResult<Answer> =>
  settled.status === 'fulfilled' && settled.value.status === 200;
