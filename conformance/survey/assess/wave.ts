/** The order of the conversion, and what each file waits for. First match wins. */
import type { Handling, Mode } from '../census.ts';
import { EXTERNAL } from '../data/mapping.ts';
import type { CallFact } from '../facts.ts';
import type { Role } from '../role.ts';

/** What the waves are, by number. */
export const WAVES: readonly string[] = [
  'headers and core walkers, in dual mode',
  'walk-only: free once wave 0 is in, only test again',
  'other software glue',
  'templates, infrastructure, tests',
  'sync callers, better moved to the library or to virtual-address calls',
  'waiting callers',
  'async callers, callers that nothing is known of, and AF_ALG',
  'drivers',
];

const SOFTWARE: ReadonlySet<Role> = new Set(['sw-arch', 'sw-generic', 'sw-lib']);

/** The wave of a file, or null when it touches nothing or is no crypto. */
export function waveOf(role: Role, handling: Handling, mode: Mode): number | null {
  if (handling === 'none' || role === 'other') return null;
  if (role === 'api-header' || role === 'core') return 0;
  if (handling === 'walk-only') return 1;
  if (SOFTWARE.has(role)) return handling === 'walk+pass' ? 1 : 2;
  if (role === 'template' || role === 'infra' || role === 'test') return 3;
  if (role === 'uapi') return 6;
  if (role === 'hw-driver') return 7;
  if (mode === 'wait') return 5;
  return mode === 'sync' || mode === 'alloc-only' ? 4 : 6;
}

/** What must exist before the file can be converted. */
export function blockersOf(wave: number | null, calls: readonly CallFact[]): string[] {
  if (wave === null || wave === 0) return [];
  const blockers = new Set(['wave 0']);
  for (const call of calls) {
    const external = EXTERNAL.find((e) => e.name.test(call.name));
    if (external !== undefined) blockers.add(external.blocker);
  }
  // A caller hands its lists to templates: they need the new half first.
  if (wave >= 4 && wave <= 6) blockers.add('wave 3');
  return [...blockers];
}
