import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { metricsIn } from '../../grafana/src/dashboard-queries.js';
import { registeredMetrics } from '../../grafana/src/registered-metrics.js';
import { repositoryRoot } from './repository-root.js';

const folder = join(repositoryRoot, 'deploy/prometheus');
const installed = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = installed ? it : it.skip;

function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? 'passed' : `${stdout}${stderr}`;
}

interface RuleFile {
  groups: {
    rules: { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> }[];
  }[];
}

describe('deploy/prometheus', () => {
  const { groups } = parse(readFileSync(join(folder, 'alerts.yml'), 'utf8')) as RuleFile;
  const rules = groups.flatMap((group) => group.rules);

  withPromtool('promtool accepts the configuration (needs the prometheus package)', () =>
    expect(promtool('check', 'config', 'prometheus.yml')).toBe('passed'),
  );

  withPromtool('the rules fire and stay silent as alerts.test.yml says (needs the prometheus package)', () =>
    expect(promtool('test', 'rules', 'alerts.test.yml')).toBe('passed'),
  );

  it('asks only for metrics that some package registers', () => {
    const registered = registeredMetrics();
    expect(rules.flatMap(({ expr }) => metricsIn(expr)).filter((name) => !registered.has(name))).toEqual([]);
  });

  it('every alert says what happened, what to do and how bad it is', () => {
    for (const { labels, annotations } of rules) {
      expect(labels.severity).toMatch(/^(critical|warning)$/);
      expect(Object.keys(annotations).sort()).toEqual(['description', 'summary']);
    }
  });
});

describe('deploy/alertmanager', () => {
  it('routes to receivers and inhibits by alerts that exist', () => {
    const text = readFileSync(join(repositoryRoot, 'deploy/alertmanager/alertmanager.yml'), 'utf8');
    const { route, receivers, inhibit_rules } = parse(text) as {
      route: { receiver: string };
      receivers: { name: string }[];
      inhibit_rules: { source_matchers: string[] }[];
    };
    expect(receivers.map(({ name }) => name)).toContain(route.receiver);
    const rules = readFileSync(join(folder, 'alerts.yml'), 'utf8');
    for (const matcher of inhibit_rules.flatMap(({ source_matchers }) => source_matchers)) {
      expect(rules).toContain(`alert: ${matcher.replace('alertname = ', '')}`);
    }
  });
});
