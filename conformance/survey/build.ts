/** From facts to the report: every judgement about a tree is made here and in `assess/`. */
import { createHash } from 'node:crypto';
import { consumerMode, consumersOf } from './assess/consumer-mode.ts';
import { effortOf } from './assess/effort.ts';
import {
  callCounts,
  countEvidence,
  countedCalls,
  handlingOf,
  plainCalls,
  sitesByGroup,
  sitesIn,
  touchesLists,
} from './assess/handling.ts';
import { hazardsOf } from './assess/hazards.ts';
import { predictPatches } from './assess/patches.ts';
import {
  algorithmsOf,
  collectUnitEvidence,
  isAsyncByEvidence,
  providerMode,
  takesLists,
  type UnitEvidence,
} from './assess/provider-mode.ts';
import { unitOf } from './assess/unit.ts';
import { blockersOf, waveOf } from './assess/wave.ts';
import { CATALOGUE, catalogueHash } from './catalogue.ts';
import {
  CENSUS_SCHEMA,
  type Census,
  type CensusAlgorithm,
  type CensusFile,
  type CensusHazard,
  type CensusSite,
  type Confidence,
  type Evidence,
  type Mode,
  type Totals,
  type Uncatalogued,
} from './census.ts';
import { LIMITS } from './data/limits.ts';
import type { CallFact, FileFacts } from './facts.ts';
import type { TreeFacts } from './gather.ts';
import { ordinalCounter, siteId } from './ids.ts';
import { type Maintainers, reportSections, sectionsOf } from './maintainers.ts';
import { mappingRow, mechanicalOf } from './mapping.ts';
import { type Role, roleOf } from './role.ts';

/** What the report needs besides the facts. */
export interface BuildInput {
  readonly version: string;
  readonly toolVersion: string;
  readonly tree: TreeFacts;
  readonly maintainers: Maintainers;
}

interface Assessed {
  readonly file: CensusFile;
  readonly sites: readonly CensusSite[];
  readonly hazards: readonly CensusHazard[];
  readonly algs: readonly CensusAlgorithm[];
  readonly facts: FileFacts;
}

const CONFIDENCE: Readonly<Record<CallFact['place'], Confidence>> = {
  code: 'high',
  macro: 'medium',
  error: 'low',
};

/** Builds the report of one tree. */
export function buildCensus(input: BuildInput): Census {
  const { facts } = input.tree;
  const units = collectUnitEvidence(facts);
  const assessed = facts.map((f) => assess(f, units, input.maintainers));
  const files = assessed.map((a) => a.file);
  const algs = assessed.flatMap((a) => a.algs);
  const counted = assessed.filter((a) => a.file.role !== 'other');
  const titles = new Set(files.flatMap((f) => f.maintainers));
  return {
    schema: CENSUS_SCHEMA,
    tool: { name: 'sg2iter', version: input.toolVersion, catalogueHash: catalogueHash() },
    tree: {
      version: input.version,
      fileHash: hashFiles(facts),
      sources: input.tree.sources,
      candidates: input.tree.candidates,
    },
    totals: totalsOf(counted, algs, input.tree),
    files,
    sites: counted.flatMap((a) => a.sites),
    hazards: counted.flatMap((a) => a.hazards),
    algs,
    consumers: assessed
      .filter((a) => a.file.role === 'consumer')
      .flatMap((a) => consumersOf(a.facts)),
    names: countNames(facts),
    sections: reportSections(input.maintainers, titles),
    uncatalogued: uncataloguedOf(input.tree),
    errors: facts.flatMap(errorsOf),
    limits: LIMITS,
  };
}

function hashFiles(facts: readonly FileFacts[]): string {
  const hash = createHash('sha256');
  for (const { path, hash: content } of facts) hash.update(`${path} ${content}\n`);
  return hash.digest('hex').slice(0, 16);
}

function assess(facts: FileFacts, units: UnitEvidence, maintainers: Maintainers): Assessed {
  const calls = countedCalls(facts);
  const groups = sitesByGroup(calls);
  const evidence = countEvidence(facts);
  const role = roleOf(facts.path, facts.definesTemplate);
  const algs = algorithmsOf(facts, role, units);
  const { mode, evidence: sightings } =
    role === 'consumer' || role === 'uapi'
      ? consumerMode(facts)
      : providerMode(facts, role, algs, units);
  const touches = role !== 'other' && touchesLists(calls.length, evidence);
  const handling = handlingOf(groups, evidence);
  const isAsync = isAsyncForEffort(role, mode, sightings);
  const mapsDma = sitesIn(groups, ['dma']) > 0;
  const effort = effortOf({ role, handling, sites: calls, evidence, isAsync, mapsDma });
  const wave = touches ? waveOf(role, handling, mode) : null;
  const hazards = touches ? hazardsOf(facts, role, mode) : [];
  const file: CensusFile = {
    path: facts.path,
    hash: facts.hash,
    lines: facts.lines,
    functions: facts.functions,
    plain: callCounts(plainCalls(facts)),
    role,
    unit: unitOf(facts.path),
    mode,
    asyncEvidence: sightings,
    handling,
    touches,
    sites: calls.length,
    groups,
    evidence,
    hours: effort.hours,
    hoursTerms: effort.terms,
    class: effort.class,
    wave,
    blockedBy: blockersOf(wave, facts.calls),
    flags: [...new Set(hazards.map((h) => h.flag))].sort(),
    patches: touches ? predictPatches(facts) : {},
    maintainers: touches ? sectionsOf(maintainers, facts.path) : [],
    parseErrors: facts.errors.length,
  };
  return { file, sites: sitesOf(facts, calls, hazards), hazards, algs, facts };
}

