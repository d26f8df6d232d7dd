import type { Metrics } from '@headrace/service-kit';
import type { Redriven } from './redriver.js';

/** Counts what went back. */
export function redrivenCounter(metrics: Metrics): (redriven: Redriven) => void {
  const counter = metrics.counter({
    name: 'headrace_dead_letters_redriven_total',
    help: 'Records sent back from the dead letters, by the group that reads them again',
    labelNames: ['topic', 'group'],
  });
  return ({ topic, group }) => counter.inc({ topic, group });
}
