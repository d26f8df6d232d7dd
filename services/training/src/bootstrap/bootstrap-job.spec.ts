import { describe, expect, it } from '@jest/globals';
import { day, deploymentChanged, world } from '../../test/flights.js';
import { bootstrapJob, specToBootstrap } from './bootstrap-job.js';

const at = world('bootstrap', { bootstrapAfterMs: 28 * day });
const firstRecord = 5 * day;

describe('specToBootstrap', () => {
  it('a deployment without a model, which is to get one', () => {
    expect(specToBootstrap(deploymentChanged(at, null).value!)).toEqual(at.spec);
  });

  it('not one that has a model, wants none, or could not be trained', () => {
    expect(specToBootstrap(deploymentChanged(at, 1).value!)).toBeUndefined();
    expect(specToBootstrap(deploymentChanged(world('none'), null).value!)).toBeUndefined();
    const { labels: _labels, ...unlabelled } = at.spec;
    expect(specToBootstrap(deploymentChanged({ ...at, spec: unlabelled as never }, null).value!)).toBeUndefined();
  });
});

describe('bootstrapJob', () => {
  it('waits for labels of the whole window', () => {
    expect(bootstrapJob('d', at.spec, { firstRecord: undefined, lastLabel: undefined })).toBeUndefined();
    expect(bootstrapJob('d', at.spec, { firstRecord, lastLabel: 33 * day - 1 })).toBeUndefined();
    expect(bootstrapJob('d', at.spec, { firstRecord, lastLabel: 33 * day })).toMatchObject({
      id: 'bootstrap:d',
      commandId: null,
      championVersion: null,
      windowEnd: 33 * day,
    });
  });
});
