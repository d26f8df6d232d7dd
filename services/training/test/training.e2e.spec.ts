import { topics, type ReplayRecords, type Topic } from '@headrace/contracts';
import { testCluster, uniqueName, waitFor, type Service } from '@headrace/dev';
import { KafkaEventLog, type OutgoingEvent } from '@headrace/event-log';
import { kafkaConfig, loadConfig, Metrics, silentLogger } from '@headrace/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import type { JobView } from '../src/http/job-view.js';
import { FakeMlflow } from './fake-mlflow.js';
import { FakeStreaming } from './fake-streaming.js';
import { day, deploymentChanged, retrainModel, traffic, world, type World } from './flights.js';

const mlflow = new FakeMlflow();
const log = new KafkaEventLog({
  source: 'training-test',
  config: loadConfig(kafkaConfig),
  logger: silentLogger(),
  metrics: new Metrics(),
  onFatal: (error) => {
    throw error;
  },
});
let database: { url: string; drop(): Promise<void> };
let env: NodeJS.ProcessEnv;
let service: Service;

beforeAll(async () => {
  database = await testCluster.createDatabase('training');
  await log.provision(Object.values(topics));
  env = {
    GATEWAY_URL: await mlflow.start(),
    SCHEMA_REGISTRY_URL: testCluster.schemaRegistryUrl,
    DATABASE_URL: database.url,
    TRAINING_LEASE_MS: '2000',
    TRAINING_POLL_MS: '100',
    TRAINING_BOOTSTRAP_POLL_MS: '200',
  };
});

const applied: World[] = [];

/** The topic outlives the suite: a deployment that stays would be trained again, by whoever reads it next. */
afterEach(async () => {
  await service?.stop();
  const removals = applied.splice(0).map((at) => ({ ...deploymentChanged(at, null), value: null }));
  await log.publish(removals);
});

function apply(at: World, version: number | null): OutgoingEvent {
  applied.push(at);
  return deploymentChanged(at, version);
}

afterAll(async () => {
  await log.close();
  await mlflow.stop();
  await database.drop();
});

/** In requests below the broker's message.max.bytes. */
async function publish(events: OutgoingEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += 2000) await log.publish(events.slice(from, from + 2000));
}

const start = async (): Promise<void> => void (service = await testCluster.startService('training', env));

async function jobOf(id: string): Promise<JobView | undefined> {
  const response = await fetch(`${service.url}/api/headrace/v1/training/jobs/${encodeURIComponent(id)}`);
  return response.ok ? ((await response.json()) as JobView) : undefined;
}

const jobIs = (id: string, want: Partial<JobView>): Promise<JobView> =>
  waitFor(
    async () => {
      const job = await jobOf(id);
      if (job?.state === 'FAILED') return job;
      const entries = Object.entries(want) as Array<[keyof JobView, unknown]>;
      return entries.every(([name, value]) => job?.[name] === value) ? job : undefined;
    },
    { what: `job ${id} to be ${JSON.stringify(want)}\n${service.logTail()}`, timeoutMs: 60_000 },
  ) as Promise<JobView>;

async function valuesOf<T>(topic: Topic<T>, isWanted: (value: T) => boolean): Promise<T[]> {
  const values: T[] = [];
  for await (const batch of log.read(topic, await log.offsets(topic)))
    values.push(...batch.records.map(({ value }) => value));
  return values.filter(isWanted);
}

const atLeastOne = <T>(topic: Topic<T>, isWanted: (value: T) => boolean): Promise<T[]> =>
  waitFor(
    async () => {
      const values = await valuesOf(topic, isWanted);
      return values.length > 0 ? values : undefined;
    },
    { what: `an event on ${topic.name}` },
  );

const replayCommandsOf = (jobId: string): Promise<ReplayRecords[]> =>
  atLeastOne(topics.replayCommands, ({ requestedBy }) => requestedBy === `training:${jobId}`);

/** Both versions answer with the file that was logged last. */
async function replay(at: World, commands: readonly ReplayRecords[]): Promise<void> {
  const streaming = new FakeStreaming(log, at, () => [...mlflow.artifacts.values()].at(-1)!);
  for (const command of commands) await streaming.replay(command);
}

