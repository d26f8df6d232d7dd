import { canReach, type UserIds } from './unprivileged-user.js';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * A command as another user. Where that user cannot pass through the folders above its files (a clone in root's home), it keeps the one
 * capability of looking past permissions, through setpriv (util-linux).
 */
export function runAs(
  user: UserIds | null,
  command: string,
  args: readonly string[],
  files: readonly string[],
): Command {
  if (!user) return { command, args };
  if (files.every((file) => canReach(file, user))) return { command, args, ...user };
  const capability = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
  const as = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', ...capability];
  return { command: 'setpriv', args: [...as, command, ...args] };
}
