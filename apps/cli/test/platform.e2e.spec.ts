import { needing, repositoryRoot, startTimeOf, testPython, waitFor, type Child } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkDashboards } from '../../../deploy/grafana/src/check-dashboards.js';
import { getDeployment } from '../src/gateway/deployments.js';
import { GatewayClient } from '../src/gateway/gateway-client.js';
import { serviceNames } from '../src/supervisor/services.js';
import {
  expectComparison,
  expectEveryRecordAnsweredOnce,
  expectLineageVerified,
  expectLoopClosed,
  type DemoSummary,
} from './demo-summary.js';
import { readmeCommands } from './readme-commands.js';
import { ReadmeShell } from './readme-shell.js';
import { TestHome, type Supervisor } from './test-home.js';

// One platform, started as `npm start` starts it, plays the demo; meanwhile and afterwards it is used as the README says.
// The tests are its story and build on each other, in this order.
const demoMs = 420_000;
const run = promisify(execFile);

let home: TestHome;
let platform: Supervisor;
let demo: { child: Child; said(): string };
let summaryFile: string;
let gateway: GatewayClient;
let shell: ReadmeShell;

beforeAll(async () => {
  home = await TestHome.create();
  platform = await home.up('--no-demo');
  await platform.ready();
  gateway = new GatewayClient(home.url('gateway'));
  shell = new ReadmeShell(home);
  summaryFile = join(home.path, 'summary.json');
  demo = await startDemo();
  await whileDemoRuns(async () => (await getDeployment(gateway, 'flight-delays')).status.model, 'a first model');
}, 300_000);
afterAll(() => home?.remove(), 120_000);

function startDemo() {
  const { brokers, path } = home;
  const url = home.url('gateway');
  const addresses = { KAFKA_BROKERS: brokers, GATEWAY_URL: url, SCHEMA_REGISTRY_URL: url };
  const entry = join(repositoryRoot, 'apps/demo/dist/main.js');
  const args = ['--once', '--json', summaryFile];
  return home.start('demo', entry, args, { ...addresses, DEMO_FOLDER: join(path, 'demo') });
}

/** Waits for what the demo brings about; fails with its last words when it ends before. */
async function whileDemoRuns<T>(condition: () => Promise<T>, what: string): Promise<void> {
  const ended = new AbortController();
  void demo.child.exited.then(() => ended.abort(new Error(`the demo ended; it said: ${demo.said()}`)));
  await waitFor(condition, { what, timeoutMs: demoMs, signal: ended.signal });
}

const json = (line: string) => JSON.parse(line) as Record<string, unknown>;
const lines = (text: string) => text.trim().split('\n');

describe('what README.md says', () => {
  it('shows three ways to join in', () => {
    const ways = ['With kcat', 'With kafkajs', 'With Python (Avro through the schema registry)'];
    expect(readmeCommands('Join in: send a record, read its prediction')).toEqual(ways.flatMap(readmeCommands));
  });

  needing(it, 'kcat')(
    'sends a record with kcat, reads its prediction, and finds a bad one in the dead letters',
    async () => {
      const [send, readPrediction, sendBad, readDeadLetters, ...more] = readmeCommands('With kcat');
      expect(more).toEqual([]);
      await shell.run(send!);
      const predictions = lines(await shell.runUntil(readPrediction!, '"deployment":"flight-delays"')).map(json);
      expect(predictions.map(({ recordId }) => recordId)).toContain('kcat-1');
      for (const { score } of predictions) expect(score).toEqual(expect.any(Number));
      await shell.run(sendBad!);
      const letters = lines(await shell.runUntil(readDeadLetters!, 'no record'));
      const reason = letters[letters.indexOf('no record') - 1];
      expect(reason).toMatch(/dlq_code=[A-Z_]+,dlq_message=.+,dlq_place=flights\.features\/\d+@\d+/);
    },
    240_000,
  );

  it('sends a record with kafkajs and reads its prediction', async () => {
    const [predict, ...more] = readmeCommands('With kafkajs');
    expect(more).toEqual([]);
    expect(await shell.run(predict!)).toMatch(
      /^kafkajs-[-0-9a-f]{36}: late with probability [01]\.\d{3} by flight-delays v\d+ \(run .+\)\n$/,
    );
  }, 120_000);

  needing(it, 'python')(
    'sends a record as Avro with Python and reads its prediction',
    async () => {
      const [predict, ...more] = readmeCommands('With Python (Avro through the schema registry)');
      expect(more).toEqual([]);
      expect(lines(await shell.run(predict!)).at(-1)).toMatch(
        /^python-[-0-9a-f]{36}: late with probability [01]\.\d{3} by flight-delays v\d+$/,
      );
    },
    120_000,
  );

  needing(it, 'prometheus')(
    'shows data in every panel of every dashboard once labels have been joined',
    async () => {
      const labelled = async () =>
        (await gateway.get<{ labelled: number }>('/api/headrace/v1/monitors/flight-delays')).labelled > 0;
      await whileDemoRuns(labelled, 'labels to be joined');
      const targets = serviceNames.map((service) => ({ service, url: home.url(service) }));
      const { queries, faults, down } = await checkDashboards({ targets });
      expect({ faults, down }).toEqual({ faults: [], down: [] });
      expect(queries).toBeGreaterThan(0);
    },
    240_000,
  );

  needing(it, 'kcat', 'python')(
    'trains a model of your own, registers and deploys it, and reads its answer',
    async () => {
      const [train, register, deploy, predict, takeAway, ...more] = readmeCommands('Your own model on your own topic');
      expect(more).toEqual([]);
      const trained = /probability (0\.\d+)/.exec(await shell.run(train!));
      await shell.run(register!);
      expect(await shell.run(deploy!)).toMatch(/^payment-risk +payment-risk@champion +v1 /m);
      const { recordId, score } = json(await shell.run(predict!));
      expect(recordId).toBe('p-1');
      expect(score).toBeCloseTo(Number(trained![1]), 5);
      expect(await shell.run(takeAway!)).toContain('name: payment-risk');
      expect(await shell.run('npx headrace get deployments')).not.toContain('payment-risk');
    },
    240_000,
  );
});

