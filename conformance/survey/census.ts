/** The report: types of `census.json`, and its version. Lines count from 1, hours are ranges. */

import type { Mechanical } from './data/mapping.ts';
import type { AlgorithmType, AsyncKind } from './facts.ts';
import type { Role } from './role.ts';

/** Version of the report. A reader refuses any other. */
export const CENSUS_SCHEMA = 'sg2iter-census/2';

/** How sure a statement is: call node, macro body, or parse error and "by reading". */
export type Confidence = 'high' | 'medium' | 'low';

/** How a provider completes, or how a caller waits; `unknown`: a caller that shows no sign of it. */
export type Mode =
  | 'async'
  | 'sync'
  | 'inherited'
  | 'pipelined'
  | 'own-wait'
  | 'wait'
  | 'alloc-only'
  | 'unknown'
  | 'none';

/** What a file does with lists. */
export type Handling =
  | 'none'
  | 'walk-only'
  | 'walk+pass'
  | 'pass-through'
  | 'dma'
  | 'walks'
  | 'builds'
  | 'copies';

/** One sighting that supports a mode. `path` is set when it lies in another file of the unit. */
export interface Evidence {
  readonly kind: AsyncKind | 'callback' | 'mask' | 'wait' | 'library' | 'on-stack' | 'result';
  readonly path?: string | undefined;
  readonly line: number;
  readonly fn: string;
  /** What stands there and decides: the callback, the mask, the call. */
  readonly text?: string | undefined;
}

/** Evidence of the four kinds, counted. */
export interface EvidenceCounts {
  /** Enclosing functions with a site, a type or a request member. */
  readonly functions: number;
  /** Uses of `scatterlist`, `sg_table`, `scatter_walk`. */
  readonly types: number;
  readonly scatterlist: number;
  readonly requestMembers: number;
  readonly typeMembers: number;
  readonly entryReads: number;
  readonly entryWrites: number;
  readonly identity: number;
  readonly reversed: number;
  readonly firstAddress: number;
}

/** One file in scope. */
export interface CensusFile {
  readonly path: string;
  readonly hash: string;
  readonly lines: number;
  /** Names of the functions that are defined here. */
  readonly functions: readonly string[];
  /** Calls that do the work of list calls without a list: by function, then by name. */
  readonly plain: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly role: Role;
  /** Driver unit, or `''` outside drivers/crypto. */
  readonly unit: string;
  readonly mode: Mode;
  readonly asyncEvidence: readonly Evidence[];
  readonly handling: Handling;
  readonly touches: boolean;
  readonly sites: number;
  /** Sites by group. */
  readonly groups: Readonly<Record<string, number>>;
  readonly evidence: EvidenceCounts;
  /** Hours of one developer with review and tests; the range is half to double. */
  readonly hours: number;
  readonly hoursTerms: Readonly<Record<string, number>>;
  readonly class: 'none' | 'XS' | 'S' | 'M' | 'L' | 'XL';
  /** 0 to 7, or null for a file that touches nothing. */
  readonly wave: number | null;
  readonly blockedBy: readonly string[];
  readonly flags: readonly string[];
  /** Edits that each semantic patch is expected to make. */
  readonly patches: Readonly<Record<string, number>>;
  readonly maintainers: readonly string[];
  readonly parseErrors: number;
}

/** One live call of a counted name. */
export interface CensusSite {
  /** Independent of lines: path, function, name, ordinal. */
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly fn: string;
  readonly name: string;
  /** Ordinal of the name inside the function, from 0. */
  readonly ordinal: number;
  readonly group: string;
  readonly args: readonly string[];
  readonly mapping: string;
  readonly mechanical: Mechanical;
  readonly flags: readonly string[];
  readonly confidence: Confidence;
}

/** One place where a mechanical conversion would go wrong. */
export interface CensusHazard {
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly fn: string;
  readonly flag: string;
  readonly ordinal: number;
  /** The expression that raised it, on one line. */
  readonly what: string;
  readonly confidence: Confidence;
}

/** One statically defined algorithm. */
export interface CensusAlgorithm {
  readonly path: string;
  readonly line: number;
  readonly type: AlgorithmType;
  readonly name: string;
  readonly driver: string;
  readonly mode: 'async' | 'sync' | 'inherited';
  readonly internal: boolean;
  readonly evidence: readonly Evidence[];
}

/** One function of a caller that sets a callback. */
export interface CensusConsumer {
  readonly path: string;
  readonly line: number;
  readonly fn: string;
  readonly mode: Mode;
  readonly callback: string;
  readonly requestFlags: string;
  /** Masks with which the file allocates transforms. */
  readonly masks: readonly string[];
}

/** A function that takes or returns a list in a header or core file and is not catalogued. */
export interface Uncatalogued {
  readonly path: string;
  readonly line: number;
  readonly name: string;
}

/** Sums over all files that touch lists. */
export interface Totals {
  readonly files: number;
  readonly inScope: number;
  readonly lines: number;
  readonly linesTouching: number;
  readonly functions: number;
  readonly sites: number;
  readonly hours: number;
  readonly scatterlist: number;
  readonly requestMembers: number;
  readonly typeMembers: number;
  readonly entryAccesses: number;
  readonly entryWrites: number;
  readonly identity: number;
  readonly reversed: number;
  readonly listAlgorithms: number;
  readonly asyncFlagged: number;
  readonly asyncByEvidence: number;
  readonly templates: number;
  readonly driverUnits: number;
  readonly driverUnitsTouching: number;
  readonly driverUnitsMapping: number;
  readonly assemblyFiles: number;
  readonly assemblyLines: number;
  readonly assemblyHits: number;
}

/** MAINTAINERS sections that the files name. */
export interface Section {
  readonly title: string;
  readonly status: string;
  readonly people: readonly string[];
  readonly lists: readonly string[];
}

/** The whole report. */
export interface Census {
  readonly schema: typeof CENSUS_SCHEMA;
  readonly tool: {
    readonly name: string;
    readonly version: string;
    readonly catalogueHash: string;
  };
  readonly tree: {
    readonly version: string;
    /** Digest over paths and contents of the files in scope. */
    readonly fileHash: string;
    readonly sources: number;
    readonly candidates: number;
  };
  readonly totals: Totals;
  readonly files: readonly CensusFile[];
  readonly sites: readonly CensusSite[];
  readonly hazards: readonly CensusHazard[];
  readonly algs: readonly CensusAlgorithm[];
  readonly consumers: readonly CensusConsumer[];
  /** Live calls of every catalogued name that occurs. */
  readonly names: Readonly<Record<string, number>>;
  readonly sections: readonly Section[];
  readonly uncatalogued: readonly Uncatalogued[];
  /** Parse errors, and differences between parser and token scan. */
  readonly errors: readonly {
    readonly path: string;
    readonly line: number;
    readonly what: string;
  }[];
  readonly limits: readonly string[];
}
