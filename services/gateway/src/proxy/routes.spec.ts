import { describe, expect, it } from '@jest/globals';
import { routeOf } from './routes.js';

describe('routeOf', () => {
  it.each([
    ['/api/2.0/mlflow/experiments/create', 'tracking'],
    ['/api/2.0/mlflow/runs/log-batch', 'tracking'],
    ['/api/2.0/mlflow-artifacts/artifacts/0/x/model.onnx', 'tracking'],
    ['/api/2.0/mlflow/logged-models/search', 'tracking'],
    ['/ajax-api/2.0/mlflow/runs/search', 'tracking'],
    ['/ajax-api/2.0/mlflow/model-versions/get', 'registry'],
    ['/api/3.0/mlflow/server-info', 'tracking'],
    ['/ajax-api/3.0/mlflow/traces/search', 'tracking'],
    ['/get-artifact', 'tracking'],
    ['/v1/traces', 'tracking'],
    ['/health', 'tracking'],
    ['/version', 'tracking'],
    ['/api/2.0/mlflow/registered-models/alias', 'registry'],
    ['/api/2.0/mlflow/model-versions/create', 'registry'],
    ['/api/headrace/v1/deployments/flight-delays', 'registry'],
    ['/api/headrace/v1/compare', 'registry'],
    ['/v2', 'serving'],
    ['/v2/models/m/infer', 'serving'],
    ['/api/headrace/v1/alerts', 'alerting'],
    ['/api/headrace/v1/streaming/anything', 'streaming'],
    ['/api/headrace/v1/replays/one', 'streaming'],
    ['/api/headrace/v1/dead-letters/headrace.dead-letters%2F0%401/value', 'streaming'],
  ])('%s belongs to %s', (path, service) => {
    expect(routeOf(path)).toBe(service);
  });

  it.each([
    '/',
    '/subjects/a/versions',
    '/schemas/ids/1',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/v21',
    '/api/2.0',
  ])('%s is the gateway’s own or nobody’s', (path) => {
    expect(routeOf(path)).toBeUndefined();
  });

  it('a name of Object.prototype is no route', () => {
    expect(routeOf('constructor')).toBeUndefined();
  });
});
