import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './repository-root.js';

/** A workspace with the repository's packages, each empty, and stubs of npm packages; imports resolve as they do in the real one. */
export class FixtureWorkspace {
  readonly root = mkdtempSync(join(tmpdir(), 'headrace-workspace-'));

  constructor(npmPackages: readonly string[]) {
    this.write('package.json', readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    mkdirSync(join(this.root, 'node_modules/@headrace'), { recursive: true });
    for (const manifest of globSync('{libs,services,apps}/*/package.json', { cwd: repositoryRoot })) {
      const folder = dirname(manifest);
      const text = readFileSync(join(repositoryRoot, manifest), 'utf8');
      this.write(manifest, text);
      this.write(`${folder}/src/index.ts`, 'export {};\n');
      const { name } = JSON.parse(text) as { name: string };
      symlinkSync(join(this.root, folder), join(this.root, 'node_modules', name));
    }
    for (const name of npmPackages) {
      this.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      this.write(`node_modules/${name}/index.js`, 'export {};\n');
    }
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