function isAsyncForEffort(role: Role, mode: Mode, sightings: readonly Evidence[]): boolean {
  if (role === 'consumer') return mode === 'pipelined' || mode === 'own-wait';
  return sightings.some((e) => e.kind === 'flag-static' || e.kind === 'flag-assigned');
}

function sitesOf(
  facts: FileFacts,
  calls: readonly CallFact[],
  hazards: readonly CensusHazard[],
): CensusSite[] {
  const ordinalOf = ordinalCounter();
  const byLine = new Map<number, CensusHazard[]>();
  for (const h of hazards) byLine.set(h.line, [...(byLine.get(h.line) ?? []), h]);
  return calls.map((call) => {
    const ordinal = ordinalOf(call.fn, call.name);
    const flags = (byLine.get(call.line) ?? []).filter((h) => h.what.startsWith(`${call.name}(`));
    return {
      id: siteId(facts.path, call.fn, call.name, ordinal),
      path: facts.path,
      line: call.line,
      fn: call.fn,
      name: call.name,
      ordinal,
      group: CATALOGUE.get(call.name)?.group ?? '',
      args: call.args,
      mapping: mappingRow(call.name).key,
      mechanical: mechanicalOf(call),
      flags: flags.map((h) => h.flag),
      confidence: CONFIDENCE[call.place],
    };
  });
}

function countNames(facts: readonly FileFacts[]): Record<string, number> {
  const names: Record<string, number> = {};
  for (const call of facts.flatMap((f) => f.calls)) names[call.name] = (names[call.name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Declared in a header, takes or returns a list, and no catalogue entry. */
function uncataloguedOf(tree: TreeFacts): Uncatalogued[] {
  const headers = tree.facts.filter((f) => /^include\/(?:crypto|linux)\//.test(f.path));
  return [...tree.headers, ...headers].flatMap((f) =>
    f.listFunctions
      .filter((l) => !CATALOGUE.has(l.name))
      .map((l) => ({ path: f.path, line: l.line, name: l.name })),
  );
}

function errorsOf(facts: FileFacts): Census['errors'] {
  return [
    ...facts.errors.map((e) => ({ path: facts.path, line: e.line, what: e.what })),
    ...facts.scanMismatches.map((what) => ({ path: facts.path, line: 1, what })),
  ];
}

function totalsOf(
  counted: readonly Assessed[],
  algs: readonly CensusAlgorithm[],
  tree: TreeFacts,
): Totals {
  const touching = counted.map((a) => a.file).filter((f) => f.touches);
  const sum = (of: (f: CensusFile) => number): number => touching.reduce((s, f) => s + of(f), 0);
  const lists = algs.filter((a) => takesLists(a.type));
  const async = lists.filter((a) => a.mode === 'async');
  const byEvidence = async.filter(isAsyncByEvidence).length;
  const unitsOf = (files: readonly CensusFile[]): number =>
    new Set(files.filter((f) => f.role === 'hw-driver').map((f) => f.unit)).size;
  return {
    files: touching.length,
    inScope: tree.facts.length,
    lines: tree.facts.reduce((s, f) => s + f.lines, 0),
    linesTouching: sum((f) => f.lines),
    functions: sum((f) => f.evidence.functions),
    sites: sum((f) => f.sites),
    hours: Math.round(sum((f) => f.hours)),
    scatterlist: sum((f) => f.evidence.scatterlist),
    requestMembers: sum((f) => f.evidence.requestMembers),
    typeMembers: sum((f) => f.evidence.typeMembers),
    entryAccesses: sum((f) => f.evidence.entryReads + f.evidence.entryWrites),
    entryWrites: sum((f) => f.evidence.entryWrites),
    identity: sum((f) => f.evidence.identity),
    reversed: sum((f) => f.evidence.reversed),
    listAlgorithms: lists.length,
    asyncFlagged: async.length - byEvidence,
    asyncByEvidence: byEvidence,
    templates: tree.facts.filter((f) => f.definesTemplate).length,
    driverUnits: unitsOf(counted.map((a) => a.file)),
    driverUnitsTouching: unitsOf(touching),
    driverUnitsMapping: unitsOf(touching.filter((f) => sitesIn(f.groups, ['dma']) > 0)),
    assemblyFiles: tree.assembly.length,
    assemblyLines: tree.assembly.reduce((s, a) => s + a.lines, 0),
    assemblyHits: tree.assembly.reduce((s, a) => s + a.hits.length, 0),
  };
}
