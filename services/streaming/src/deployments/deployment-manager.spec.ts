import { expect, it } from '@jest/globals';
import { topics, type ResolvedModel } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { InMemoryEventLog } from '@headrace/event-log';
import { InMemoryModelRuntime, InMemoryModelStore } from '@headrace/model-runtime';
import { Metrics, silentLogger } from '@headrace/service-kit';
import { streamingMetrics } from '../streaming-metrics.js';
import { AppliedGenerations } from './applied-generations.js';
import { DeploymentManager } from './deployment-manager.js';

it('an older generation that an outbox repeats changes nothing', async () => {
  const eventLog = new InMemoryEventLog();
  await eventLog.provision(Object.values(topics));
  for (const name of ['in', 'out']) eventLog.create(name);
  const store = new InMemoryModelStore();
  const version = (n: number) => store.put('m', n, InMemoryModelRuntime.bytesOf({ weights: [n], bias: 0 }));
  const deploy = (name: string, generation: number, model: ResolvedModel) => {
    const spec = {
      model: { name: 'm', alias: 'a' },
      input: { topic: 'in', features: ['x'] },
      output: { topic: 'out' },
    };
    const value = { name, generation, model, spec: JSON.stringify(spec), cause: 'test', changedAt: 0 };
    return eventLog.publish([{ topic: topics.deployments, key: name, value }]);
  };
  const manager = new DeploymentManager({
    eventLog,
    store,
    runtime: new InMemoryModelRuntime(),
    applied: await AppliedGenerations.recall(eventLog),
    metrics: streamingMetrics(new Metrics()),
    logger: silentLogger(),
  });
  const state = (name: string) => manager.states().find((each) => each.name === name);
  const runs = (name: string) => waitFor(() => state(name)?.state === 'running', { what: `${name} to run` });
  await manager.start();
  await deploy('d', 2, version(2));
  await runs('d');
  await deploy('d', 1, version(1));
  // Comes later and takes more steps, so by then the repeated one has been dealt with.
  await deploy('later', 1, version(1));
  await runs('later');
  expect(state('d')).toMatchObject({ state: 'running', version: 2 });
  await manager.stop();
  await eventLog.close();
});
