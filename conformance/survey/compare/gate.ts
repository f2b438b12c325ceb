/** `survey diff --no-new`: what a gate refuses. */

import { UsageError } from '../../terminal/exit.ts';
import { CATALOGUE } from '../catalogue.ts';
import { HAZARDS } from '../data/hazards.ts';
import type { CensusDiff } from './diff.ts';

const COUNTED = [...CATALOGUE.values()].filter((n) => n.counted);
const NAMES = new Set(COUNTED.map((n) => n.name));
const GROUPS = new Set(COUNTED.map((n) => n.group));
const FLAGS = new Set(HAZARDS.map((h) => h.flag));

/**
 * Checks what a gate is asked for: a kind that no site and no hazard can have would never ring.
 * @throws UsageError naming the first such kind, and what there is.
 */
export function parseKinds(kinds: readonly string[]): string[] {
  const known = kinds.map((kind) => kind.trim());
  const stranger = known.find((k) => !NAMES.has(k) && !GROUPS.has(k) && !FLAGS.has(k));
  if (stranger === undefined) return known;
  throw new UsageError(
    `survey diff --no-new '${stranger}': no such kind; there are ${NAMES.size} counted functions,` +
      ` the groups ${[...GROUPS].join(', ')} and the hazards ${[...FLAGS].join(', ')}`,
  );
}

/** New sites and hazards that a gate on `kinds` refuses; no kinds means any of them. */
export function newFindings(diff: CensusDiff, kinds: readonly string[]): string[] {
  const wanted = (...names: string[]): boolean =>
    kinds.length === 0 || names.some((name) => kinds.includes(name));
  return diff.files.flatMap((f) => [
    ...f.sitesNew
      .filter((s) => wanted(s.name, s.group))
      .map((s) => `${s.path}:${s.line}: new ${s.name} in ${s.fn}`),
    ...f.hazardsNew
      .filter((h) => wanted(h.flag))
      .map((h) => `${h.path}:${h.line}: new hazard ${h.flag} in ${h.fn}`),
  ]);
}
