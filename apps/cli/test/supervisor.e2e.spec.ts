import { startTimeOf, waitFor, type RecordedProcess } from '@headrace/dev';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { TestHome } from './test-home.js';

const startMs = 180_000;

let home: TestHome;

beforeEach(async () => {
  home = await TestHome.create();
});
afterEach(() => home.remove(), 60_000);

const child = (name: string) => home.children().find((record) => record.name === name)!;
const isGone = ({ pid, startTime }: RecordedProcess) => startTimeOf(pid) !== startTime;
const gatewayIsReady = async () => (await fetch(`${home.url('gateway')}/health/ready`)).ok;

async function query(sql: string): Promise<unknown[]> {
  const port = home.port('postgres');
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
    const first = await home.up('--no-demo');
    await first.ready();
    const all = home.children();
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafka', 'postgres', 'gateway']));

    const second = await home.up('--no-demo');
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.said()).toContain(`it runs already on ${home.path} (pid ${first.pid})`);

    for (const name of ['gateway', 'kafka']) {
      const before = child(name);
      process.kill(before.pid, 'SIGKILL');
      await waitFor(() => child(name)?.pid !== before.pid && child(name), {
        what: `another ${name}`,
        timeoutMs: startMs,
      });
    }
    await waitFor(gatewayIsReady, { what: 'the gateway to be ready again', timeoutMs: startMs });

    const last = home.children();
    process.kill(first.pid, 'SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect([...all, ...last].filter((record) => !isGone(record))).toEqual([]);
    expect(readdirSync(join(home.path, 'run'))).toEqual([]);
  }, 480_000);

  it('starts again on the same data after it was killed itself', async () => {
    const first = await home.up('--no-demo');
    await first.ready();
    await query("CREATE TABLE facts AS SELECT 'kept' AS fact");
    const orphans = home.children();
    await first.kill();

    const second = await home.up('--no-demo');
    await second.ready();
    expect(orphans.filter((record) => !isGone(record))).toEqual([]);
    expect(await query('SELECT fact FROM facts')).toEqual([{ fact: 'kept' }]);

    process.kill(second.pid, 'SIGINT');
    expect(await second.exited).toEqual({ code: 0, signal: null });
  }, 480_000);

  it('ends its children also when nothing starts after it was killed', async () => {
    const supervisor = await home.up('--no-demo');
    await supervisor.ready();
    const orphans = home.children();
    await supervisor.kill();
    await waitFor(() => orphans.every(isGone), { what: 'the orphans to be gone' });
  }, 240_000);

  it('names the setting of a busy port before it starts anything', async () => {
    const other = createServer().listen(home.port('gateway'), '127.0.0.1');
    await once(other, 'listening');
    const { exited, said } = await home.up('--no-demo');
    expect(await exited).toEqual({ code: 1, signal: null });
    expect(said()).toContain(`port ${home.port('gateway')} is in use; set HEADRACE_GATEWAY_PORT=`);
    expect(said()).not.toContain('starting');
    other.close();
  });
});
