/** Hours of a file with every term, so that the sum can be checked by hand. */
import { CATALOGUE } from '../catalogue.ts';
import type { CensusFile, EvidenceCounts, Handling } from '../census.ts';
import { CLASSES, ROLE_FACTORS, WEIGHTS } from '../data/weights.ts';
import type { CallFact } from '../facts.ts';
import type { Role } from '../role.ts';

/** What the estimate depends on. */
export interface EffortInput {
  readonly role: Role;
  readonly handling: Handling;
  /** Counted calls. */
  readonly sites: readonly CallFact[];
  readonly evidence: EvidenceCounts;
  /** Flag in this file, or a callback of its own for a caller. */
  readonly isAsync: boolean;
  readonly mapsDma: boolean;
}

/** Hours and the terms whose sum they are. */
export interface Effort {
  readonly hours: number;
  readonly terms: Record<string, number>;
  readonly class: CensusFile['class'];
}

/** Two decimals: enough for a sum of weights, short in the report. */
function round(hours: number): number {
  return Math.round(hours * 100) / 100;
}

/** Estimates one file. The terms add up to the hours. */
export function effortOf(input: EffortInput): Effort {
  if (input.handling === 'none') return { hours: 0, terms: {}, class: 'none' };
  const { evidence } = input;
  const terms: Record<string, number> = {};
  for (const { name } of input.sites) {
    const entry = CATALOGUE.get(name);
    if (entry !== undefined && entry.weight > 0)
      terms[entry.group] = (terms[entry.group] ?? 0) + entry.weight;
  }
  const calls = (pattern: RegExp): number => input.sites.filter((c) => pattern.test(c.name)).length;
  terms['entry fields'] = WEIGHTS.entryAccess * (evidence.entryReads + evidence.entryWrites);
  terms['request members'] =
    WEIGHTS.requestMember * Math.min(evidence.requestMembers, WEIGHTS.requestMembersMax);
  terms['in-place by identity'] = WEIGHTS.identity * evidence.identity;
  terms['chained lists'] = WEIGHTS.chain * calls(/^(?:sg_chain|scatterwalk_crypto_chain)$/);
  terms['fast forwards'] = WEIGHTS.ffwd * calls(/^scatterwalk_ffwd$/);
  terms['type uses'] = WEIGHTS.type * evidence.types;
  const base = Object.values(terms).reduce((sum, t) => sum + t, 0);
  const asyncFactor = input.isAsync ? WEIGHTS.asyncFactor : 1;
  if (input.isAsync) terms['async (factor 1.3)'] = base * (asyncFactor - 1);
  const role = ROLE_FACTORS[input.role];
  let hours = base * asyncFactor;
  if (role !== undefined) {
    const fixed = input.mapsDma ? (role.fixedDma ?? role.fixed) : role.fixed;
    terms[`${input.role} (factor ${role.factor}, ${fixed} h fixed)`] =
      hours * (role.factor - 1) + fixed;
    hours = hours * role.factor + fixed;
  }
  const kept = Object.entries(terms).filter(([, t]) => t !== 0);
  return {
    hours: round(hours),
    terms: Object.fromEntries(kept.map(([name, t]) => [name, round(t)])),
    class: classOf(input.handling, hours),
  };
}

function classOf(handling: Handling, hours: number): CensusFile['class'] {
  if (handling === 'walk-only') return 'none';
  return CLASSES.find(([limit]) => hours < limit)?.[1] ?? 'XL';
}
