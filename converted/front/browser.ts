/**
 * What a bundle for browsers gets instead of the front door: one clear error.
 * @module
 */
throw new Error(
  'sg2iter runs on Node.js 20.19 or later: it needs node:crypto and synchronous memory',
);

export {};
