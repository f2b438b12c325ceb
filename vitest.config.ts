import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,legacy,converted,conformance,bench}/**/*.test.ts'],
    testTimeout: 60_000,
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
  },
});
