// Type-checked linting, and the dependency rules of the layout: apps use packages, never each other; NestJS stays in the apps;
// the environment is read in configuration files; Redis keys are named in contracts; statuses change in the run store.
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Read the environment in a config file: a variable that is not in the schema is not documented.',
};
const REDIS_KEY = {
  selector: 'Literal[value=/^longrun:[a-z-]+:/], TemplateElement[value.raw=/^longrun:[a-z-]+:/]',
  message: 'Redis keys and channels are named in packages/contracts/src/redis-keys.ts.',
};
const RUN_STATUS = {
  selector: 'TemplateElement[value.raw=/UPDATE run\\b[\\s\\S]*SET[\\s\\S]*status =/]',
  message: 'A run changes its status in packages/runs/src/run-store only.',
};

const NEST = {
  group: ['@nestjs/*'],
  message: 'NestJS belongs to the apps and to packages/*/src/nest with its tests.',
};
const APPS = {
  group: ['@longrun/api', '@longrun/worker', '@longrun/sweeper', '**/apps/*'],
  message: 'Apps use packages; nothing uses an app.',
};
const INNER = { group: ['@longrun/*/src/*', '@longrun/*/dist/*'], message: 'Import what a package exports.' };

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/generated/**',
      '.longrun/**',
      '**/.turbo/**',
      '**/coverage/**',
      '**/prisma.config.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts', '.js', '.mjs'],
      'import-x/resolver-next': [createTypeScriptImportResolver({ noWarnOnMultipleProjects: true })],
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-duplicates': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The reason of an abort is whatever the caller gave.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      // Ports are objects of closures here as often as instances; none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Methods that fulfil an asynchronous interface need not await anything.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-restricted-imports': ['error', { patterns: [NEST, APPS, INNER] }],
      'no-restricted-syntax': ['error', ENVIRONMENT, REDIS_KEY, RUN_STATUS],
    },
  },
  {
    files: ['apps/**/*.ts', 'packages/*/{src,test}/nest/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [APPS, INNER] }] },
  },
  {
    files: ['packages/contracts/src/redis-keys.ts'],
    rules: { 'no-restricted-syntax': ['error', ENVIRONMENT] },
  },
  {
    files: ['packages/runs/src/run-store/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ENVIRONMENT, REDIS_KEY] },
  },
  {
    // The loader of langgraph.json is what sets the variables that it names.
    files: [
      'packages/graphs/src/registry/environment.ts',
      '**/config/**/*.ts',
      '**/*.config.ts',
      '**/test/**/*.ts',
      '**/*.spec.ts',
      'packages/testing/**/*.ts',
      'packages/test-stack/**/*.ts',
      'packages/faults/src/test-build/environment.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Doubles and answers of parsers are loosely typed on purpose; a wrong shape fails the test itself.
    files: ['**/test/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Measured figures are printed.
      'no-console': 'off',
    },
  },
  // The command line talks to a person; so do the examples.
  {
    files: ['packages/cli/**/*.ts', 'examples/**/*.ts', 'packages/service-kit/src/process-lifecycle.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['examples/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
