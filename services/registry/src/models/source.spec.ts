import { describe, expect, it } from '@jest/globals';
import { liesWithin, readSource } from './source.js';

describe("a version's source", () => {
  it.each([
    ['runs:/abc/model/x', { kind: 'run', runId: 'abc', path: 'model/x' }],
    ['runs:/abc', { kind: 'run', runId: 'abc', path: '' }],
    ['models:/flight delays/3', { kind: 'version', name: 'flight delays', suffix: '3', isAlias: false }],
    ['models:/m@champion', { kind: 'version', name: 'm', suffix: 'champion', isAlias: true }],
    ['models:/m-0123456789abcdef', { kind: 'logged-model', modelId: 'm-0123456789abcdef' }],
    ['mlflow-artifacts:/1/r/artifacts/model', { kind: 'artifacts', uri: 'mlflow-artifacts:/1/r/artifacts/model' }],
    ['s3://bucket/model', { kind: 'elsewhere' }],
    [
      'http://h/api/2.0/mlflow-artifacts/artifacts/x',
      { kind: 'artifacts', uri: 'http://h/api/2.0/mlflow-artifacts/artifacts/x' },
    ],
  ])('%s is read', (source, expected) => {
    expect(readSource(source)).toEqual(expected);
  });

  it.each([
    ['/etc/passwd', /local path/],
    ['model', /local path/],
    ['file:///etc/passwd', /local path/],
    ['FILE:///etc/passwd', /local path/],
    ['mlflow-artifacts:/1/../../etc', /relative path/],
    ['mlflow-artifacts:/1/%2e%2e/etc', /relative path/],
    ['mlflow-artifacts:/1/%252e%252e/etc', /relative path/],
    ['mlflow-artifacts:/1/..%2fetc', /relative path/],
    ['s3://bucket/a/../b', /relative path/],
    ['s3://bucket/a/./b', /relative path/],
    ['s3://bucket/a%00', /relative path/],
    ['s3://bucket', /relative path/],
    ['weird:thing', /relative path/],
    ['runs://host/abc/model', /run_id/],
    ['models://host/m/1', /model_id/],
    ['models:/', /relative path/],
  ])('%s is refused', (source, message) => {
    expect(() => readSource(source)).toThrow(message);
  });
});

describe('an artifact within a root', () => {
  it.each([
    ['mlflow-artifacts:/1/r/artifacts/model', 'mlflow-artifacts:/1/r/artifacts', true],
    ['mlflow-artifacts:/1/r/artifacts', 'mlflow-artifacts:/1/r/artifacts', true],
    ['mlflow-artifacts:///1/r/artifacts/m', 'mlflow-artifacts:/1/r/artifacts', true],
    ['mlflow-artifacts:/1/r/artifacts-2/model', 'mlflow-artifacts:/1/r/artifacts', false],
    ['mlflow-artifacts://other/1/r/artifacts/model', 'mlflow-artifacts:/1/r/artifacts', false],
    ['mlflow-artifacts:/2/r/artifacts/model', 'mlflow-artifacts:/1/r/artifacts', false],
    ['mlflow-artifacts:/x', 'mlflow-artifacts:/', false],
  ])('%s in %s: %s', (uri, root, within) => {
    expect(liesWithin(uri, root)).toBe(within);
  });
});
