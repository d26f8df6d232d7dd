import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricsIn, queriesOf, variablesOf, type DashboardFile } from './dashboard-queries.js';
import { dashboards } from './dashboards.js';
import { registeredMetrics } from './registered-metrics.js';

const registered = registeredMetrics();

describe.each(Object.entries(dashboards()))('%s', (file, text) => {
  const dashboard = JSON.parse(text) as DashboardFile;
  const { panels } = JSON.parse(text) as { panels: { id: number; type: string; description?: string }[] };

  it('is what its source generates (else: node deploy/grafana/generate.mjs)', () =>
    expect(readFileSync(join(import.meta.dirname, '../dashboards', file), 'utf8')).toBe(text));

  it('says of every panel what it tells', () =>
    expect(panels.filter(({ type, description }) => type !== 'row' && !description)).toEqual([]));

  it('gives every panel an id of its own', () => expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length));

  it('asks only for metrics that some package registers', () => {
    const asked = queriesOf(dashboard).flatMap(({ expr }) => metricsIn(expr));
    expect([...new Set(asked)].filter((name) => !registered.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  });

  it('has a value list for every variable', () => expect(() => variablesOf(dashboard)).not.toThrow());
});
