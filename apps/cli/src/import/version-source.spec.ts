import { describe, expect, it } from '@jest/globals';
import { sourceHere } from './version-source.js';

const ids = {
  run: (origin: string) => ({ r1: 'new1' })[origin],
  model: (origin: string) => ({ 'm-1': 'm-new' })[origin],
};
const folders = [
  { from: 'mlflow-artifacts:/1/r1/artifacts', to: 'mlflow-artifacts:/7/new1/artifacts' },
  { from: '/srv/mlruns/1/r1/artifacts', to: 'mlflow-artifacts:/7/new1/artifacts' },
];
const here = (source: string, run_id?: string) => sourceHere({ source, ...(run_id && { run_id }) }, ids, folders);

describe("a version's source, here", () => {
  it.each([
    ['runs:/r1/model', 'runs:/new1/model'],
    ['runs:/r1', 'runs:/new1'],
    ['models:/m-1', 'models:/m-new'],
    ['models:/churn/3', 'models:/churn/3'],
    ['mlflow-artifacts:/1/r1/artifacts/onnx', 'mlflow-artifacts:/7/new1/artifacts/onnx'],
    ['mlflow-artifacts:/1/r1/artifacts', 'mlflow-artifacts:/7/new1/artifacts'],
    ['/srv/mlruns/1/r1/artifacts/onnx', 'mlflow-artifacts:/7/new1/artifacts/onnx'],
    ['s3://bucket/model', 's3://bucket/model'],
  ])('%s is %s', (source, expected) => expect(here(source)).toBe(expected));

  it.each(['runs:/gone/model', 'models:/m-2'])('%s, which was not copied, is none', (source) =>
    expect(here(source)).toBeUndefined(),
  );

  it('beside a folder, and not in it, is no folder of a run that was copied', () => {
    expect(here('mlflow-artifacts:/1/r1/artifacts-2/onnx', 'r1')).toBeUndefined();
  });
});
