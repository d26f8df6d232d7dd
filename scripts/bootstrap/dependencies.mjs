import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { runOrThrow, say } from './run.mjs';

/** `npm ci` when node_modules is missing, unfinished or of another package-lock.json. */
export function installDependencies(env) {
  if (dependenciesAreInstalled()) return;
  say('installing packages (npm ci)');
  // NODE_ENV=production or omit settings would leave out what the build needs.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const [command, ...first] = env.npm_execpath?.endsWith('.js') ? [process.execPath, env.npm_execpath] : ['npm'];
  runOrThrow('npm ci', command, [...first, ...args], { env });
}

/** npm writes node_modules/.package-lock.json last, so an interrupted install lacks it or holds an older one. */
function dependenciesAreInstalled() {
  const hidden = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  return isInstalled(packagesOf(inRoot('package-lock.json')), packagesOf(hidden));
}

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/** Whether every package wanted is there in that very version; an optional one may be absent (another platform's). */
export function isInstalled(wanted, present) {
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = present[path];
    if (!found) return Boolean(optional);
    return Boolean(link) || found.version === version;
  });
}