async function childrenOf(pid: number): Promise<number[]> {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

describe('the training service', () => {
  it('killed in training, while registering and while waiting, ends with one version and one verdict', async () => {
    const at = world(uniqueName('killed'), { trainer: 'mlp' });
    const command = retrainModel(at, 1, 20 * day);
    mlflow.versions.push({ name: at.spec.model.name, version: '1', source: '', run_id: 'first', tags: [] });
    await log.provision([at.features, at.labels]);
    await publish(traffic(at, 21, 400));
    await log.publish([
      deploymentChanged(at, 1),
      { topic: topics.retrainCommands, key: at.deployment, value: command },
    ]);

    await start();
    const taken = await jobIs(command.commandId, { step: 'SNAPSHOT_TAKEN' });
    const [trainer] = await waitFor(async () => nonEmpty(await childrenOf(service.pid)), {
      what: 'a training process',
    });
    await service.kill();
    await waitFor(() => !existsSync(`/proc/${trainer}`), { what: 'the orphaned training process to end' });
    expect(mlflow.runs).toHaveLength(0);

    mlflow.silentRoute = 'POST model-versions/create';
    await start();
    const versions = () => mlflow.versions.filter(({ name }) => name === at.spec.model.name).length;
    await waitFor(() => versions() === 2, { what: 'the version to be registered', timeoutMs: 60_000 });
    expect((await jobOf(command.commandId))!.step).toBe('RUN_LOGGED');
    await service.kill();
    mlflow.silentRoute = undefined;

    await start();
    const waiting = await jobIs(command.commandId, { state: 'WAITING' });
    expect(waiting.snapshot).toEqual(taken.snapshot);
    const commands = await replayCommandsOf(command.commandId);
    await service.kill();
    expect(commands.map(({ version }) => version)).toEqual([2, 1]);
    await replay(at, commands);

    await start();
    const done = await jobIs(command.commandId, { state: 'DONE' });
    expect(done).toMatchObject({ step: 'GATE_DECIDED', version: 2, championVersion: 1, snapshot: { rows: 18 * 400 } });
    const isOurs = ({ jobId }: { jobId: string }) => jobId === command.commandId;
    const verdicts = await atLeastOne(topics.gateVerdicts, isOurs);
    expect(verdicts).toEqual([done.verdict]);

    // The command once more, and a second one behind it that shows that it has been read.
    const second = { ...command, commandId: `${command.commandId}-later`, deployment: 'nowhere' };
    const again = [command, second].map((value) => ({ topic: topics.retrainCommands, key: 'k', value }));
    await log.publish(again);
    expect((await jobIs(second.commandId, { state: 'FAILED' })).failure).toBe('There is no deployment nowhere');
    expect(await valuesOf(topics.gateVerdicts, isOurs)).toHaveLength(1);
    expect(await valuesOf(topics.trainingEvents, isOurs)).toMatchObject([{ status: 'REGISTERED', version: 2 }]);
    expect(versions()).toBe(2);
    expect(mlflow.runs.filter((run) => run.tags.get('headrace.job_id') === command.commandId)).toHaveLength(1);
  }, 180_000);

  it('trains a first model as soon as labels have come far enough, and gives its verdict without a champion', async () => {
    const at = world(uniqueName('first'), { bootstrapAfterMs: 10 * day });
    const jobId = `bootstrap:${at.deployment}`;
    await log.provision([at.features, at.labels]);
    const events = traffic(at, 12, 60);
    const early = events.filter((event) => Number(JSON.parse(String(event.value)).at) < 9 * day);
    await publish([apply(at, null), ...early]);
    await start();
    await publish(events.filter((event) => !early.includes(event)));
    expect(await jobIs(jobId, { state: 'WAITING' })).toMatchObject({
      windowEnd: 10 * day,
      commandId: null,
      snapshot: { rows: 8 * 60 },
    });
    await replay(at, await replayCommandsOf(jobId));
    const { verdict } = await jobIs(jobId, { state: 'DONE' });
    expect(verdict).toMatchObject({ championVersion: null, candidateVersion: 1, passed: true });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/headrace_training_jobs\{state="DONE"\} [1-9]/);
    expect(metrics).toMatch(/headrace_training_seconds_count\{trainer="logistic"\} [1-9]/);
    const list = await fetch(`${service.url}/api/headrace/v1/training/jobs?deployment=${at.deployment}&limit=5`);
    expect(await list.json()).toMatchObject({ jobs: [{ id: jobId, state: 'DONE' }] });
    const wrong = await fetch(`${service.url}/api/headrace/v1/training/jobs?limit=0`);
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
  }, 120_000);

  it('gives its job back when it is asked to end', async () => {
    const at = world(uniqueName('stopped'), { trainer: 'mlp' });
    const command = retrainModel(at, 1, 20 * day);
    await log.provision([at.features, at.labels]);
    await publish(traffic(at, 21, 400));
    await log.publish([
      deploymentChanged(at, 1),
      { topic: topics.retrainCommands, key: at.deployment, value: command },
    ]);
    env = { ...env, TRAINING_LEASE_MS: '600000' };
    await start();
    await jobIs(command.commandId, { step: 'SNAPSHOT_TAKEN' });
    expect(await service.stop()).toMatchObject({ code: 0 });
    await start();
    // The lease of ten minutes was released, or this would time out.
    await jobIs(command.commandId, { state: 'WAITING' });
  }, 120_000);
});

function nonEmpty<T>(values: T[]): [T, ...T[]] | undefined {
  return values.length > 0 ? (values as [T, ...T[]]) : undefined;
}
