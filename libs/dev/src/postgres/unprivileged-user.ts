import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** As whom PostgreSQL runs when we are root, which it refuses: `postgres` where it exists, else `nobody`. Null when we are not root. */
export function unprivilegedUser(): UserIds | null {
  if (process.getuid?.() !== 0) return null;
  const user = idsOf('postgres') ?? idsOf('nobody');
  if (!user)
    throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody; set DATABASE_URL');
  return user;
}

function idsOf(name: string): UserIds | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim());
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** Whether the user may pass through every folder above `path` (execute permission). A clone below /root or in a `mktemp -d` fails this. */
export function canReach(path: string, user: UserIds): boolean {
  const parent = dirname(path);
  return mayEnter(statSync(parent), user) && (parent === dirname(parent) || canReach(parent, user));
}

function mayEnter(folder: { mode: number; uid: number; gid: number }, user: UserIds): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}
