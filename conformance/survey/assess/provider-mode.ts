/** Sync or async, for providers: by flag, by evidence in the driver unit, or inherited. */
import type { CensusAlgorithm, Evidence, Mode } from '../census.ts';
import type { AlgorithmType, AsyncFact, AsyncKind, FileFacts } from '../facts.ts';
import { isProvider, type Role } from '../role.ts';
import { evidenceUnitOf } from './unit.ts';

const LIST_TYPES: ReadonlySet<AlgorithmType> = new Set([
  'skcipher',
  'aead',
  'ahash',
  'akcipher',
  'kpp',
  'acomp',
]);
const FLAG_KINDS: ReadonlySet<AsyncKind> = new Set(['flag-assigned', 'flag-defaults']);
const UNIT_KINDS: ReadonlySet<Evidence['kind']> = new Set([
  'returns-inprogress',
  'queues',
  'completes',
]);

/** Sightings by driver unit. */
export type UnitEvidence = ReadonlyMap<string, readonly Evidence[]>;

/** Whether requests of the algorithm's type carry lists. */
export function takesLists(type: AlgorithmType): boolean {
  return LIST_TYPES.has(type);
}

function evidence(fact: AsyncFact): Evidence {
  return { kind: fact.kind, line: fact.line, fn: fact.fn };
}

/** Collects what the files of each driver unit show. */
export function collectUnitEvidence(files: readonly FileFacts[]): UnitEvidence {
  const units = new Map<string, Evidence[]>();
  for (const file of files) {
    if (!/^drivers\/crypto\//.test(file.path)) continue;
    const unit = evidenceUnitOf(file.path);
    const list = units.get(unit) ?? [];
    units.set(unit, list);
    for (const fact of file.async)
      if (UNIT_KINDS.has(fact.kind)) list.push({ ...evidence(fact), path: file.path });
  }
  return units;
}

/** The algorithms of one file with their mode. */
export function algorithmsOf(file: FileFacts, role: Role, units: UnitEvidence): CensusAlgorithm[] {
  const assigned = file.async.filter((a) => FLAG_KINDS.has(a.kind)).map(evidence);
  return file.algorithms.map((alg) => {
    const own: Evidence[] =
      alg.asyncFlagLine > 0 ? [{ kind: 'flag-static', line: alg.asyncFlagLine, fn: '#file' }] : [];
    let found = own;
    if (own.length === 0 && takesLists(alg.type)) {
      found = assigned;
      // One sighting per kind is enough to name; the file's own come first.
      if (found.length === 0 && role === 'hw-driver') found = unitSightings(file.path, units);
    }
    const isAsync = found.length > 0 && takesLists(alg.type);
    return {
      path: file.path,
      line: alg.line,
      type: alg.type,
      name: alg.name,
      driver: alg.driver,
      mode: isAsync ? 'async' : 'sync',
      internal: alg.internal,
      evidence: isAsync ? found : [],
    };
  });
}

function unitSightings(path: string, units: UnitEvidence): Evidence[] {
  const all = units.get(evidenceUnitOf(path)) ?? [];
  const sorted = [...all].sort((a, b) => Number(b.path === path) - Number(a.path === path));
  return [...UNIT_KINDS].flatMap((kind) => sorted.find((e) => e.kind === kind) ?? []);
}

/** Whether the algorithm is async although no flag says so. */
export function isAsyncByEvidence(alg: CensusAlgorithm): boolean {
  return alg.mode === 'async' && alg.evidence.every((e) => UNIT_KINDS.has(e.kind));
}

/** Mode of a provider file, with the sightings. */
export function providerMode(
  file: FileFacts,
  role: Role,
  algs: readonly CensusAlgorithm[],
  units: UnitEvidence,
): { readonly mode: Mode; readonly evidence: Evidence[] } {
  const own = file.async.map(evidence);
  const flags: Evidence[] = algs.flatMap((a) => a.evidence.filter((e) => e.kind === 'flag-static'));
  const seen = [...flags, ...own];
  if (role === 'template') return { mode: 'inherited', evidence: seen };
  if (role === 'hw-driver') {
    const found = seen.length > 0 ? seen : unitSightings(file.path, units);
    return { mode: found.length > 0 ? 'async' : 'sync', evidence: found };
  }
  if (role === 'infra') return { mode: 'async', evidence: seen };
  if (!isProvider(file.path) || role === 'core' || role === 'api-header' || role === 'test')
    return { mode: 'none', evidence: seen };
  return { mode: flags.length > 0 ? 'async' : 'sync', evidence: seen };
}
