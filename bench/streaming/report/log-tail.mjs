import { readFileSync } from 'node:fs';

/** The last lines of a small log. */
export const tailOf = (path, lines = 25) => readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
