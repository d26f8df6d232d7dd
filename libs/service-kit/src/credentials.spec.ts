import { describe, expect, it } from '@jest/globals';
import { authorizationOf } from './credentials.js';

const basic = `Basic ${Buffer.from('ada:s:3').toString('base64')}`;
const mlflow = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 's:3', MLFLOW_TRACKING_TOKEN: 't' };

describe('credentials', () => {
  it.each([
    [{}, undefined],
    [{ HEADRACE_TOKEN: '', MLFLOW_TRACKING_TOKEN: '' }, undefined],
    [{ MLFLOW_TRACKING_TOKEN: 't' }, 'Bearer t'],
    [{ MLFLOW_TRACKING_USERNAME: 'ada' }, undefined],
    [mlflow, basic],
    [{ ...mlflow, HEADRACE_TOKEN: 'h' }, 'Bearer h'],
  ])('%j', (env, expected) => expect(authorizationOf(env)).toBe(expected));
});
