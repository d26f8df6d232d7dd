import {
  topics,
  type GateDecided,
  type ReplayFinished,
  type ReplayRecords,
  type Topic,
  type TrainingFinished,
} from '@headrace/contracts';
import { testCluster, uniqueName, waitFor } from '@headrace/dev';
import { storedEventPublisher, InMemoryEventLog } from '@headrace/event-log';
import { createDatabase, migrate, outboxMigrations, OutboxRelay, type Database } from '@headrace/persistence';
import { silentLogger } from '@headrace/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildWorker, type WorkerSettings } from '../src/build-worker.js';
import { Timelines } from '../src/dataset/timelines.js';
import type { Job } from '../src/jobs/job.js';
import { jobForCommand } from '../src/jobs/job-for-command.js';
import type { JobTables } from '../src/jobs/job-tables.js';
import { JobStore } from '../src/jobs/job-store.js';
import type { TrainingWorker } from '../src/jobs/training-worker.js';

import type { ModelTraining } from '../src/model-training/model-training.js';
import { InMemoryTracking } from '../src/tracking/in-memory-tracking.js';
import { FakeStreaming } from './fake-streaming.js';
import { FixedModelTraining } from './fixed-model-training.js';
import { day, deploymentChanged, retrainModel, traffic, world, type World } from './flights.js';

const settings: WorkerSettings = {
  owner: 'worker',
  leaseMs: 30_000,
  pollMs: 20,
  replayTimeoutMs: 60_000,
  retry: { maxAttempts: 4, firstDelayMs: 1, maxDelayMs: 5 },
};
const windowEnd = 20 * day;

let database: Database<JobTables>;
let log: InMemoryEventLog;
let store: JobStore;
let tracking: InMemoryTracking;
let relay: OutboxRelay;
let workers: TrainingWorker[];

beforeEach(async () => {
  const schema = uniqueName('training').replaceAll('-', '_');
  database = createDatabase<JobTables>({ DATABASE_URL: testCluster.databaseUrl }, schema);
  await migrate(database.pool, schema, outboxMigrations, new URL('../migrations/', import.meta.url));
  log = new InMemoryEventLog();
  await log.provision(Object.values(topics));
  store = new JobStore(database);
  tracking = new InMemoryTracking();
  relay = new OutboxRelay(database, storedEventPublisher(log), silentLogger());
  relay.start();
  workers = [];
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await relay.stop();
  await database.pool.query(`drop schema ${database.schema} cascade`);
  await database.close();
  await log.close();
});

function startWorker(
  change: Partial<WorkerSettings> = {},
  training: ModelTraining = new FixedModelTraining(),
): TrainingWorker {
  const parts = {
    log,
    timelines: new Timelines(log),
    store,
    tracking,
    registry: tracking,
    training,
    onTrained: () => {},
  };
  const worker = buildWorker({ ...parts, logger: silentLogger() }, { ...settings, ...change });
  workers.push(worker);
  worker.start();
  return worker;
}

/** A deployment served by version 1, its traffic, and a retrain command's job. */
async function requested(name: string, onlyLabel?: boolean): Promise<{ at: World; job: Job }> {
  const at = world(name);
  await log.provision([at.features, at.labels]);
  await log.publish(traffic(at, 21, 60, onlyLabel));
  tracking.versions.push({ model: at.spec.model.name, runId: 'first' } as never);
  const outcome = jobForCommand(retrainModel(at, 1, windowEnd), deploymentChanged(at, 1).value!);
  await store.insert(outcome.job as Job);
  return { at, job: (await store.get(outcome.job.id))! };
}

const jobBecomes = (id: string, state: Job['state']) =>
  waitFor(async () => ((await store.get(id))?.state === state ? store.get(id) : undefined), {
    what: `job ${id} to be ${state}`,
  }) as Promise<Job>;

async function valuesOf<T>(topic: Topic<T>): Promise<T[]> {
  await waitFor(async () => (await database.pool.query('select 1 from outbox')).rowCount === 0, {
    what: 'the outbox to be empty',
  });
  const values: T[] = [];
  for await (const batch of log.read(topic, await log.offsets(topic)))
    values.push(...batch.records.map(({ value }) => value));
  return values;
}

