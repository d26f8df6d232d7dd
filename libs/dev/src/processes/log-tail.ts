import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const windowBytes = 64 * 1024;

/** The last lines of a file, from at most its last 64 KiB; empty when there is no such file. */
export function tailOf(path: string, lines: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const start = Math.max(0, fstatSync(file).size - windowBytes);
    const buffer = Buffer.alloc(windowBytes);
    const read = readSync(file, buffer, 0, windowBytes, start);
    return buffer.toString('utf8', 0, read).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(file);
  }
}
