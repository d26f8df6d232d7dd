import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bindingsOf, needing, repositoryRoot, SecuredKafka, testCluster, waitFor } from '@headrace/dev';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StreamingFixture, type Service } from './streaming-fixture.js';

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
    fixture = await new StreamingFixture({
      access: kafka.access('headrace', 'scram-sha-256'),
      testAccess: kafka.access('admin'),
      schemaRegistryUrl: gateway.url,
    }).open();
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
    const state = async () => {
      const answer = await fetch(`${worker.url}/api/headrace/v1/streaming/deployments/${fixture.deployment}`);
      return (await answer.json()) as { state: string; reason: string | null };
    };
    const refused = await waitFor(async () => ((await state()).state === 'failing' ? state() : undefined), {
      what: 'the deployment to be refused',
      timeoutMs: 60_000,
    });
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
