import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { topics, type DeploymentSpec, type ModelQuarantined, type ResolvedModel } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { InMemoryEventLog } from '@headrace/event-log';
import { InMemoryModelRuntime, InMemoryModelStore } from '@headrace/model-runtime';
import { quarantineKey } from '@headrace/model-runtime/quarantine';
import { HeadraceError, Metrics, silentLogger } from '@headrace/service-kit';
import { InMemoryCallJournal } from '../journal/call-journal.js';
import { ModelCalls } from '../journal/guarded-model.js';
import { isolationOf } from '../pool/merge-states.js';
import { Quarantines } from '../quarantine/quarantines.js';
import { streamingMetrics } from '../streaming-metrics.js';
import { AppliedGenerations } from './applied-generations.js';
import { DeploymentManager } from './deployment-manager.js';

let eventLog: InMemoryEventLog;
let manager: DeploymentManager;
let journal: InMemoryCallJournal;
const store = new InMemoryModelStore();
const models = [1, 2, 3].map((n) => store.put('m', n, InMemoryModelRuntime.bytesOf({ weights: [n], bias: 0 })));
const version = (n: number): ResolvedModel => models[n - 1]!;
/** Versions that fail their probe. */
const refused = new Set<number>();

const deploy = (name: string, generation: number, model: ResolvedModel, change: Partial<DeploymentSpec> = {}) => {
  const spec = {
    model: { name: 'm', alias: 'a' },
    input: { topic: 'in', features: ['x'] },
    output: { topic: 'out' },
    ...change,
  };
  const value = { name, generation, model, spec: JSON.stringify(spec), cause: 'test', changedAt: 0 };
  return eventLog.publish([{ topic: topics.deployments, key: name, value }]);
};
const quarantine = (n: number, lift = false) => {
  const value: ModelQuarantined = {
    model: 'm',
    version: n,
    sha256: version(n).sha256,
    deployment: 'd',
    reason: 'HANGS',
    evidence: 'it hung',
    quarantinedAt: 0,
  };
  return eventLog.publish([{ topic: topics.quarantines, key: quarantineKey('m', n), value: lift ? null : value }]);
};
const state = (name: string) => manager.states().find((each) => each.name === name);
const runs = (name: string, n?: number) =>
  waitFor(() => state(name)?.state === 'running' && (n === undefined || state(name)?.version === n), {
    what: `${name} to run`,
  });
const answered = async () => {
  const found: number[] = [];
  for await (const { records } of eventLog.read({ ...topics.predictions, name: 'out' }, await eventLog.offsets('out')))
    found.push(...records.map(({ value }) => value.version));
  return found;
};
const score = async (count: number) => {
  await eventLog.produce('in', { value: { x: 1 } });
  await waitFor(async () => (await answered()).length >= count, { what: `${count} predictions` });
};

beforeEach(async () => {
  refused.clear();
  eventLog = new InMemoryEventLog();
  await eventLog.provision(Object.values(topics));
  for (const name of ['in', 'out']) eventLog.create(name);
  const quarantines = await Quarantines.follow(eventLog);
  journal = new InMemoryCallJournal();
  manager = new DeploymentManager({
    eventLog,
    store,
    runtime: new InMemoryModelRuntime(),
    applied: new AppliedGenerations(),
    metrics: streamingMetrics(new Metrics()),
    logger: silentLogger(),
    quarantines,
    calls: new ModelCalls(journal, quarantines),
    catalogue: { resolve: async (_model, n) => version(n) },
    probe: {
      check: async (model) => {
        if (refused.has(model.version)) throw new HeadraceError('MODEL_CRASHED', 'it crashed in its probe');
      },
    },
    runsHere: (changed) => isolationOf(changed) === 'shared',
  });
  await manager.start();
});

afterEach(async () => {
  await manager.stop();
  await eventLog.close();
});

it('an older generation that an outbox repeats changes nothing', async () => {
  await deploy('d', 2, version(2));
  await runs('d');
  await deploy('d', 1, version(1));
  // Comes later and takes more steps, so by then the repeated one has been dealt with.
  await deploy('later', 1, version(1));
  await runs('later');
  expect(state('d')).toMatchObject({ state: 'running', version: 2 });
});

it('a version that fails its probe changes nothing', async () => {
  await deploy('d', 1, version(1));
  await runs('d');
  refused.add(2);
  await deploy('d', 2, version(2));
  await waitFor(() => state('d')?.state === 'failing', { what: 'version 2 to be refused' });
  expect(state('d')).toMatchObject({ version: 1, reason: 'it crashed in its probe', answersInstead: { version: 1 } });
});

it('a quarantined version is answered for by the last good one until the quarantine is lifted', async () => {
  await deploy('d', 1, version(1));
  await runs('d');
  await score(1);
  await deploy('d', 2, version(2));
  await runs('d', 2);
  await score(2);
  await quarantine(2);
  await waitFor(() => state('d')?.answersInstead, { what: 'another version to answer' });
  expect(state('d')).toMatchObject({ state: 'failing', version: 1, answersInstead: { model: 'm', version: 1 } });
  expect(state('d')?.reason).toContain('it hung');
  await score(3);
  await quarantine(2, true);
  await runs('d', 2);
  expect(state('d')?.answersInstead).toBeNull();
  await score(4);
  expect(await answered()).toEqual([1, 2, 1, 2]);
  expect(journal.calls.map((call) => call.version)).toEqual([1, 2, 1, 2]);
});

it('without any good version a deployment stands still, says so, and loses nothing', async () => {
  await quarantine(2);
  await deploy('d', 1, version(2));
  await waitFor(() => state('d')?.state === 'failing', { what: 'version 2 to be refused' });
  expect(state('d')).toMatchObject({ version: null, answersInstead: null });
  await eventLog.produce('in', { value: { x: 1 } });
  await quarantine(2, true);
  await runs('d', 2);
  await waitFor(async () => (await answered()).length === 1, { what: 'the waiting record' });
});

it('the file of a quarantined version is not run under another number either', async () => {
  await deploy('d', 1, version(1));
  await runs('d');
  await quarantine(2);
  await deploy('d', 2, { ...version(2), version: 3 });
  await waitFor(() => state('d')?.state === 'failing', { what: 'version 3 to be refused' });
  expect(state('d')).toMatchObject({ version: 1 });
});

it('a deployment that gets workers of its own leaves this one', async () => {
  await deploy('d', 1, version(1));
  await runs('d');
  await deploy('d', 2, version(1), { isolation: 'dedicated' });
  await waitFor(() => state('d') === undefined, { what: 'the deployment to leave' });
  await eventLog.produce('in', { value: { x: 1 } });
  await deploy('other', 1, version(1), { output: { topic: 'elsewhere' } });
  await runs('other');
  expect(await answered()).toEqual([]);
});
