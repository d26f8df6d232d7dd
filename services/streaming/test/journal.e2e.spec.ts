import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readJournal } from '../src/journal/file-call-journal.js';

it.each(['SIGSEGV', 'SIGKILL'])('what the journal says outlives a process that dies of %s in a call', (deadly) => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  try {
    const path = join(folder, 'a.journal');
    const module = new URL('../dist/journal/file-call-journal.js', import.meta.url).href;
    const version = { model: 'm', version: 3, sha256: 'f', deployment: 'd' };
    const script = `
      const { FileCallJournal } = await import(${JSON.stringify(module)});
      const journal = FileCallJournal.create(${JSON.stringify(path)});
      journal.begin(journal.slot(${JSON.stringify(version)}), 1, 42);
      process.kill(process.pid, '${deadly}');
      for (;;);`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe(deadly);
    expect(readJournal(path)).toMatchObject({ ...version, running: true, partition: 1, offset: 42 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
