import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startTimeOf } from '../processes/process-identity.js';

/**
 * Removes the postmaster.pid of a server that was killed. PostgreSQL itself refuses to start when the pid in it lives, whoever that is now; so the
 * file goes when that process is not a postgres on this data folder.
 */
export function removeStaleLock(dataFolder: string): void {
  const path = join(dataFolder, 'postmaster.pid');
  const pid = lockOwner(path);
  if (pid === null || (startTimeOf(pid) !== null && isPostgres(pid))) return;
  rmSync(path, { force: true });
}

function lockOwner(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return null;
  }
}

/** Where /proc is missing the answer is yes: then PostgreSQL says what is wrong. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return true;
  }
}
