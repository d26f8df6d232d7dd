import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { checkedLocation } from './artifact-location.js';

describe("an experiment's artifact location", () => {
  it.each([
    ['mlflow-artifacts:/a/b/', 'mlflow-artifacts:/a/b'],
    ['mlflow-artifacts://host:1/a', 'mlflow-artifacts:/a'],
    ['s3://bucket/a', 's3://bucket/a'],
    ['file:///a', 'file:///a'],
    ['here', join(process.cwd(), 'here')],
    [undefined, undefined],
  ])('%s is kept as %s', (location, kept) => {
    expect(checkedLocation(location)).toBe(kept);
  });

  it.each(['mlflow-artifacts:/../a', 's3://bucket/../a', 's3://bucket/a?b', 'a#b'])('%s is refused', (location) => {
    expect(() => checkedLocation(location)).toThrow(expect.objectContaining({ errorCode: 'INVALID_PARAMETER_VALUE' }));
  });
});
