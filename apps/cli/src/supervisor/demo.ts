import { nodeFlags, repositoryRoot, startChild, type Child } from '@headrace/dev';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './platform.js';

const entry = join(repositoryRoot, 'apps', 'demo', 'dist', 'main.js');

export const demoIsBuilt = () => existsSync(entry);

/** The demo stream, in this terminal. Ctrl-C reaches it directly, too. */
export function startDemo({ env, runFolder }: Platform, args: readonly string[]): Promise<Child> {
  const command = process.execPath;
  return startChild({
    name: 'demo',
    command,
    args: [...nodeFlags, entry, ...args],
    env,
    log: 'inherit',
    runFolder,
  });
}
