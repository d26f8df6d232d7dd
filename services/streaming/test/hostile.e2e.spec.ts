import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DeploymentSpec, type ModelQuarantined, type QuarantineReason } from '@headrace/contracts';
import { uniqueName, waitFor } from '@headrace/dev';
import type { PoolState } from '../src/pool/merge-states.js';
import { StreamingFixture, type Pool } from './streaming-fixture.js';

/** Version 1 is good; each of these does harm on a feature above a million, and only then. */
const HOSTILE: ReadonlyArray<{ what: string; version: number; reason: QuarantineReason; evidence: RegExp }> = [
  { what: 'hangs for ever', version: 4, reason: 'HANGS', evidence: /did not end within 3000 ms/ },
  { what: 'crashes natively', version: 5, reason: 'CRASHED', evidence: /died of SIGFPE/ },
  { what: 'takes 10 GB of memory', version: 6, reason: 'TOO_LARGE', evidence: /beyond 600 MiB/ },
];
const POISON = 2e6;
const limits = { STREAMING_WORKERS: '2', MODEL_MEMORY_LIMIT_MIB: '600' };

/** A deployment on a model of its own name, because quarantines are the whole platform's. */
class Deployed extends StreamingFixture {
  constructor(private readonly isolation: 'shared' | 'dedicated') {
    super({ model: uniqueName('model') });
  }

  override spec(): DeploymentSpec {
    return { ...super.spec(), isolation: this.isolation };
  }

  async send(ids: readonly string[], x = 1): Promise<void> {
    await this.produce(ids.map((id) => ({ key: id, value: JSON.stringify({ id, x, y: 2 }) })));
  }

  async versions(): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    for (const { value } of await this.predictions())
      found.set(value.recordId, [...(found.get(value.recordId) ?? []), value.version]);
    return found;
  }

  async quarantines(): Promise<ModelQuarantined[]> {
    const all = await this.all<ModelQuarantined | null>(topics.quarantines);
    return all.flatMap(({ value }) => (value?.model === this.model ? value : []));
  }
}

