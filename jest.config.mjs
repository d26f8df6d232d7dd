// The repository's .swcrc leaves specs out of builds, so its options are repeated here without `exclude`.
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};

const shared = {
  testEnvironment: '<rootDir>/libs/dev/jest/environment.mjs',
  // Workspace packages are tested from their sources, without a build.
  testEnvironmentOptions: { customExportConditions: ['@headrace/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/\\.headrace/', '/\\.nx/'],
};

const folders = '{libs,services,apps,bench,deploy,examples,scripts}';

/** `unit` needs nothing; `e2e` gets a real Kafka, PostgreSQL and gateway, or uses those that KAFKA_BROKERS and DATABASE_URL name. */
export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [`<rootDir>/${folders}/**/*.spec.ts`],
      testPathIgnorePatterns: ['\\.e2e\\.spec\\.ts$', '/node_modules/'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: [`<rootDir>/${folders}/**/*.e2e.spec.ts`],
      globalSetup: '<rootDir>/libs/dev/jest/global-setup.mjs',
      globalTeardown: '<rootDir>/libs/dev/jest/global-teardown.mjs',
    },
  ],
  // Ends a run whose code keeps a handle open, and says so.
  testTimeout: 60_000,
};
