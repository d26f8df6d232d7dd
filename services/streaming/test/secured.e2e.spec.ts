import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@headrace/contracts';
import { bindingsOf, needing, repositoryRoot, SecuredKafka, testCluster, waitFor } from '@headrace/dev';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolState } from '../src/pool/merge-states.js';
import type { ReplayView } from '../src/replay/replay-view.js';
import { StreamingFixture, type Pool, type Service } from './streaming-fixture.js';

const PATIENCE = { timeoutMs: 90_000 };

const secured = needing(it, 'openssl');

/** Gateway and worker as they run, as a user that may do what docs/guides/secured-kafka.md gives it and nothing else. */
describe('on a secured broker', () => {
  let kafka: SecuredKafka;
  let gateway: Service;
  let fixture: StreamingFixture;

  beforeAll(async () => {
    kafka = await SecuredKafka.start();
    const guide = readFileSync(join(repositoryRoot, 'docs/guides/secured-kafka.md'), 'utf8');
    await kafka.allow(bindingsOf(guide, 'headrace'));
    gateway = await testCluster.startService('gateway', kafka.access('headrace', 'scram-sha-512'));
    fixture = await newFixture().open();
    await allow('Write', fixture.output);
    await fixture.deploy(1);
  }, 180_000);

  afterAll(async () => {
    await fixture?.close();
    await gateway?.stop();
    await kafka?.close();
  }, 60_000);

  secured('a deployment whose input may not be read says so, and works once it may', async () => {
    const worker = await fixture.startWorker();
    const refused = await reaches(worker, fixture, 'failing');
    expect(refused.reason).toContain(fixture.input);
    expect(refused.reason).toContain('ACL');
    await allow('Read', fixture.input);
    await scores('first');
    await worker.stop();
  });

  secured('a worker with a client certificate goes on where one with a password stopped', async () => {
    const worker = await fixture.startWorker(kafka.certifiedAccess('headrace'));
    await scores('second');
    await worker.stop();
  });

  describe('whatever lacks an ACL', () => {
    let forbidden: StreamingFixture;
    let worker: Pool;
    let pids: number[];

    beforeAll(async () => {
      forbidden = await newFixture().open();
      await forbidden.deploy(1);
      await allow('Read', fixture.input);
      await allow('Read', forbidden.input);
      worker = await fixture.startWorker();
      pids = await worker.workerPids();
    }, 120_000);

    afterAll(async () => {
      await worker.stop();
      await forbidden.close();
    });

    secured(
      'a replay that may not write to its output fails and says why; its worker lives',
      async () => {
        const output = { ...topics.replays, name: `${forbidden.output}.replayed`, partitions: 1 };
        await forbidden.eventLog.provision([output]);
        await allow('Describe', output.name);
        await scores('replayed');
        const bounds = { from: 'earliest', to: 'latest' };
        const asked = await fetch(`${worker.url}/api/headrace/v1/replays`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            ...{ deployment: fixture.deployment, model: fixture.model, version: 2 },
            ...{ ...bounds, outputTopic: output.name },
          }),
        });
        const { replayId } = (await asked.json()) as ReplayView;
        const ended = await waitFor(
          async () => {
            const answer = await fetch(`${worker.url}/api/headrace/v1/replays/${replayId}`);
            const seen = (await answer.json()) as ReplayView;
            return seen.status === 'RUNNING' ? undefined : seen;
          },
          { ...PATIENCE, what: 'the replay to end' },
        );
        expect([ended.status, ended.scored]).toEqual(['FAILED', 0]);
        expect(ended.reason).toContain(output.name);
        expect(ended.reason).toContain('ACL');
        expect(await worker.workerPids()).toEqual(pids);
      },
      180_000,
    );

    secured(
      'a deployment stands still alone, and goes on in the same process once it may',
      async () => {
        await forbidden.produce([{ key: 'k', value: JSON.stringify({ id: 'kept', x: 1, y: 2 }) }]);
        const refused = await reaches(worker, forbidden, 'failing');
        expect(refused.reason).toContain(forbidden.output);
        expect(refused.reason).toContain('ACL');
        const tries = async () => {
          const text = await (await fetch(`${worker.url}/metrics`)).text();
          const line = text.split('\n').find((each) => {
            return each.startsWith('headrace_batch_failures_total') && each.includes(forbidden.group);
          });
          return Number(line?.split(' ').at(-1) ?? 0);
        };
        await waitFor(async () => (await tries()) > 10, { ...PATIENCE, what: 'more than ten tries' });
        await scores('meanwhile');
        await allow('Write', forbidden.output);
        await forbidden.settled();
        expect((await forbidden.predictions()).map(({ value }) => value.recordId)).toEqual(['kept']);
        await reaches(worker, forbidden, 'running');
        expect(await worker.workerPids()).toEqual(pids);
      },
      180_000,
    );
  });

  function newFixture(): StreamingFixture {
    return new StreamingFixture({
      access: kafka.access('headrace', 'scram-sha-256'),
      testAccess: kafka.access('admin'),
      schemaRegistryUrl: gateway.url,
    });
  }

  function reaches(worker: Pool, { deployment }: StreamingFixture, wanted: string): Promise<PoolState> {
    const reached = async () => {
      const state = await worker.get<PoolState>(`deployments/${deployment}`);
      return state.state === wanted ? state : undefined;
    };
    return waitFor(reached, { ...PATIENCE, what: `${deployment} to be ${wanted}` });
  }

  /** A record and, beside it, one that cannot be read. */
  async function scores(id: string): Promise<void> {
    await fixture.produce([
      { key: id, value: JSON.stringify({ id, x: 1, y: 2 }) },
      { key: id, value: 'no record' },
    ]);
    await fixture.settled();
    const ids = (await fixture.predictions()).map(({ value }) => value.recordId);
    expect(ids.filter((each) => each === id)).toHaveLength(1);
    expect((await fixture.deadLetters()).filter(({ key }) => key?.toString() === id)).toHaveLength(1);
  }

  async function allow(operation: string, topic: string): Promise<void> {
    const command = `kafka-acls --add --allow-principal User:headrace --operation ${operation} --topic ${topic}`;
    await kafka.allow(bindingsOf(command));
  }
});
