import { needing, testPython, uniqueName, waitFor } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onnxFile } from './onnx-file.js';
import { RegistryWorld } from './registry-world.js';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'mlflow_client.py');
const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

describe("MLflow's own Python client, behind one address", () => {
  needing(it, 'python')(
    'tracks, registers and promotes, and its alias deploys',
    async () => {
      const { model, deployment } = world;
      const onnx = onnxFile(uniqueName('model'));
      const sha256 = createHash('sha256').update(onnx).digest('hex');
      const folder = await mkdtemp(join(tmpdir(), 'headrace-onnx-'));
      const path = join(folder, 'model.onnx');
      await writeFile(path, onnx);
      await world.apply();
      const { stdout } = await run(testPython(), [SCRIPT, world.url, model, path]).finally(() =>
        rm(folder, { recursive: true }),
      );
      const { runId, ...seen } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
      expect(seen).toEqual({
        experimentAgain: 'RESOURCE_ALREADY_EXISTS',
        paramAgain: 'INVALID_PARAMETER_VALUE',
        params: { depth: '3', trainer: 'mlp' },
        auc: 0.67,
        verdict: 'good',
        history: [0.61, 0.67],
        artifacts: ['model/model.onnx'],
        good: ['third', 'first'],
        deep: ['first'],
        experiments: [`experiment of ${model}`],
        modelAgain: 'RESOURCE_ALREADY_EXISTS',
        versions: ['1', '2'],
        otherRun: 'INVALID_PARAMETER_VALUE',
        localFile: 'INVALID_PARAMETER_VALUE',
        reserved: 'INVALID_PARAMETER_VALUE',
        champion: ['1', runId, 'the first', 'yes'],
        aliases: { champion: '1' },
        found: [1, 2],
        models: [model],
        downloaded: sha256,
        noAlias: 'INVALID_PARAMETER_VALUE',
        copied: ['1', `models:/${model}/1`, 'yes'],
        stages: { Archived: '1', Production: '2' },
        renamed: 'RESOURCE_DOES_NOT_EXIST',
        alongWithIt: true,
        left: ['1'],
      });
      const deployed = await waitFor(async () => (await world.deploymentEvents()).at(1), {
        what: 'the deployment event',
      });
      expect(deployed).toMatchObject({
        name: deployment,
        model: { version: 1, runId, sha256 },
      });
    },
    180_000,
  );
});
