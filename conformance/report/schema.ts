/**
 * The report of a conformance run as data: what `--json` prints, what other reports are made from, and
 * what parts of a campaign are put together from.
 * @module
 */
import { z } from 'zod';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';

/** Version of the report. */
export const SCHEMA_VERSION = 3;

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface CheckCount {
  readonly checked: number;
  readonly failed: number;
}

/** One algorithm. */
export interface AlgorithmReport extends Counts {
  readonly randomCases: number;
  /** Trials and cases that ran on both APIs; the rest ran on one, against the reference. */
  readonly onBothSides: number;
  /** By check: how often it had something to look at. */
  readonly checks: Readonly<Record<string, CheckCount>>;
}

/** Where known answers come from. */
export interface SourceReport {
  readonly vectors: number;
  readonly trials: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One subject. */
export interface SubjectReport {
  readonly ran: number;
  /** Reason, and how many trials were not run for it. */
  readonly declined: Readonly<Record<string, number>>;
}

/** A failure that came down to a finding: its kind before it was made small, and where it was met. */
export interface MetReport {
  readonly kind: string;
  /** Number of the job, and of the case in it. */
  readonly order: readonly [job: number, unit: number];
}

export interface FindingReport {
  /** check:subject:algorithm:operation:class of the layout. */
  readonly signature: string;
  /** Replays the smallest case. */
  readonly token: string;
  /** In the order of the campaign, the first one is the one that is shown. */
  readonly met: readonly MetReport[];
  readonly check: string;
  readonly subject: string;
  readonly alg: string;
  /** The layout in testmgr's grammar. */
  readonly layout: string;
  readonly detail: string;
  /** Names of the review rules that it breaks; absent for none. */
  readonly rules?: readonly string[] | undefined;
  /** The request of a program that it is about; absent where there is one request, or for all of them. */
  readonly request?: number | undefined;
  /** The step that it arises in, who made it and what was before it, in lines; absent where no step shows it. */
  readonly where?: readonly string[] | undefined;
  readonly summary: string;
}

export interface ConformReport {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly program: {
    readonly version: string;
    readonly node: string;
    readonly openssl: string;
    readonly platform: string;
  };
  readonly seed: number;
  /** Odds of this seed: one case, segment or draw in so many. Absent in older reports. */
  readonly odds: Readonly<Record<string, number>>;
  readonly options: {
    readonly cases: number;
    /** What random cases were drawn from. */
    readonly algs: readonly string[];
    readonly vectors: boolean;
    /** Present where every random case was a program of requests. */
    readonly programs?: boolean | undefined;
    /** Of the kept cases that some were made from; absent where there were none. */
    readonly corpus?: string | undefined;
    readonly shard: { readonly index: number; readonly count: number };
    /** A run of so many cases of all algorithms must have drawn every value of every axis. */
    readonly wholeAt: number;
    readonly bail: boolean;
    /** null: not bounded. */
    readonly time: number | null;
    readonly caseTime: number;
    /** Subjects from elsewhere; absent where there are none. */
    readonly subject?: SubjectSpec | undefined;
  };
  readonly selfCheck: {
    readonly cases: number;
    readonly differences: readonly string[];
    /** Values of axes that a whole run never drew. */
    readonly undrawn: readonly string[];
  };
  readonly axes: Readonly<Record<string, number>>;
  readonly vectors: Counts & { readonly bySource: Readonly<Record<string, SourceReport>> };
  readonly cases: Counts;
  readonly byAlgorithm: Readonly<Record<string, AlgorithmReport>>;
  readonly byCheck: Readonly<Record<string, CheckCount>>;
  readonly subjects: Readonly<Record<string, SubjectReport>>;
  readonly findings: readonly FindingReport[];
  readonly interrupted: boolean;
  /** Vectors, checksums and random cases that never had their turn. */
  readonly unreached: Readonly<Record<'vectors' | 'checksums' | 'cases', number>>;
  readonly durationMs: number;
  readonly casesPerSecond: number;
  readonly casesCpuMs: number;
  readonly peakRssMib: number;
}

const count = z.number().int().min(0);
const measured = z.number().min(0);
const counts = { passed: count, failed: count, skipped: count };
const checkSchema = z.strictObject({ checked: count, failed: count });
/** JavaScript gives `__proto__` a meaning of its own. */
const name = z
  .string()
  .max(200)
  .refine((text) => text !== '__proto__', 'no name');

const findingSchema = z.strictObject({
  signature: z.string(),
  token: z.string(),
  met: z
    .array(z.strictObject({ kind: z.string(), order: z.tuple([z.number(), z.number()]) }))
    .min(1),
  check: z.string(),
  subject: z.string(),
  alg: z.string(),
  layout: z.string(),
  detail: z.string(),
  rules: z.array(name).optional(),
  request: count.optional(),
  where: z.array(z.string()).optional(),
  summary: z.string(),
});

/** Checks a report that somebody hands in. */
export const reportSchema: z.ZodType<ConformReport> = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  program: z.strictObject({
    version: z.string(),
    node: z.string(),
    openssl: z.string(),
    platform: z.string(),
  }),
  seed: count,
  odds: z.record(name, count),
  options: z.strictObject({
    cases: count,
    algs: z.array(name),
    vectors: z.boolean(),
    programs: z.boolean().optional(),
    corpus: z.string().optional(),
    shard: z.strictObject({ index: count.min(1), count: count.min(1) }),
    wholeAt: count,
    bail: z.boolean(),
    time: measured.nullable(),
    caseTime: measured,
    subject: z
      .strictObject({
        module: z.string().nullable(),
        command: z.string().nullable(),
        known: z.string().nullable(),
        seconds: measured,
      })
      .optional(),
  }),
  selfCheck: z.strictObject({
    cases: count,
    differences: z.array(z.string()),
    undrawn: z.array(z.string()),
  }),
  axes: z.record(name, count),
  vectors: z.strictObject({
    ...counts,
    bySource: z.record(
      name,
      z.strictObject({ vectors: count, trials: count, failed: count, skipped: count }),
    ),
  }),
  cases: z.strictObject(counts),
  byAlgorithm: z.record(
    name,
    z.strictObject({
      ...counts,
      randomCases: count,
      onBothSides: count,
      checks: z.record(name, checkSchema),
    }),
  ),
  byCheck: z.record(name, checkSchema),
  subjects: z.record(name, z.strictObject({ ran: count, declined: z.record(name, count) })),
  findings: z.array(findingSchema),
  interrupted: z.boolean(),
  unreached: z.strictObject({ vectors: count, checksums: count, cases: count }),
  durationMs: measured,
  casesPerSecond: measured,
  casesCpuMs: measured,
  peakRssMib: measured,
});

/** The published JSON schema of the report. */
export function reportJsonSchema(): unknown {
  return z.toJSONSchema(reportSchema);
}
