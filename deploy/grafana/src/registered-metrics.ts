import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Names of all metrics that the libs and services write down in their sources, and of those prom-client collects by itself. */
export function registeredMetrics(): Set<string> {
  const root = join(import.meta.dirname, '../../..');
  const names = new Set<string>();
  for (const file of globSync('{libs,services}/*/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.spec.ts')) continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/['"`](headrace_[a-z0-9_]+)['"`]/g)) names.add(name!);
  }
  const defaults = new Registry();
  collectDefaultMetrics({ register: defaults });
  for (const { name } of defaults.getMetricsAsArray()) names.add(name);
  defaults.clear();
  return names;
}
