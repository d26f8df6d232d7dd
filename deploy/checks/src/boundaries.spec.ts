import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IConfiguration } from 'dependency-cruiser';
import { FixtureWorkspace } from './fixture-workspace.js';
import { repositoryRoot } from './repository-root.js';

interface Cruise {
  summary: { violations: { from: string; to: string; rule: { name: string } }[]; totalCruised: number };
}

function cruise(cwd: string): Cruise {
  const cli = join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(repositoryRoot, '.dependency-cruiser.mjs');
  const run = spawnSync(
    process.execPath,
    [cli, 'libs', 'services', 'apps', '--config', config, '--output-type', 'json'],
    {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no result: ${run.stderr}`);
  return JSON.parse(run.stdout) as Cruise;
}

/** Rule, the file that breaks it, and the import that does. */
const forbidden: [rule: string, file: string, text: string][] = [
  ['contracts-import-nothing', 'libs/contracts/src/bad.ts', "import '@headrace/service-kit';"],
  ['contracts-import-nothing', 'libs/contracts/src/bad-builtin.ts', "import 'node:fs';"],
  ['contracts-import-nothing', 'libs/contracts/src/bad-npm.ts', "import 'zod';"],
  ['domain-knows-only-contracts', 'libs/statistics/src/bad.ts', "import '@headrace/event-log';"],
  ['domain-knows-only-contracts', 'libs/rollout/src/bad.ts', "import '@headrace/statistics';"],
  ['monitoring-knows-only-statistics', 'libs/monitoring/src/bad.ts', "import '@headrace/persistence';"],
  ['domain-is-pure', 'libs/statistics/src/bad-builtin.ts', "import 'node:crypto';"],
  ['domain-is-pure', 'libs/rollout/src/bad-npm.ts', "import 'zod';"],
  ['service-kit-knows-only-contracts', 'libs/service-kit/src/bad.ts', "import '@headrace/persistence';"],
  ['platform-libs-stand-alone', 'libs/persistence/src/bad.ts', "import '@headrace/event-log';"],
  ['platform-libs-stand-alone', 'libs/event-log/src/bad.ts', "import '@headrace/model-runtime';"],
  ['platform-libs-stand-alone', 'libs/model-runtime/src/bad-type.ts', "import type {} from '@headrace/statistics';"],
  ['protocol-knows-no-platform', 'libs/mlflow-protocol/src/bad.ts', "import '@headrace/persistence';"],
  ['services-meet-on-topics', 'services/drift/src/bad.ts', "import '../../training/src/index.js';"],
  ['libs-know-no-service', 'libs/event-log/src/bad-service.ts', "import '../../../services/drift/src/index.js';"],
  ['services-know-no-app', 'services/drift/src/bad-app.ts', "import '../../../apps/cli/src/index.js';"],
  ['dev-only-in-tests-and-apps', 'services/streaming/src/bad.ts', "import '@headrace/dev';"],
  ['dev-only-in-tests-and-apps', 'libs/event-log/src/bad-dev.ts', "import '@headrace/dev';"],
  ['no-test-code-in-production', 'services/streaming/src/bad-jest.ts', "import '@jest/globals';"],
  ['through-the-front-door', 'services/drift/src/bad-deep.ts', "import '../../../libs/statistics/src/inner.js';"],
  ['kafkajs-only-in-event-log', 'services/streaming/src/bad-kafka.ts', "import 'kafkajs';"],
  ['kafkajs-only-in-event-log', 'apps/cli/src/bad-kafka.ts', "import 'kafkajs';"],
  ['sql-only-in-persistence-and-services', 'libs/service-kit/src/bad-pg.ts', "import 'pg';"],
  ['sql-only-in-persistence-and-services', 'apps/cli/src/bad-sql.ts', "import 'kysely';"],
  ['onnx-only-in-model-runtime', 'services/serving/src/bad.ts', "import 'onnxruntime-node';"],
  ['no-circular', 'services/serving/src/one.ts', "import './two.js';"],
  ['no-orphans', 'services/serving/src/alone.ts', 'export const alone = 1;'],
  ['no-unresolvable', 'services/alerting/src/bad.ts', "import './not-there.js';"],
  ['no-undeclared-package', 'services/alerting/src/bad-npm.ts', "import 'undeclared-package';"],
];

/** Imports that must stay allowed: each of them looks like one above. */
const allowed: [file: string, text: string][] = [
  ['libs/statistics/src/good.ts', "import '@headrace/contracts';"],
  ['libs/statistics/src/good.spec.ts', "import 'node:fs'; import '@jest/globals'; import './good.js';"],
  [
    'libs/event-log/src/good.ts',
    "import '@headrace/contracts'; import '@headrace/service-kit'; import 'kafkajs'; import 'node:fs';",
  ],
  ['libs/persistence/src/good.ts', "import 'pg'; import 'kysely';"],
  ['libs/model-runtime/src/good.ts', "import 'onnxruntime-node';"],
  ['libs/dev/src/good.ts', "import 'kafkajs'; import 'pg'; import '@headrace/event-log';"],
  ['services/drift/src/good.ts', "import '@headrace/statistics'; import '@headrace/persistence'; import 'kysely';"],
  ['services/drift/test/good.e2e.spec.ts', "import '@headrace/dev'; import 'kafkajs';"],
  ['services/drift/src/main.ts', 'export const entry = 1;'],
  ['apps/demo/src/good.ts', "import 'kafkajs'; import '@headrace/dev';"],
];

const stubs = ['kafkajs', 'pg', 'kysely', 'onnxruntime-node', 'zod', '@jest/globals', 'undeclared-package'];

describe('layer boundaries', () => {
  let workspace: FixtureWorkspace;
  let violations: Cruise['summary']['violations'];

  beforeAll(() => {
    workspace = new FixtureWorkspace(stubs);
    for (const [, file, text] of forbidden) workspace.write(file, `${text}\n`);
    for (const [file, text] of allowed) workspace.write(file, `${text}\n`);
    workspace.write('services/serving/src/two.ts', "import './one.js';\n");
    workspace.write('libs/statistics/src/inner.ts', 'export const inner = 1;\n');
    violations = cruise(workspace.root).summary.violations;
  });
  afterAll(() => workspace.remove());

  const broken = (file: string) => violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

  it.each(forbidden)('%s fails on %s: %s', (rule, file) => expect(broken(file)).toContain(rule));

  it.each(allowed)('nothing fails on %s: %s', (file) => expect(broken(file)).toEqual([]));

  it('every rule has a reason and a file above that breaks it', async () => {
    const { default: config } = (await import(join(repositoryRoot, '.dependency-cruiser.mjs'))) as {
      default: IConfiguration;
    };
    const rules = config.forbidden ?? [];
    expect(rules.filter(({ comment }) => !comment)).toEqual([]);
    expect(new Set(forbidden.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it('the repository keeps to them', () => {
    const { summary } = cruise(repositoryRoot);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    // A misspelt folder would pass with nothing read.
    expect(summary.totalCruised).toBeGreaterThan(20);
  });
});
