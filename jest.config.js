export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '<rootDir>/.ci/jest-esbuild.mjs' },
  // Milliseconds. Real daemons and RSA keys on two slow cores that have other work too: what takes longer hangs. A test
  // that needs longer says so itself.
  testTimeout: 240_000,
};
