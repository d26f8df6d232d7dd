import { freePort, needing, repositoryRoot, testPython, waitFor, type Service } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RegistryWorld } from '../../../services/registry/test/registry-world.js';

const run = promisify(execFile);
const RUNS = 20;
/** With their parent and one in the default experiment. */
const ALL_RUNS = RUNS + 2;
/** The first run's long history, the others' short ones, three more points each, and two of the parent. */
const POINTS = 1700 + (RUNS - 1) * 12 + 3 * RUNS + 2;
const script = (name: string) => join(import.meta.dirname, name);
const cli = join(repositoryRoot, 'apps/cli/dist/main.js');
const onnx = join(repositoryRoot, 'libs/dev/fixtures/logistic-v1.onnx');

const world = new RegistryWorld();
let gateway: Service;
let folder = '';
let mlflow: ChildProcess;
let from = '';

beforeAll(async () => {
  await world.start();
  gateway = await world.startGateway();
  folder = await mkdtemp(join(tmpdir(), 'headrace-mlflow-'));
}, 120_000);
afterAll(async () => {
  if (mlflow?.pid !== undefined && mlflow.exitCode === null) {
    // The server's workers are of its process group.
    process.kill(-mlflow.pid, 'SIGKILL');
    await once(mlflow, 'exit');
  }
  await gateway?.stop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function startMlflow(): Promise<void> {
  const port = await freePort();
  from = `http://127.0.0.1:${port}`;
  const store = `sqlite:///${join(folder, 'mlflow.db')}`;
  const where = ['--backend-store-uri', store, '--artifacts-destination', join(folder, 'artifacts')];
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...where];
  mlflow = spawn(testPython(), args, { cwd: folder, stdio: 'ignore', detached: true });
  const isUp = async () => (await fetch(`${from}/health`)).ok;
  await waitFor(isUp, { what: 'mlflow server', timeoutMs: 120_000 });
}

function startImport(): { child: ChildProcess; said(): string } {
  const child = spawn(process.execPath, [cli, 'import', 'mlflow', '--from', from, '--to', gateway.url]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text };
}

async function importAll(): Promise<{ code: number | null; said: string }> {
  const { child, said } = startImport();
  await once(child, 'close');
  return { code: child.exitCode, said: said() };
}

/** Ends it the hard way as soon as it has said so much. */
async function importKilledAfter(words: RegExp): Promise<void> {
  const { child, said } = startImport();
  const ended = once(child, 'close');
  await waitFor(async () => words.test(said()) || child.exitCode !== null, {
    what: `the import to say ${words}`,
    timeoutMs: 120_000,
    pollMs: 5,
  });
  expect(said()).toMatch(words);
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
}

async function snapshot(url: string): Promise<unknown> {
  const options = { maxBuffer: 2 ** 26 };
  const { stdout } = await run(testPython(), [script('mlflow_snapshot.py'), url], options);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

describe('headrace import mlflow', () => {
  needing(it, 'python')(
    'killed three times and begun again, brings everything of a real server once',
    async () => {
      await startMlflow();
      await run(testPython(), [script('mlflow_fill.py'), from, String(RUNS), onnx]);
      await importKilledAfter(/^runs .* \(1\d %\)/m);
      await importKilledAfter(/^runs .* \([4-6]\d %\)/m);
      await importKilledAfter(/^models .* \([3-6]\d %\)/m);
      const { code, said } = await importAll();
      expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/everything is here\n$/) });
      const counted = (kind: string) => new RegExp(`^${kind} +(\\d+) +(\\d+)$`, 'm').exec(said)?.slice(1).map(Number);
      expect(counted('runs')).toEqual([ALL_RUNS, ALL_RUNS]);
      expect(counted('metric points')).toEqual([POINTS, POINTS]);
      expect(counted('versions')).toEqual([6, 6]);
      expect(counted('files')).toEqual([RUNS + 2, RUNS + 2]);
      const [there, here] = [await snapshot(from), await snapshot(gateway.url)];
      expect(here).toEqual(there);

      // The registry goes on where the other one was: numbers that were left out there stay out here.
      const { body } = await world.mlflow('GET', 'registered-models/get?name=churn');
      const next = await world.createVersion('churn');
      expect({ next, aliases: body.registered_model.aliases.length }).toEqual({ next: 7, aliases: 2 });
    },
    600_000,
  );

  needing(it, 'python')(
    'ends with 1 and says what differs when something is there twice or cannot be copied',
    async () => {
      await world.mlflow('POST', 'runs/set-tag', { run_id: await oneRun(), key: 'more', value: 'here alone' });
      const { code, said } = await importAll();
      expect(code).toBe(1);
      expect(said).toMatch(/not everything is here:\n {2}.*[0-9a-f]{32}: \d+ tags there and \d+ here/);
    },
    300_000,
  );

  it('names who does not answer', async () => {
    from = `http://127.0.0.1:${await freePort()}`;
    const { code, said } = await importAll();
    expect(code).toBe(1);
    expect(said).toContain(`no MLflow server at ${from}`);
  }, 60_000);
});

async function oneRun(): Promise<string> {
  const { body } = await world.mlflow('POST', 'runs/search', { experiment_ids: ['0'], max_results: 1 });
  return body.runs[0].info.run_id;
}
