import { formatRecord, startTimeOf } from '@headrace/dev';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunLock } from './run-lock.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-lock-'));
  path = join(folder, 'supervisor.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (pid: number, startTime: string) =>
  writeFileSync(path, formatRecord({ name: 'supervisor', pid, startTime, stopSignal: 'SIGTERM' }));

describe('RunLock', () => {
  it('is given once, and again after its release', () => {
    const lock = RunLock.acquire(path) as RunLock;
    expect(RunLock.acquire(path)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(RunLock.acquire(path)).toBeInstanceOf(RunLock);
  });

  it('names the living process that holds it', () => {
    written(process.ppid, startTimeOf(process.ppid)!);
    expect(RunLock.acquire(path)).toMatchObject({ pid: process.ppid });
  });

  it('is taken over from a process that is gone, and from one that only has its pid', () => {
    written(2 ** 22 + 1, '1');
    (RunLock.acquire(path) as RunLock).release();
    written(process.ppid, '1');
    expect(RunLock.acquire(path)).toBeInstanceOf(RunLock);
    expect(readdirSync(folder)).toEqual(['supervisor.lock']);
  });
});
