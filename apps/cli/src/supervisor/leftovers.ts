import { RunFolder, type RecordedProcess } from '@headrace/dev';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each run keeps its pid files in a folder of its own below `runs`, so that the reaper of a killed run, which may still be busy, never takes
 * a new run's children for its own.
 */
export function newRunFolder(runs: string): RunFolder {
  return new RunFolder(join(runs, String(process.pid)));
}

/** Ends what earlier runs left, and forgets those runs. Call it while holding the lock. */
export async function endEarlierRuns(runs: string): Promise<RecordedProcess[]> {
  mkdirSync(runs, { recursive: true });
  const folders = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ended: RecordedProcess[] = [];
  for (const { name } of folders) {
    const folder = join(runs, name);
    ended.push(...(await new RunFolder(folder).endLeftovers()));
    rmSync(folder, { recursive: true, force: true });
  }
  return ended;
}
