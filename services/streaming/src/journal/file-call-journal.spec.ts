import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { FileCallJournal, readJournal } from './file-call-journal.js';
import { monotonicMs } from './monotonic-clock.js';

let folder: string;
let path: string;
const version = { model: 'm', version: 3, sha256: 'f'.repeat(64), deployment: 'd' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'a.journal');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('tells the call that runs, since when and where, and that it has ended', () => {
  const journal = FileCallJournal.create(path);
  expect(readJournal(path)).toBeNull();
  const before = monotonicMs();
  journal.begin(journal.slot(version), 2, 2 ** 40);
  const call = readJournal(path)!;
  expect(call).toMatchObject({ ...version, running: true, seq: 1, partition: 2, offset: 2 ** 40 });
  expect(call.sinceMs).toBeGreaterThanOrEqual(before);
  expect(call.sinceMs).toBeLessThanOrEqual(monotonicMs());
  journal.end();
  expect(readJournal(path)).toMatchObject({ ...version, running: false, seq: 1 });
  journal.begin(journal.slot({ ...version, version: 4 }), 0, 7);
  expect(readJournal(path)).toMatchObject({ running: true, version: 4, seq: 2 });
  journal.close();
});

it('names that do not fit are cut, the version and its digest are not', () => {
  const journal = FileCallJournal.create(path);
  journal.begin(journal.slot({ ...version, model: 'ü'.repeat(250), deployment: 'd'.repeat(250) }), 0, 0);
  expect(readJournal(path)).toMatchObject({ version: 3, sha256: version.sha256, running: true });
  journal.close();
});

it('a file that is missing, short or foreign tells nothing', () => {
  expect(readJournal(join(folder, 'missing'))).toBeNull();
  writeFileSync(path, 'short');
  expect(readJournal(path)).toBeNull();
  writeFileSync(path, Buffer.alloc(512, 1));
  expect(readJournal(path)).toBeNull();
});
