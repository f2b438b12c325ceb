/**
 * The scripts that draw in a report, as the build made them.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';

/** Plain browser JavaScript that draws curves and asks for nothing. @throws UsageError where nothing was built */
export function chartScript(): string {
  return bundle('charts');
}

/** The same for treemaps. @throws UsageError where nothing was built */
export function treemapScript(): string {
  return bundle('treemap');
}

/** Beside compiled output, and where sources find it. */
function bundle(name: string): string {
  const places = [
    new URL(`./${name}.bundle.js`, import.meta.url),
    new URL(`../../dist/conformance/overview/${name}.bundle.js`, import.meta.url),
  ];
  const place = places.find(existsSync);
  if (place !== undefined) return readFileSync(place, 'utf8');
  throw new UsageError('report: its charts are not built, run npm run build', EXIT_ENVIRONMENT);
}