/** Version 1 ranks the wrong way round; any other version is what training logged. */
async function answerReplays(at: World, job: Job): Promise<ReplayRecords[]> {
  await jobBecomes(job.id, 'WAITING');
  const trained = tracking.runs.find((run) => run.jobId === job.id)!.record!.onnx;
  const streaming = new FakeStreaming(log, at, () => trained);
  const commands = await valuesOf(topics.replayCommands);
  for (const command of commands) await streaming.replay(command);
  for (const result of await valuesOf(topics.replayResults)) await store.finishReplay(result);
  return commands;
}

const one = <T>(values: readonly T[]): T => {
  expect(values).toHaveLength(1);
  return values[0]!;
};

describe('a training job', () => {
  it('goes from the command to one registered version and one verdict on replayed traffic', async () => {
    const { at, job } = await requested('whole');
    startWorker();
    const commands = await answerReplays(at, job);
    const done = await jobBecomes(job.id, 'DONE');

    expect(done).toMatchObject({ step: 'GATE_DECIDED', version: 2, runId: 'run1', failure: null });
    expect(done.snapshot).toMatchObject({ rows: 18 * 60, fromTime: 0, toTime: 18 * day });
    const finished: TrainingFinished = one(await valuesOf(topics.trainingEvents));
    expect(finished).toMatchObject({
      jobId: job.id,
      commandId: job.commandId,
      status: 'REGISTERED',
      version: 2,
      runId: 'run1',
    });
    expect(finished.snapshot).toEqual(done.snapshot);

    // Nothing of the champion was recorded, so it was replayed too.
    expect(commands.map(({ replayId, version }) => [replayId, version])).toEqual([
      [job.id, 2],
      [`${job.id}:champion`, 1],
    ]);
    const verdict: GateDecided = one(await valuesOf(topics.gateVerdicts));
    expect(verdict).toMatchObject({
      verdictId: `gate:${job.id}`,
      championVersion: 1,
      candidateVersion: 2,
      alias: 'champion',
      passed: true,
      replayId: job.id,
    });
    // The labels of the holdout's last hour come after the window's end.
    expect(verdict.rows).toBeGreaterThan(110);
    expect(verdict.rows).toBeLessThan(120);
    expect(verdict.checks.map((check) => check.name)).toEqual(['rows', 'auc', 'log_loss', 'calibration_error']);
    expect(verdict.checks[1]!.candidate).toBeGreaterThan(0.8);
    expect(tracking.runs[0]).toMatchObject({ status: 'FINISHED', gate: 'passed' });
    expect(tracking.runs[0]!.metrics).toMatchObject({
      holdout_auc: verdict.checks[1]!.candidate,
      holdout_rows: verdict.rows,
    });
  });

  it("compares with the champion's recorded predictions when there are enough", async () => {
    const { at, job } = await requested('recorded');
    startWorker(
      {},
      afterwards(new FixedModelTraining(), async (onnx) => new FakeStreaming(log, at, () => onnx).live(1, 0)),
    );
    const commands = await answerReplays(at, job);
    expect(commands.map(({ replayId }) => replayId)).toEqual([job.id]);
    const verdict = (await jobBecomes(job.id, 'DONE')).verdict!;
    expect(verdict.checks[1]).toMatchObject({ name: 'auc', passed: true, champion: verdict.checks[1]!.candidate });
  });

  it('ends as FAILED, with the reason for all to see, on data of one class; the next job goes on', async () => {
    const { job } = await requested('oneclass', true);
    startWorker();
    const failed = await jobBecomes(job.id, 'FAILED');
    expect(failed.failure).toMatch(/All 1080 rows have the label 1/);
    expect(one(await valuesOf(topics.trainingEvents))).toMatchObject({
      status: 'FAILED',
      reason: failed.failure,
      version: null,
    });
    expect(one(tracking.runs)).toMatchObject({ status: 'FAILED', reason: failed.failure });
    const next = await requested('next');
    await jobBecomes(next.job.id, 'WAITING');
  });

  it('survives passing outages with one run and one version, and gives up after a bounded number', async () => {
    const { job } = await requested('outages');
    tracking.outages = 3;
    startWorker();
    await jobBecomes(job.id, 'WAITING');
    expect(tracking.runs).toHaveLength(1);
    expect(tracking.versions).toHaveLength(2);
    tracking.outages = 1000;
    const other = await requested('gone');
    expect((await jobBecomes(other.job.id, 'FAILED')).failure).toBe('tracking is away');
  });

  it('fails when its replay fails, and when it does not come back in time', async () => {
    const { job } = await requested('refused');
    startWorker();
    await jobBecomes(job.id, 'WAITING');
    for (const { replayId, model, version, outputTopic } of await valuesOf(topics.replayCommands)) {
      const failed: ReplayFinished = {
        replayId,
        status: 'FAILED',
        reason: 'no such model',
        model,
        version,
        outputTopic,
        outputRanges: [],
        scored: 0,
      };
      await store.finishReplay(failed);
    }
    expect((await jobBecomes(job.id, 'FAILED')).failure).toBe(`Replay ${job.id} failed: no such model`);
    const events = await valuesOf(topics.trainingEvents);
    expect(events.map(({ status, version }) => [status, version])).toEqual([
      ['REGISTERED', 2],
      ['FAILED', 2],
    ]);

    await Promise.all(workers.map((worker) => worker.stop()));
    const late = await requested('late');
    startWorker({ replayTimeoutMs: 50 });
    expect((await jobBecomes(late.job.id, 'FAILED')).failure).toMatch(
      /No ReplayFinished came in time .* does streaming run/,
    );
    expect(await valuesOf(topics.gateVerdicts)).toEqual([]);
  });
});

