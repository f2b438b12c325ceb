import { defineConfig } from 'vitest/config';

/** It measures the heap. */
const HEAP = 'converted/heap.test.ts';
const PLAIN =
  'conformance/{case,compare,golden,iterators,judge,laws/provider,lifetimes,partial,protocol,structure,vectors}/**/*.test.ts';

export default defineConfig({
  test: {
    // None of them measures time: a limit is there for what never ends.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        // Plain functions: what the files of one process share is loaded once, and compiled once.
        extends: true,
        test: {
          name: 'shared',
          include: ['{src,legacy,converted}/**/*.test.ts', PLAIN],
          exclude: [HEAP],
          isolate: false,
        },
      },
      {
        // Commands, threads, mutants: a process each, for they change what others would find.
        extends: true,
        test: {
          name: 'alone',
          include: ['{conformance,bench}/**/*.test.ts', HEAP],
          exclude: [PLAIN],
        },
      },
    ],
  },
});
