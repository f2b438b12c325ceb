/**
 * The version of this program.
 * @module
 */
import { createRequire } from 'node:module';

/** The package resolves itself by name, from the source and from `dist` alike. */
export function packageVersion(): string {
  return createRequire(import.meta.url)('sg2iter/package.json').version;
}