describe('a lease', () => {
  it('is passed on when its worker is silent; the stale worker can write nothing any more', async () => {
    const { job } = await requested('stale');
    const stale = (await store.claim('stale', 1))!;
    const owner = await waitFor(() => store.claim('new', 30_000), { what: 'the lease to run out' });
    expect([stale.token, owner.token]).toEqual([1, 2]);
    const advance = {
      step: 'SNAPSHOT_TAKEN',
      results: { sha256: 'stale' },
      events: [{ topic: topics.trainingEvents, key: 'x', value: null }],
    } as const;
    await expect(store.advance(stale, advance)).rejects.toMatchObject({ code: 'FENCED' });
    await store.release(stale, 0, true);
    expect(await store.renew(stale, 30_000)).toBe(false);
    expect(await store.get(job.id)).toMatchObject({ owner: 'new', step: 'REQUESTED', sha256: null, state: 'RUNNING' });
    expect(await valuesOf(topics.trainingEvents)).toEqual([]);
    expect((await store.advance(owner, { step: 'SNAPSHOT_TAKEN' })).step).toBe('SNAPSHOT_TAKEN');
  });

  it('lets one worker in, of many that want', async () => {
    await requested('many');
    const claims = await Promise.all(Array.from({ length: 8 }, (_, at) => store.claim(`w${at}`, 30_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('a worker that takes over begins at the step that was reached, with the same rows', async () => {
    const { at, job } = await requested('resumed');
    startWorker({}, hanging());
    await waitFor(async () => (await store.get(job.id))?.step === 'SNAPSHOT_TAKEN', { what: 'the snapshot' });
    const { snapshot } = (await store.get(job.id))!;
    await log.publish(traffic(at, 1, 50));
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(await store.get(job.id)).toMatchObject({
      state: 'QUEUED',
      step: 'SNAPSHOT_TAKEN',
      owner: null,
      attempts: 0,
    });
    startWorker();
    expect((await jobBecomes(job.id, 'WAITING')).snapshot).toEqual(snapshot);
    expect(tracking.runs[0]!.record!.metrics['rows']).toBe(snapshot!.rows);
  });

  it('a step that kills its worker each time is given up', async () => {
    const { job } = await requested('deadly');
    for (let attempt = 1; attempt <= settings.retry.maxAttempts; attempt++) {
      await waitFor(() => store.claim(`dies${attempt}`, 1), { what: 'the lease to run out' });
    }
    startWorker();
    expect((await jobBecomes(job.id, 'FAILED')).failure).toBe('4 workers ended while they did what follows REQUESTED');
  });
});

describe('a command', () => {
  it('that comes twice makes one job', async () => {
    const { job } = await requested('twice');
    expect(await store.insert(job)).toBe(false);
    expect(await store.list({ limit: 10 })).toHaveLength(1);
  });
});

/** A training that ends only when it is told to. */
function hanging(): ModelTraining {
  return {
    train: (_order, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  };
}

function afterwards(training: ModelTraining, then: (onnx: Uint8Array) => Promise<void>): ModelTraining {
  return {
    async train(order, signal) {
      const outcome = await training.train(order, signal);
      await then(outcome.onnx);
      return outcome;
    },
  };
}
