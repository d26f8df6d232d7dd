// Type-aware lint of the whole repository. A rule is here because breaking it is a bug (a lost promise, a hidden clock, an undeclared setting),
// not because of taste: formatting is prettier's, layers are dependency-cruiser's.
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const typescript = [
  'libs/**/*.ts',
  'services/**/*.ts',
  'apps/**/*.ts',
  'deploy/**/*.ts',
  'bench/**/*.ts',
  'examples/**/*.ts',
];
const tests = ['**/*.spec.ts', '**/test/**/*.ts', 'libs/dev/**/*.ts'];
const domain = ['libs/statistics/src/**/*.ts', 'libs/monitoring/src/**/*.ts', 'libs/rollout/src/**/*.ts'];

const environment = {
  object: 'process',
  property: 'env',
  message: 'Only config.ts reads the environment, through loadConfig: all faults are then listed at once.',
};
const impure = (object, property, instead) => ({ object, property, message: `The domain libs are pure: ${instead}` });

export default defineConfig(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/generated/**',
      '**/target/**',
      '.nx/**',
      '.headrace/**',
      '.venv/**',
      'coverage/**',
      'deploy/grafana/dashboards/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      // Topic<any> and OutgoingEvent<any> are how a list of events of several schemas is typed.
      '@typescript-eslint/no-explicit-any': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constant-binary-expression': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'array-callback-return': 'error',
    },
  },
  {
    files: typescript,
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      // `return promise` inside try leaves the catch before the promise fails.
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/restrict-plus-operands': 'error',
    },
  },
  {
    files: tests,
    rules: { 'no-template-curly-in-string': 'off', '@typescript-eslint/no-base-to-string': 'off' },
  },
  {
    name: 'libs and services log through pino and read the environment in config.ts',
    files: ['libs/*/src/**/*.ts', 'services/*/src/**/*.ts'],
    ignores: tests,
    rules: { 'no-console': 'error', 'no-restricted-properties': ['error', environment] },
  },
  {
    name: 'where the environment is read',
    files: ['services/*/src/config.ts', 'libs/service-kit/src/**/*config*.ts', 'libs/service-kit/src/config/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    name: 'domain libs take the clock, chance and settings as arguments',
    files: domain,
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'crypto', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'Buffer'].map(
          (name) => ({
            name,
            message:
              'The domain libs are pure: take what you need as an argument, so that a replay gives the same verdict.',
          }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        impure('Date', 'now', 'take the time as an argument.'),
        impure('Math', 'random', 'take a random source as an argument.'),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'The domain libs are pure: take the time as an argument.',
        },
      ],
    },
  },
);
