import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTimeOf } from './process-identity.js';
import { formatRecord, parseRecord, RunFolder, type RecordedProcess } from './run-folder.js';

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'run-folder-'));
});
afterEach(() => rmSync(path, { recursive: true }));

describe('RunFolder', () => {
  it('ends a process that an earlier run left', async () => {
    const sleeper = spawn('sleep', ['60']);
    const exit = new Promise((resolve) => sleeper.once('exit', (_, signal) => resolve(signal)));
    new RunFolder(path).record('sleeper', sleeper.pid!, 'SIGTERM');

    const ended = await new RunFolder(path).endLeftovers();

    expect(ended.map(({ name }) => name)).toEqual(['sleeper']);
    await expect(exit).resolves.toBe('SIGTERM');
    expect(readdirSync(path)).toEqual([]);
  });

  it('kills one that ignores its stop signal', async () => {
    const deaf = spawn('sh', ['-c', "trap '' TERM; echo deaf; while :; do sleep 0.05; done"]);
    const exit = new Promise((resolve) => deaf.once('exit', (_, signal) => resolve(signal)));
    await new Promise((resolve) => deaf.stdout.once('data', resolve));
    new RunFolder(path).record('deaf', deaf.pid!, 'SIGTERM');

    await new RunFolder(path).endLeftovers(100).finally(() => deaf.kill('SIGKILL'));

    await expect(exit).resolves.toBe('SIGKILL');
  });

  it('never signals a process that took over the pid of a dead one', async () => {
    // This process, with another start time: a signal to it would end the test.
    const stranger = { name: 'stranger', pid: process.pid, startTime: '1', stopSignal: 'SIGTERM' } as const;
    writeFileSync(join(path, 'stranger.pid'), formatRecord(stranger));

    await expect(new RunFolder(path).endLeftovers()).resolves.toEqual([]);
    expect(readdirSync(path)).toEqual([]);
  });

  it('takes a half-written file for a dead process', () => {
    writeFileSync(join(path, 'torn.pid'), '12');
    expect(new RunFolder(path).leftovers()).toEqual([]);
  });
});

describe('a record', () => {
  it('survives writing and reading', () => {
    const record: RecordedProcess = {
      name: 'postgres',
      pid: 42,
      startTime: 'Sat Nov 21 09:20:40',
      stopSignal: 'SIGINT',
    };
    expect(parseRecord('postgres', formatRecord(record))).toEqual(record);
  });
});

describe('startTimeOf', () => {
  it('is stable for a living process and null for none', () => {
    expect(startTimeOf(process.pid)).toMatch(/\d/);
    expect(startTimeOf(process.pid)).toBe(startTimeOf(process.pid));
    expect(startTimeOf(2 ** 22 + 1)).toBeNull();
  });
});
