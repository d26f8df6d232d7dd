import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Strike } from './judge-death.js';

/** Strikes outlive the parent: what kills a worker may kill its parent as well. */
export class StrikeFile {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'strikes.json');
  }

  read(): Strike[] {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as Strike[];
    } catch {
      return [];
    }
  }

  write(strikes: readonly Strike[]): void {
    const partial = `${this.path}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(strikes));
    renameSync(partial, this.path);
  }
}
