import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runAs } from './run-as.js';
import { canReach } from './unprivileged-user.js';

const stranger = { uid: 54321, gid: 54321 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reach-'));
  mkdirSync(join(folder, 'data'), { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('canReach', () => {
  it('is false below a private folder of somebody else, true once it is opened', () => {
    const file = join(folder, 'data', 'file');
    expect(canReach(file, stranger)).toBe(false);
    chmodSync(folder, 0o711);
    expect(canReach(file, stranger)).toBe(true);
  });
});

describe('runAs', () => {
  it('needs setpriv only where the user cannot reach the files', () => {
    const file = join(folder, 'data', 'file');
    expect(runAs(stranger, file, ['-x'], [file]).command).toBe('setpriv');
    chmodSync(folder, 0o711);
    expect(runAs(stranger, file, ['-x'], [file])).toEqual({ command: file, args: ['-x'], ...stranger });
    expect(runAs(null, file, ['-x'], [file])).toEqual({ command: file, args: ['-x'] });
  });
});
