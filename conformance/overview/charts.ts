/**
 * The script that draws the charts of a report, as the build made it.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';

/** Beside compiled output, and where sources find it. */
const PLACES: readonly URL[] = [
  new URL('./charts.bundle.js', import.meta.url),
  new URL('../../dist/conformance/overview/charts.bundle.js', import.meta.url),
];

/** Plain browser JavaScript that asks for nothing. @throws UsageError where nothing was built */
export function chartScript(): string {
  const place = PLACES.find(existsSync);
  if (place !== undefined) return readFileSync(place, 'utf8');
  throw new UsageError('report: its charts are not built, run npm run build', EXIT_ENVIRONMENT);
}
