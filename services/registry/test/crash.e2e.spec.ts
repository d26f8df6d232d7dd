import { waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RegistryWorld } from './registry-world.js';

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
