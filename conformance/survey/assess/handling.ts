/** Counts of one file, and what it does with lists. */
import { CATALOGUE } from '../catalogue.ts';
import type { EvidenceCounts, Handling } from '../census.ts';
import type { CallFact, FileFacts } from '../facts.ts';
import { mappingRow } from '../mapping.ts';

/** `struct` names whose use makes a file one that touches lists. */
const TOUCHING_TYPES = new Set(['scatterlist', 'sg_table', 'scatter_walk']);

/** Calls of counted names. */
export function countedCalls(facts: FileFacts): CallFact[] {
  return facts.calls.filter((c) => CATALOGUE.get(c.name)?.counted === true);
}

/** Calls that need no list: sites that are converted, and the group `extra-plain`. */
export function plainCalls(facts: FileFacts): CallFact[] {
  return facts.calls.filter(({ name }) => {
    const entry = CATALOGUE.get(name);
    if (entry?.counted === true) return mappingRow(name).key === 'setter-converted';
    return entry?.group === 'extra-plain';
  });
}

/** Calls by function, then by name. */
export function callCounts(calls: readonly CallFact[]): Record<string, Record<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { fn, name } of calls) {
    const names = counts.get(fn) ?? new Map<string, number>();
    counts.set(fn, names);
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].map(([fn, names]) => [fn, Object.fromEntries(names)]));
}

/** Sites by group. */
export function sitesByGroup(calls: readonly CallFact[]): Record<string, number> {
  const groups: Record<string, number> = {};
  for (const call of calls) {
    const group = CATALOGUE.get(call.name)?.group ?? '';
    groups[group] = (groups[group] ?? 0) + 1;
  }
  return groups;
}

/** The four kinds of evidence, counted. */
export function countEvidence(facts: FileFacts): EvidenceCounts {
  const types = facts.types.filter((t) => TOUCHING_TYPES.has(t.name));
  const places = [...countedCalls(facts), ...facts.types, ...facts.requestMembers];
  const writes = facts.entryFields.filter((f) => f.write).length;
  const compared = (kind: string): number =>
    facts.comparisons.filter((c) => c.kind === kind).length;
  return {
    functions: new Set(places.map((p) => p.fn)).size,
    types: types.length,
    scatterlist: types.filter((t) => t.name === 'scatterlist').length,
    requestMembers: facts.requestMembers.length,
    typeMembers: facts.typeMembers.length,
    entryReads: facts.entryFields.length - writes,
    entryWrites: writes,
    identity: compared('identity'),
    reversed: compared('reversed'),
    firstAddress: compared('first-address'),
  };
}

/** Whether the file has one site, one list type or one request member. */
export function touchesLists(sites: number, evidence: EvidenceCounts): boolean {
  return sites + evidence.types + evidence.requestMembers > 0;
}

/** Sites of the named groups. */
export function sitesIn(
  groups: Readonly<Record<string, number>>,
  names: readonly string[],
): number {
  return names.reduce((sum, name) => sum + (groups[name] ?? 0), 0);
}

const OPENING = [
  'sg-build',
  'sg-from-skb',
  'sg-from-bio',
  'sg-from-iter',
  'sg-walk',
  'sg-copy',
  'scatterwalk',
  'dma',
  'krb5-sg',
];
const WALKING = ['skcipher-walk', 'hash-walk', 'acomp-walk', 'macro-walk'];

/** What the file does with lists; first match wins. */
export function handlingOf(
  groups: Readonly<Record<string, number>>,
  evidence: EvidenceCounts,
): Handling {
  const count = (names: readonly string[]): number => sitesIn(groups, names);
  const opened = count(OPENING);
  const walked = count(WALKING);
  const passed = count(['req-set']) + evidence.types + evidence.requestMembers;
  if (opened + walked + passed === 0) return 'none';
  if (opened + passed === 0) return 'walk-only';
  if (opened === 0) return walked > 0 ? 'walk+pass' : 'pass-through';
  if (count(['dma']) > 0) return 'dma';
  const fields = evidence.entryReads + evidence.entryWrites;
  if (count(['sg-walk', 'scatterwalk']) > 0 || fields > 0) return 'walks';
  return count(['sg-build', 'sg-from-skb']) > 0 ? 'builds' : 'copies';
}
