import { join } from 'node:path';

/** Root of the checkout; src/ and dist/ lie equally deep. */
export const repositoryRoot = join(import.meta.dirname, '..', '..', '..');

/** Everything a run leaves behind: jars, data, logs, pid files. Ignored by git. */
export const stateFolder = join(repositoryRoot, '.headrace');