const ids = (prefix: string, count = 20) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe.each(['shared', 'dedicated'] as const)('a %s deployment whose model', (isolation) => {
  let victim: Deployed;
  let neighbour: Deployed;
  let pool: Pool;

  beforeAll(async () => {
    victim = await new Deployed(isolation).open();
    neighbour = await new Deployed('shared').open();
    await victim.deploy(1);
    await neighbour.deploy(1);
    pool = await victim.startWorker(undefined, limits);
  }, 240_000);

  afterAll(async () => {
    await pool?.stop();
    await victim?.close();
    await neighbour?.close();
  }, 60_000);

  const state = () => pool.get<PoolState>(`deployments/${victim.deployment}`);
  const answers = (version: number) =>
    waitFor(async () => (await state()).workers.every((each) => each.version === version), {
      what: `version ${version} to answer`,
      timeoutMs: 90_000,
    });

  it.each(HOSTILE)(
    '$what is quarantined once; its records are scored by the last good version, each once; others go on',
    async ({ version, reason, evidence }) => {
      await victim.deploy(1);
      await answers(1);
      await victim.send(ids(`before-${version}`));
      await victim.settled();
      await victim.deploy(version);
      await answers(version);
      await victim.send(ids(`while-${version}`));
      await victim.settled();
      const neighbours = new Set((await pool.workers()).filter(({ only }) => only === null).map(({ pid }) => pid));

      await victim.send([`poison-${version}`], POISON);
      await victim.send(ids(`after-${version}`));
      const load = ids(`neighbour-of-${version}`);
      await neighbour.send(load);
      await Promise.all([victim.settled(), neighbour.settled()]);

      const quarantines = (await victim.quarantines()).filter((each) => each.version === version);
      expect(quarantines).toMatchObject([{ reason, deployment: victim.deployment }]);
      expect(quarantines[0]!.evidence).toMatch(evidence);
      const scored = await victim.versions();
      for (const id of ids(`before-${version}`)) expect([id, scored.get(id)]).toEqual([id, [1]]);
      for (const id of ids(`while-${version}`)) expect([id, scored.get(id)]).toEqual([id, [version]]);
      expect(scored.get(`poison-${version}`)).toEqual([1]);
      for (const id of ids(`after-${version}`)) expect(scored.get(id)).toHaveLength(1);
      expect(await victim.deadLetters()).toEqual([]);
      const beside = await neighbour.versions();
      for (const id of load) expect([id, beside.get(id)]).toEqual([id, [1]]);
      expect(await state()).toMatchObject({
        state: 'failing',
        version: 1,
        answersInstead: { model: victim.model, version: 1 },
        reason: expect.stringContaining('is quarantined since'),
      });
      // Whoever runs only the victim is the only one to die of it.
      const now = new Set((await pool.workers()).filter(({ only }) => only === null).map(({ pid }) => pid));
      if (isolation === 'dedicated') expect(now).toEqual(neighbours);
    },
    240_000,
  );

  it('has cost one worker process a version, for no next owner inherited it', async () => {
    const restarts = (await pool.workers()).reduce((sum, each) => sum + each.restarts, 0);
    expect(restarts).toBe(HOSTILE.length);
    const metrics = await (await fetch(`${pool.url}/metrics`)).text();
    for (const { version, reason } of HOSTILE)
      expect(metrics).toContain(
        `headrace_model_quarantines_total{model="${victim.model}",version="${version}",reason="${reason}"} 1`,
      );
  });

  it('may answer again when the quarantine is lifted, and a version with NaN for an answer is no harm to others', async () => {
    const lifted = await fetch(`${pool.url}/api/headrace/v1/streaming/quarantines/${victim.model}/6`, {
      method: 'DELETE',
    });
    expect(lifted.status).toBe(204);
    await answers(6);
    await victim.deploy(7);
    await answers(7);
    await victim.send(ids('with-nan', 5));
    await victim.send(['not-a-number'], POISON);
    await victim.send(ids('after-nan', 5));
    await victim.settled();
    const letters = await victim.deadLetters();
    expect(letters.map(({ headers }) => headers['dlq_code']?.toString())).toEqual(['MODEL_FAILED']);
    const scored = await victim.versions();
    for (const id of [...ids('with-nan', 5), ...ids('after-nan', 5)]) expect([id, scored.get(id)]).toEqual([id, [7]]);
    expect(scored.has('not-a-number')).toBe(false);
  }, 120_000);
});

describe('a worker that a model holds', () => {
  it('when its parent is killed is ended by the next one, and the version is quarantined all the same', async () => {
    const victim = await new Deployed('shared').open();
    let pool: Pool | undefined;
    try {
      await victim.deploy(1);
      const first = await victim.startWorker();
      pool = first;
      await victim.send(ids('before'));
      await victim.settled();
      await victim.deploy(4);
      const states = (from: Pool) => from.get<PoolState>(`deployments/${victim.deployment}`);
      await waitFor(async () => (await states(first)).version === 4, { what: 'version 4', timeoutMs: 60_000 });
      await victim.send(['poison'], POISON);
      const stuck = await waitFor(async () => (await first.workers()).find(({ call }) => call?.version === 4)?.pid, {
        what: 'the call that does not end',
        pollMs: 20,
      });
      await first.kill();
      expect(isAlive(stuck)).toBe(true);
      pool = await victim.startWorker();
      await victim.send(ids('after'));
      await victim.settled();
      expect(isAlive(stuck)).toBe(false);
      expect(await victim.quarantines()).toMatchObject([{ version: 4, reason: 'HANGS' }]);
      const scored = await victim.versions();
      for (const id of [...ids('before'), 'poison', ...ids('after')]) expect([id, scored.get(id)]).toEqual([id, [1]]);
    } finally {
      await pool?.stop();
      await victim.close();
    }
  }, 240_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