describe('the demo', () => {
  let summary: DemoSummary;
  beforeAll(async () => {
    const { code } = await demo.child.exited;
    if (code !== 0) throw new Error(`the demo ended with ${code}; it said: ${demo.said()}`);
    summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as DemoSummary;
  }, demoMs);

  it('closes the loop', () => expectLoopClosed(summary));
  it('answers every record once', () => expectEveryRecordAnsweredOnce(summary));
  it('compares the champion with the model that never retrains, week by week', () => expectComparison(summary));
  it('walks a prediction back to the data its model was trained on', () => expectLineageVerified(summary));

  it('leaves deployments that the headrace command shows', async () => {
    const { version } = summary.lineage!;
    const table = await shell.run('npx headrace get deployments');
    expect(table).toMatch(new RegExp(`^flight-delays +flight-delays@champion +v${version} `, 'm'));
    expect(table).toMatch(/^flight-delays-frozen +flight-delays v1 +v1 /m);
    const description = await shell.run('npx headrace describe deployment flight-delays');
    expect(description).toContain(`sha256: ${summary.lineage!.artifact.named}`);
    expect(description).toMatch(
      /^ {2}2001-\d\d-\d\d to 2001-\d\d-\d\d {2}[A-Z_]+ +\d+ of \d+ labelled {2}auc 0\.\d{4} /m,
    );
  }, 60_000);

  it("leaves the promoted version's run to whoever asks the MLflow API", async () => {
    const { version, runId } = summary.lineage!;
    const alias = await gateway.get<{ model_version: { version: string; run_id: string } }>(
      '/api/2.0/mlflow/registered-models/alias?name=flight-delays&alias=champion',
    );
    expect(alias.model_version).toMatchObject({ version: String(version), run_id: runId });
    const { run: found } = await gateway.get<{
      run: { info: { status: string }; data: { metrics: object[]; params: object[] } };
    }>(`/api/2.0/mlflow/runs/get?run_id=${runId}`);
    expect(found.info.status).toBe('FINISHED');
    expect(found.data.metrics.length).toBeGreaterThan(0);
    expect(found.data.params.length).toBeGreaterThan(0);
  });

  needing(it, 'python')(
    "leaves a champion that MLflow's own client downloads, byte for byte what the registry named",
    async () => {
      const script = join(import.meta.dirname, 'mlflow_champion.py');
      const { stdout } = await run(testPython(), [script, home.url('gateway'), 'flight-delays']);
      const { experiments, experimentId, sha256, ...seen } = json(lines(stdout).at(-1)!);
      const { version, runId, artifact } = summary.lineage!;
      expect(seen).toMatchObject({ version, runId, status: 'FINISHED' });
      expect(Object.keys(experiments as object)).toContain(experimentId);
      expect(sha256).toBe(artifact.named);
      expect(sha256).toBe((await getDeployment(gateway, 'flight-delays')).status.model?.sha256);
    },
    120_000,
  );
});

describe('SIGTERM', () => {
  it('ends everything with success', async () => {
    const children = home.children();
    expect(children.length).toBeGreaterThan(serviceNames.length);
    process.kill(platform.pid, 'SIGTERM');
    expect(await platform.exited).toEqual({ code: 0, signal: null });
    expect(children.filter(({ pid, startTime }) => startTimeOf(pid) === startTime)).toEqual([]);
    expect(readdirSync(join(home.path, 'run'))).toEqual([]);
  }, 120_000);
});
