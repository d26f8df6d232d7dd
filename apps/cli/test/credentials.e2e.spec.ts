import { repositoryRoot, testCluster, uniqueName, waitFor, type Service } from '@headrace/dev';
import type { OutgoingEvent } from '@headrace/event-log';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryWorld } from '../../../services/registry/test/registry-world.js';
import { day, deploymentChanged, traffic, world as flights } from '../../../services/training/test/flights.js';

const TOKENS = { trainer: 'the-trainers-own-secret-4711', ada: 'adas-own-secret-0815' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const onnx = join(repositoryRoot, 'libs/dev/fixtures/logistic-v1.onnx');

let folder = '';
let world: RegistryWorld;
let database: { url: string; drop(): Promise<void> };
let training: Service | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headrace-tokens-'));
  const file = join(folder, 'tokens.yaml');
  const lines = Object.entries(TOKENS).map(([name, token]) => `  - { name: ${name}, tokenSha256: ${sha256(token)} }`);
  await writeFile(file, `principals:\n${lines.join('\n')}\n`);
  world = new RegistryWorld({ TOKENS_FILE: file });
  await world.start();
  database = await testCluster.createDatabase('training');
}, 120_000);
afterAll(async () => {
  await training?.stop();
  await database?.drop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function headrace(args: readonly string[], env: NodeJS.ProcessEnv) {
  const cli = join(repositoryRoot, 'apps/cli/dist/main.js');
  const child = spawn(process.execPath, [cli, '--gateway', world.url, ...args], { env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

async function makers(model: string): Promise<string[]> {
  const { body } = await world.call('GET', `/api/headrace/v1/audit?model=${model}&action=version.created`);
  return body.changes.map((change: { principal: string }) => change.principal);
}

describe('with a token file', () => {
  it('the command changes the registry as whom its token names, whichever variable brings it', async () => {
    const model = uniqueName('model');
    const register = ['register', '--model', model, '--onnx', onnx];
    const refused = await headrace(register, {});
    expect(refused).toMatchObject({
      code: 1,
      said: expect.stringContaining('send a Bearer token or Basic credentials'),
    });
    expect((await headrace(register, { HEADRACE_TOKEN: 'guess' })).code).toBe(1);
    for (const env of [
      { HEADRACE_TOKEN: TOKENS.ada },
      { MLFLOW_TRACKING_TOKEN: TOKENS.ada },
      { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: TOKENS.ada },
    ]) {
      const done = await headrace(register, env);
      expect(done).toMatchObject({ code: 0 });
      expect(done.said).not.toContain(TOKENS.ada);
    }
    expect(await makers(model)).toEqual(['ada', 'ada', 'ada']);
  }, 120_000);

  it('training registers its versions as whom its token names, and never writes the token down', async () => {
    const at = flights(uniqueName('first'), { bootstrapAfterMs: 10 * day });
    const model = at.spec.model.name;
    await world.log.provision([at.features, at.labels]);
    const events: OutgoingEvent[] = [deploymentChanged(at, null), ...traffic(at, 12, 60)];
    await world.log.publish(events);
    try {
      training = await testCluster.startService('training', {
        GATEWAY_URL: world.url,
        SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
        DATABASE_URL: database.url,
        HEADRACE_TOKEN: TOKENS.trainer,
        LOG_LEVEL: 'trace',
        TRAINING_POLL_MS: '100',
        TRAINING_BOOTSTRAP_POLL_MS: '200',
      });
      const made = await waitFor(async () => (await makers(model)).length > 0 && makers(model), {
        what: 'a first version',
        timeoutMs: 120_000,
      });
      expect(made).toEqual(['trainer']);
      expect(training.logTail()).not.toContain(TOKENS.trainer);
      expect(world.registry.logTail()).not.toContain(TOKENS.trainer);
    } finally {
      await world.log.publish([{ ...deploymentChanged(at, null), value: null }]);
    }
  }, 180_000);
});
