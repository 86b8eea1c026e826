import base from '../../jest.config.base.mjs';

export default {
  ...base,
  globalSetup: '<rootDir>/test/postgres-for-tests.mjs',
  globalTeardown: '<rootDir>/test/stop-postgres-for-tests.mjs',
};
