import { freePort, repositoryRoot, RunFolder, startTimeOf, waitFor, type RecordedProcess } from '@headrace/dev';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { portSetting } from '../src/supervisor/settings.js';
import { serviceNames } from '../src/supervisor/services.js';

const main = join(repositoryRoot, 'apps/cli/dist/supervisor/main.js');
const startMs = 180_000;

let home: string;
let env: NodeJS.ProcessEnv;
let started: ChildProcess[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'headrace-home-'));
  const { KAFKA_BROKERS: _1, DATABASE_URL: _2, SCHEMA_REGISTRY_URL: _3, GATEWAY_URL: _4, ...rest } = process.env;
  const settings = ['kafka', 'postgres', ...serviceNames] as const;
  const ports = await Promise.all(settings.map(async (name) => [portSetting(name), String(await freePort())]));
  env = { ...rest, HEADRACE_HOME: home, ...(Object.fromEntries(ports) as Record<string, string>) };
  started = [];
});
afterEach(async () => {
  for (const supervisor of started) if (supervisor.exitCode === null) supervisor.kill('SIGKILL');
  await waitFor(() => children().length === 0, { what: 'all children to be gone' });
  rmSync(home, { recursive: true, force: true });
});

/** The supervisor's process, and what it has said so far. */
function up(...args: string[]) {
  const supervisor = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(supervisor);
  let said = '';
  supervisor.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(supervisor, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const saysReady = () => {
    if (said.includes('ready after')) return true;
    throw new Error(`it said: ${said}`);
  };
  const endedEarly = exited.then(() => Promise.reject(new Error(`the supervisor ended; it said: ${said}`)));
  endedEarly.catch(() => {});
  const ready = () =>
    Promise.race([waitFor(saysReady, { what: 'the platform to be ready', timeoutMs: startMs }), endedEarly]);
  return { supervisor, exited, ready, said: () => said };
}

function children(): RecordedProcess[] {
  const runs = join(home, 'run');
  const folders = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => new RunFolder(join(runs, name)).leftovers());
}

const child = (name: string) => children().find((record) => record.name === name)!;
const isGone = ({ pid, startTime }: RecordedProcess) => startTimeOf(pid) !== startTime;
const gatewayIsReady = async () => (await fetch(`http://127.0.0.1:${env.HEADRACE_GATEWAY_PORT}/health/ready`)).ok;

async function query(sql: string): Promise<unknown[]> {
  const port = Number(env.HEADRACE_POSTGRES_PORT);
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'headrace',
    password: 'headrace',
    database: 'headrace',
  });
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

describe('headrace up', () => {
  it('keeps its processes running, refuses a second start, and leaves none behind after SIGTERM', async () => {
    const first = up('--no-demo');
    await first.ready();
    const all = children();
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafka', 'postgres', 'gateway']));

    const second = up('--no-demo');
    expect(await second.exited).toEqual([1, null]);
    expect(second.said()).toContain(`it runs already on ${home} (pid ${first.supervisor.pid})`);

    for (const name of ['gateway', 'kafka']) {
      const before = child(name);
      process.kill(before.pid, 'SIGKILL');
      await waitFor(() => child(name)?.pid !== before.pid && child(name), {
        what: `another ${name}`,
        timeoutMs: startMs,
      });
    }
    await waitFor(gatewayIsReady, { what: 'the gateway to be ready again', timeoutMs: startMs });

    const last = children();
    first.supervisor.kill('SIGTERM');
    expect(await first.exited).toEqual([0, null]);
    expect([...all, ...last].filter((record) => !isGone(record))).toEqual([]);
    expect(readdirSync(join(home, 'run'))).toEqual([]);
  }, 480_000);

  it('starts again on the same data after it was killed itself', async () => {
    const first = up('--no-demo');
    await first.ready();
    await query("CREATE TABLE facts AS SELECT 'kept' AS fact");
    const orphans = children();
    first.supervisor.kill('SIGKILL');
    await first.exited;

    const second = up('--no-demo');
    await second.ready();
    expect(orphans.filter((record) => !isGone(record))).toEqual([]);
    expect(await query('SELECT fact FROM facts')).toEqual([{ fact: 'kept' }]);

    second.supervisor.kill('SIGINT');
    expect(await second.exited).toEqual([0, null]);
  }, 480_000);

  it('ends its children also when nothing starts after it was killed', async () => {
    const { supervisor, exited, ready } = up('--no-demo');
    await ready();
    const orphans = children();
    supervisor.kill('SIGKILL');
    await exited;
    await waitFor(() => orphans.every(isGone), { what: 'the orphans to be gone' });
  }, 240_000);

  it('names the setting of a busy port before it starts anything', async () => {
    const other = createServer().listen(Number(env.HEADRACE_GATEWAY_PORT), '127.0.0.1');
    await once(other, 'listening');
    const { exited, said } = up('--no-demo');
    expect(await exited).toEqual([1, null]);
    expect(said()).toContain(`port ${env.HEADRACE_GATEWAY_PORT} is in use; set HEADRACE_GATEWAY_PORT=`);
    expect(said()).not.toContain('starting');
    other.close();
  });
});
