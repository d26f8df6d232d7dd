import { topics, type PredictionMade, type Topic } from '@headrace/contracts';
import { needing, testCluster, testPython, uniqueName, waitFor, type Service } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RegistryWorld } from './registry-world.js';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'mlflow_champion.py');
const world = new RegistryWorld();
const input: Topic<Uint8Array> = { ...topics.deadLetters, name: uniqueName('features'), partitions: 2 };
const output = { ...topics.predictions, name: uniqueName('predictions'), partitions: 2 };
let folder = '';
let gateway: Service;
let streaming: Service;

beforeAll(async () => {
  await world.start();
  folder = await mkdtemp(join(tmpdir(), 'headrace-champion-'));
  await world.log.provision([input, output]);
  gateway = await world.startGateway();
  streaming = await testCluster.startService(
    'streaming',
    {
      GATEWAY_URL: gateway.url,
      SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
      STREAMING_WORKERS: '1',
      MODEL_CACHE_DIR: join(folder, 'models'),
      STREAMING_STATE_DIR: join(folder, 'state'),
    },
    120_000,
  );
}, 240_000);
afterAll(async () => {
  await streaming?.stop();
  await gateway?.stop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

interface Script {
  readonly records: ReadonlyArray<{ readonly id: string }>;
  readonly seen: ReadonlyArray<{
    readonly version: number;
    readonly runId: string;
    readonly files: number;
    readonly scores: number[];
  }>;
}

async function predictions(): Promise<PredictionMade[]> {
  const found: PredictionMade[] = [];
  for await (const { records } of world.log.read(output, await world.log.offsets(output.name)))
    found.push(...records.map(({ value }) => value));
  return found;
}

describe("MLflow's unmodified client, through the gateway's one base URL", () => {
  needing(it, 'python')(
    'autologs scikit-learn, logs and registers ONNX, sets @champion: the version answers the records of a topic',
    async () => {
      const { model, deployment } = world;
      const features = ['hour', 'distance', 'delay'];
      const spec = { input: { topic: input.name, recordId: 'id', features }, output: { topic: output.name } };
      expect((await world.apply(spec)).body.status).toMatchObject({ phase: 'waiting', model: null });

      const args = [SCRIPT, gateway.url, uniqueName('experiment'), model, '2'];
      const { stdout } = await run(testPython(), args);
      const { records, seen } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Script;
      const usual = { status: 'FINISHED', autologged: true, datasets: 2, models: 2 };
      expect(seen).toMatchObject([
        { ...usual, version: 1, regularisation: '0.1', champion: seen[0]!.runId },
        { ...usual, version: 2, regularisation: '0.01', champion: seen[1]!.runId },
      ]);
      expect(seen[1]!.files).toBe(seen[0]!.files + 1);
      const status = async () => (await world.call('GET', `/api/headrace/v1/deployments/${deployment}`)).body.status;
      expect(await status()).toMatchObject({ phase: 'resolved', model: { version: 2, runId: seen[1]!.runId } });

      const values = records.map((record) => Buffer.from(JSON.stringify(record)));
      await world.log.publish(values.map((value) => ({ topic: input, key: null, value })));
      const answered = await waitFor(
        async () => {
          const found = await predictions();
          return found.length >= records.length && found;
        },
        { what: 'a prediction of every record', timeoutMs: 120_000 },
      );
      expect(answered.map(({ recordId }) => recordId).sort()).toEqual(records.map(({ id }) => id).sort());
      for (const { recordId, score, ...prediction } of answered) {
        expect(prediction).toMatchObject({ deployment, model, version: 2, runId: seen[1]!.runId });
        const at = records.findIndex(({ id }) => id === recordId);
        expect(score).toBeCloseTo(seen[1]!.scores[at]!, 5);
        expect(seen[1]!.scores[at]).not.toBeCloseTo(seen[0]!.scores[at]!, 5);
      }
    },
    240_000,
  );
});
