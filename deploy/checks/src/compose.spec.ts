import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { serverProperties } from '../../../libs/dev/src/kafka/server-properties.js';
import { readComposeFile } from './compose-file.js';
import { repositoryRoot } from './repository-root.js';

const { services, volumes } = readComposeFile();
const ours = globSync('services/*', { cwd: repositoryRoot }).map((folder) => basename(folder));
const containers = Object.entries(services);

describe('docker-compose.yml', () => {
  it('satisfies the Compose schema and dclint', () => {
    const run = spawnSync(
      process.execPath,
      ['node_modules/dclint/bin/dclint.cjs', '-c', 'deploy/checks/dclint.config.json', 'docker-compose.yml'],
      { cwd: repositoryRoot, encoding: 'utf8' },
    );
    expect(run.stdout.trim()).toBe('');
    expect(run.status).toBe(0);
  });

  it('runs every service of services/', () => {
    const running = containers.filter(([, { environment }]) => environment?.['SERVICE']).map(([name]) => name);
    expect(running.sort()).toEqual([...ours].sort());
  });

  it.each(containers)('%s has a restart policy, publishes on loopback only and names its volumes', (_name, service) => {
    expect(service.restart).toMatch(/^(unless-stopped|on-failure)$/);
    expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0]!);
    expect(sources.filter((source) => !source.startsWith('./') && !(source in volumes))).toEqual([]);
    expect(sources.filter((source) => source.startsWith('./') && !existsSync(join(repositoryRoot, source)))).toEqual(
      [],
    );
  });

  it.each(containers)('%s waits for conditions that can come true', (_name, service) => {
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      const on = services[dependency];
      expect(on).toBeDefined();
      // Our image brings its own health check.
      if (condition === 'service_healthy') expect(on!.healthcheck ?? on!.build).toBeDefined();
      if (condition === 'service_completed_successfully') expect(on!.restart).toBe('on-failure');
    }
  });

  it("gives Kafka the embedded broker's semantics", () => {
    const environment = services['kafka']!.environment!;
    // The rest of the embedded broker's settings are about its ports, threads and memory.
    const semantic = /^(auto\.create|log\.message|offsets\.|transaction\.|share\.coordinator|group\.initial)/;
    for (const line of serverProperties({ dataFolder: '/data', port: 1, controllerPort: 2 }).trim().split('\n')) {
      const [key, value] = line.split('=', 2) as [string, string];
      if (!semantic.test(key)) continue;
      const variable = `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`;
      expect({ [variable]: environment[variable] }).toEqual({ [variable]: value });
    }
  });

  it('scrapes every service at its port, under its name', () => {
    const file = readFileSync(join(repositoryRoot, 'deploy/prometheus/prometheus.yml'), 'utf8');
    const { scrape_configs } = parse(file) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[]; labels: { service: string } }[] }[];
    };
    const job = scrape_configs.find(({ job_name }) => job_name === 'headrace')!;
    const scraped = job.static_configs.map(({ targets, labels }) => [labels.service, targets]);
    const expected = ours.map((name) => [name, [`${name}:${services[name]!.environment!['PORT']}`]]);
    expect(Object.fromEntries(scraped)).toEqual(Object.fromEntries(expected));
  });
});

/** What a service's config.ts makes of an environment. */
async function configOf(service: string, environment: Record<string, string>): Promise<Record<string, unknown>> {
  const path = join(repositoryRoot, 'services', service, 'src/config.ts');
  const module = (await import(path)) as Record<string, unknown>;
  const readers = Object.entries(module).filter(([name]) => /^(load|read)\w*Config$/.test(name));
  if (readers.length !== 1)
    throw new Error(`${path} exports ${readers.length} functions named readConfig or loadXConfig`);
  const own = process.env;
  process.env = { ...environment };
  try {
    return (readers[0]![1] as () => Record<string, unknown>)();
  } finally {
    process.env = own;
  }
}

it('alerting watches every other service, at the port it listens on', async () => {
  const { SERVICES } = await configOf('alerting', services['alerting']!.environment!);
  const others = ours.filter((name) => name !== 'alerting');
  const expected = others.map((name) => ({ name, url: `http://${name}:${services[name]!.environment!['PORT']}` }));
  expect(SERVICES).toEqual(expect.arrayContaining(expected));
  expect(SERVICES).toHaveLength(others.length);
});

describe.each(ours)('the environment of %s', (name) => {
  const environment = services[name]?.environment ?? {};

  it('is what its config.ts asks for', async () => {
    await expect(configOf(name, environment)).resolves.toBeDefined();
  });

  it('leaves no address at its default, which is this machine', async () => {
    const config = await configOf(name, environment);
    expect(Object.entries(config).filter(([, value]) => /127\.0\.0\.1|localhost/.test(JSON.stringify(value)))).toEqual(
      [],
    );
  });

  it('keeps what it writes on its volume', async () => {
    const config = await configOf(name, environment);
    const written = Object.entries(config).filter(([key]) => /_(DIR|FOLDER)$/.test(key) && key !== 'DASHBOARDS_DIR');
    expect(written.filter(([, folder]) => !String(folder).startsWith('/data/'))).toEqual([]);
    const volume = expect.stringMatching(/:\/data$/) as unknown as string;
    expect(services[name]!.volumes ?? []).toEqual(written.length > 0 ? [volume] : []);
  });

  it('sets nothing of its own that config.ts does not read', async () => {
    const config = await configOf(name, environment);
    const shared = ['SERVICE', 'GATEWAY_URL', 'DATABASE_URL', 'SCHEMA_REGISTRY_URL', 'KAFKA_BROKERS'];
    expect(Object.keys(environment).filter((key) => !(key in config) && !shared.includes(key))).toEqual([]);
  });
});
