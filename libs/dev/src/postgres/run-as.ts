import { canReach, type UserIds } from './unprivileged-user.js';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * What setpriv (util-linux) leaves the user of root's powers: looking past permissions, nothing else. `no_setuid_fixup`, because access(2), with which
 * PostgreSQL looks for its own files, else ignores the capability of a user other than root.
 */
const capability = ['--bounding-set', '-all,+dac_override', '--inh-caps', '-all,+dac_override'];
const kept = [...capability, '--ambient-caps', '+dac_override', '--securebits', '+no_setuid_fixup'];

/** A command as another user, who needs help where he cannot pass through the folders above the command's files (a clone in root's home). */
export function runAs(
  user: UserIds | null,
  command: string,
  args: readonly string[],
  files: readonly string[],
): Command {
  if (!user) return { command, args };
  if (files.every((file) => canReach(file, user))) return { command, args, ...user };
  const as = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', ...kept];
  return { command: 'setpriv', args: [...as, command, ...args] };
}
