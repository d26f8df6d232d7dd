import { spawn } from 'node:child_process';

/**
 * `cat` returns when the parent's end of the pipe is gone, however the parent ended. Then each recorded child is asked to
 * end, killed after 10 s, and the folder named second (a temporary one) is removed. A parent that ended its children itself has left no pid files.
 */
const script = `
cat >/dev/null
pids=
for file in "$1"/*.pid; do
  [ -f "$file" ] && read -r pid signal _ <"$file" && kill "-$signal" "$pid" 2>/dev/null && pids="$pids $pid"
done
for pid in $pids; do
  left=100
  while kill -0 "$pid" 2>/dev/null && [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
  kill -KILL "$pid" 2>/dev/null
done
[ -n "$2" ] && rm -rf "$2"
exit 0
`;

/**
 * Starts a shell of about 1 MB that outlives this process by seconds and ends the children recorded in `runFolder` with it,
 * also after SIGKILL. In a session of its own, so that Ctrl-C does not reach it.
 */
export function startReaper(runFolder: string, removeAfterwards = ''): void {
  const child = spawn('sh', ['-c', script, 'headrace-reaper', runFolder, removeAfterwards], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
