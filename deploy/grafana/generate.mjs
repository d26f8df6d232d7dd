// Writes dashboards/*.json from src/. `--check` fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import './run-typescript.mjs';

const { dashboards } = await import('./src/dashboards.ts');

let stale = false;
for (const [file, text] of Object.entries(dashboards())) {
  const path = join(import.meta.dirname, 'dashboards', file);
  let current = '';
  try {
    current = readFileSync(path, 'utf8');
  } catch {
    // first generation
  }
  if (current === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`deploy/grafana/dashboards/${file} is stale: run node deploy/grafana/generate.mjs`);
    stale = true;
  } else {
    writeFileSync(path, text);
    console.log(`wrote deploy/grafana/dashboards/${file}`);
  }
}
process.exit(stale ? 1 : 0);
