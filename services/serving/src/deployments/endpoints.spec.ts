import { topics, type DeploymentChanged, type ModelQuarantined, type ResolvedModel } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { InMemoryEventLog } from '@headrace/event-log';
import { InMemoryModelRuntime, InMemoryModelStore, type LoadedModel, type ModelStore } from '@headrace/model-runtime';
import type { ModelCatalogue } from '@headrace/model-runtime/catalogue';
import { quarantineKey } from '@headrace/model-runtime/quarantine';
import { HeadraceError, silentLogger } from '@headrace/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Endpoints } from './endpoints.js';

/** Remembers which of its models are closed. */
class WatchedRuntime extends InMemoryModelRuntime {
  readonly closed: LoadedModel[] = [];

  override async load(bytes: Uint8Array): Promise<LoadedModel> {
    const model = await super.load(bytes);
    const watched = { ...model, close: async () => void this.closed.push(watched) };
    return watched;
  }
}

describe('Endpoints', () => {
  let eventLog: InMemoryEventLog;
  let store: InMemoryModelStore;
  let runtime: WatchedRuntime;
  let endpoints: Endpoints;
  let generation = 0;

  const model = (version: number, weights = [1, 2]): ResolvedModel =>
    store.put('m', version, InMemoryModelRuntime.bytesOf({ weights, bias: version }));

  const catalogue: ModelCatalogue = {
    resolve: async (name, version) => {
      if (version > 2) throw new HeadraceError('NOT_FOUND', `${name}@${version} was deleted`);
      return model(version);
    },
  };

  async function change(
    name: string,
    resolved: ResolvedModel | null | undefined,
    previousVersion?: number,
  ): Promise<void> {
    const spec = { model: { name: 'm' }, input: { topic: 't', features: ['a', 'b'] }, output: { topic: 'o' } };
    const value: DeploymentChanged | null =
      resolved === undefined
        ? null
        : {
            ...{ name, generation: ++generation, model: resolved, previousVersion },
            ...{ spec: JSON.stringify(spec), cause: 'apply', changedAt: 0 },
          };
    await eventLog.publish([{ topic: topics.deployments, key: name, value }]);
  }

  async function quarantine({ name, version, sha256 }: ResolvedModel, isLifted = false): Promise<void> {
    const value: ModelQuarantined = {
      ...{ model: name, version, sha256, deployment: 'd' },
      ...{ reason: 'HANGS' as const, evidence: 'stood still', quarantinedAt: 0 },
    };
    const key = quarantineKey(name, version);
    await eventLog.publish([{ topic: topics.quarantines, key, value: isLifted ? null : value }]);
  }

  const serves = (name: string, version: number | undefined) =>
    waitFor(() => endpoints.get(name)?.resolved.version === version, { what: `${name} to serve ${version}` });

  beforeEach(async () => {
    eventLog = new InMemoryEventLog();
    store = new InMemoryModelStore();
    runtime = new WatchedRuntime();
    endpoints = new Endpoints({ eventLog, store, runtime, catalogue, logger: silentLogger() });
    await change('d', model(1));
    await endpoints.start();
    await endpoints.triedOnce();
  });
  afterEach(async () => {
    await endpoints.stop();
    await eventLog.close();
  });

  it('serves what is deployed once it has been tried', () => {
    expect(endpoints.get('d')?.resolved.version).toBe(1);
  });

  it('starts and serves the others while one file never comes', async () => {
    const stuck = model(9);
    let release!: () => void;
    const never = new Promise<Uint8Array>((resolve) => (release = () => resolve(Buffer.from('late'))));
    const slow: ModelStore = { fetch: (each) => (each.sha256 === stuck.sha256 ? never : store.fetch(each)) };
    await change('a-stuck-one', stuck);
    const second = new Endpoints({ eventLog, store: slow, runtime, catalogue, logger: silentLogger() });
    await second.start();
    await waitFor(() => second.get('d')?.resolved.version === 1, { what: 'd to be served' });
    expect(second.get('a-stuck-one')).toBeUndefined();
    release();
    await second.stop();
  });

  it('swaps to a new version; the old one is closed only when its last request is answered', async () => {
    const old = endpoints.get('d')!;
    let finish!: () => void;
    const held = old.use(() => new Promise<void>((resolve) => (finish = resolve)));
    await change('d', model(2));
    await serves('d', 2);
    expect(runtime.closed).not.toContain(old.model);
    finish();
    await held;
    expect(runtime.closed).toContain(old.model);
  });

  it('a version that cannot be loaded leaves the old one answering, and is served once it can be', async () => {
    const later = model(2);
    const empty = new InMemoryModelStore();
    const fetch = store.fetch.bind(store);
    store.fetch = (resolved) => empty.fetch(resolved);
    await change('d', later);
    await change('other', model(1));
    await waitFor(() => endpoints.get('d')?.resolved.version === 1, { what: 'the old version to answer' });
    store.fetch = fetch;
    await serves('d', 2);
  });

  it('a model that does not fit the features is not served', async () => {
    await change('wide', model(3, [1, 2, 3]));
    await change('d', model(2));
    await serves('d', 2);
    expect(endpoints.get('wide')).toBeUndefined();
  });

  it('a deployment without a model yet is unknown, and one that is deleted becomes so', async () => {
    await change('waiting', null);
    await change('d', undefined);
    await serves('d', undefined);
    expect(endpoints.get('waiting')).toBeUndefined();
    await change('waiting', model(4));
    await serves('waiting', 4);
  });

  describe('a version that is quarantined', () => {
    it('is not loaded; what answers goes on, and says why for whoever asks for the other', async () => {
      const bad = model(2);
      const loaded: string[] = [];
      const fetch = store.fetch.bind(store);
      store.fetch = (resolved) => (loaded.push(`${resolved.name}@${resolved.version}`), fetch(resolved));
      await quarantine(bad);
      await change('d', bad);
      await waitFor(() => endpoints.refusal('d'), { what: 'the refusal' });
      expect(endpoints.get('d')?.resolved.version).toBe(1);
      expect(endpoints.refusal('m', 2)?.message).toMatch(/m@2 is quarantined since .* \(HANGS\): stood still/);
      expect(endpoints.refusal('m', 1)).toBeUndefined();
      expect(loaded).toEqual([]);
      await quarantine(bad, true);
      await serves('d', 2);
      expect(endpoints.refusal('d')).toBeUndefined();
    });

    it('stops answering, and what answered before it does', async () => {
      const bad = model(2);
      await change('d', bad);
      await serves('d', 2);
      await quarantine(bad);
      await serves('d', 1);
      await quarantine(bad, true);
      await serves('d', 2);
    });

    it('leaves the version before it to a process that begins later', async () => {
      const bad = model(3);
      await quarantine(bad);
      await change('e', bad, 2);
      await serves('e', 2);
      expect(endpoints.refusal('e')).toMatchObject({ code: 'MODEL_QUARANTINED' });
      await change('f', bad, 4);
      await waitFor(() => endpoints.refusal('f'), { what: 'the refusal' });
      expect(endpoints.get('f')).toBeUndefined();
    });

    it('stops answering also where nothing answered before, under any number of the same file', async () => {
      const { sha256 } = store.put('m', 1, InMemoryModelRuntime.bytesOf({ weights: [1, 2], bias: 1 }));
      await quarantine({ ...model(7), sha256 });
      await serves('d', undefined);
      expect(endpoints.refusal('d')).toMatchObject({ code: 'MODEL_QUARANTINED' });
      await change('d', model(3));
      await serves('d', 3);
      expect(endpoints.refusal('d')).toBeUndefined();
    });
  });

  it('finds a version by the name of its deployment or of its model, while it is served', async () => {
    expect(endpoints.version('d', 1)?.deployment).toBe('d');
    expect(endpoints.version('m', 1)?.deployment).toBe('d');
    expect(endpoints.version('m', 2)).toBeUndefined();
    expect(endpoints.version('d', Number.NaN)).toBeUndefined();
  });
});
