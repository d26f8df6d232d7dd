import { expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

it('asking twice for a metric gives the same one', async () => {
  const metrics = new Metrics();
  const ask = () => metrics.counter({ name: 'headrace_test_total', help: 'h', labelNames: ['kind'] });
  ask().inc({ kind: 'a' });
  ask().inc({ kind: 'a' });
  expect(await metrics.registry.metrics()).toContain('headrace_test_total{kind="a"} 2');
});
