import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,legacy,converted,conformance,bench}/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
