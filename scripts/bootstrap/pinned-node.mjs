import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { inRoot } from './paths.mjs';
import { BootstrapError, say } from './run.mjs';

/**
 * The Node that runs services and tests: the one npm carries as node-<platform>-<arch> (node-bin-… on newer Macs), pinned in package-lock.json.
 * Where there is none for this platform, the Node at hand when it can load ES modules from require (22.12), which NestJS 12 needs.
 */
export function pinnedNode() {
  const names = ['node', 'node-bin'].map((prefix) => `${prefix}-${process.platform}-${process.arch}`);
  const binary = names.map((name) => inRoot('node_modules', name, 'bin', 'node')).find(existsSync);
  if (binary) return binary;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 12)) {
    const here = `${process.platform}-${process.arch}`;
    throw new BootstrapError(
      `npm has no pinned Node for ${here}; run with Node 22.12 or later (this is ${process.versions.node})`,
    );
  }
  say(`no pinned Node for this platform, using ${process.execPath} ${process.version}`);
  return process.execPath;
}

/** The environment in which child processes find that Node first. */
export function withNode(node, env) {
  return { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}` };
}
