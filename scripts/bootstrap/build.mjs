import { inRoot } from './paths.mjs';
import { runOrThrow } from './run.mjs';

/** Builds what changed. Nx's daemon would outlive us, so it is off; a warm build costs about a second without it. */
export function build(node, env) {
  const nx = inRoot('node_modules', '.bin', 'nx');
  const quiet = { ...env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };
  runOrThrow('build', node, [nx, 'run-many', '-t', 'build'], { env: quiet });
}
