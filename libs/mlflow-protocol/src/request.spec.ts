import { describe, expect, it } from '@jest/globals';
import { HeadraceError } from '@headrace/service-kit';
import { z } from 'zod';
import { parseArtifactUri } from './artifact-uri.js';
import { toMlflowError } from './mlflow-error.filter.js';
import { formatDouble } from './numbers.js';
import { decodePageToken, encodePageToken, pageOf } from './page-token.js';
import { double, int64, parseRequest, repeated, text } from './request.js';

describe('a request', () => {
  const schema = z.object({ run_id: text(5), step: int64.default(0), value: double, ids: repeated(z.string()) });

  it('takes numbers as protobuf’s JSON and query strings write them', () => {
    expect(parseRequest(schema, { run_id: 'r', step: '-7', value: 'NaN', ids: 'one', more: 1 })).toEqual({
      run_id: 'r',
      step: -7,
      value: NaN,
      ids: ['one'],
    });
    expect(parseRequest(schema, { run_id: 'r', value: '-Infinity' })).toMatchObject({
      value: -Infinity,
      ids: [],
      step: 0,
    });
  });

  it('names every field at fault, in MLflow’s words', () => {
    const run = () => parseRequest(schema, { step: 1.5, value: 'x', ids: [1] });
    expect(run).toThrow(/Missing value for required parameter 'run_id'/);
    expect(run).toThrow("Invalid value 1.5 for parameter 'step' supplied");
    expect(run).toThrow(`Invalid value "x" for parameter 'value' supplied`);
    expect(run).toThrow("Invalid value 1 for parameter 'ids[0]' supplied");
    const list = z.object({ metrics: repeated(z.object({ key: text(9) })) });
    expect(() => parseRequest(list, { metrics: 'foo' })).toThrow(
      `Invalid value "foo" for parameter 'metrics' supplied`,
    );
    expect(() => parseRequest(list, { metrics: [{}] })).toThrow(
      "Missing value for required parameter 'metrics[0].key'",
    );
    expect(() => parseRequest(list, { metrics: [{ key: '' }] })).toThrow('Missing value for required parameter');
    expect(() => parseRequest(schema, 'no object')).toThrow(/Invalid request/);
    expect(() => parseRequest(schema, { run_id: 'too long', value: 1 })).toThrow(/run_id/);
  });

  it('writes what JSON cannot as text', () => {
    expect([1.5, NaN, Infinity, -Infinity].map(formatDouble)).toEqual([1.5, 'NaN', 'Infinity', '-Infinity']);
  });
});

describe('page tokens', () => {
  it('lead to the next page and end', () => {
    const first = pageOf([1, 2, 3], 10, 2);
    expect(first.page).toEqual([1, 2]);
    expect(decodePageToken(first.nextPageToken)).toBe(12);
    expect(pageOf([1, 2], 0, 2).nextPageToken).toBeUndefined();
    expect(decodePageToken(encodePageToken(5))).toBe(5);
  });

  it.each(['x', Buffer.from('{"offset":-1}').toString('base64url'), Buffer.from('null').toString('base64url')])(
    'a foreign token is refused: %s',
    (token) => {
      expect(() => decodePageToken(token)).toThrow(/Invalid page token/);
    },
  );
});

describe('artifact URIs', () => {
  it('names the store or a run', () => {
    expect(parseArtifactUri('mlflow-artifacts:/1/abc/artifacts/model')).toEqual({
      kind: 'store',
      path: '1/abc/artifacts/model',
    });
    expect(parseArtifactUri('mlflow-artifacts://host:80/1/a')).toEqual({ kind: 'store', path: '1/a' });
    expect(parseArtifactUri('runs:/abc/model/')).toEqual({ kind: 'run', runId: 'abc', path: 'model' });
  });

  it.each([
    '/etc/passwd',
    'file:///etc/passwd',
    './model',
    's3://bucket/x',
    'mlflow-artifacts:/1/../../etc',
    'mlflow-artifacts:/1/%2e%2e/x',
    'mlflow-artifacts:/1/%2fetc',
    'runs:/abc/../x',
    'runs:/',
    'models:/m/1',
    '',
  ])('refuses %j', (uri) => {
    expect(() => parseArtifactUri(uri)).toThrow(/Invalid model version source/);
  });
});

describe('what the client is told about an error', () => {
  it('keeps expected ones, hides unexpected ones', () => {
    expect(toMlflowError(new HeadraceError('NOT_FOUND', 'no run 7'))).toMatchObject({
      status: 404,
      message: 'no run 7',
    });
    expect(toMlflowError(new HeadraceError('UNAVAILABLE', 'away'))).toMatchObject({ status: 503 });
    const unexpected = toMlflowError(new Error('password=secret'));
    expect(unexpected.status).toBe(500);
    expect(unexpected.message).not.toMatch(/secret/);
  });
});
