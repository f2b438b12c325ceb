/**
 * A mutant: a real bug, put back by exact edits of the compiled tree.
 *
 * Nothing in the product knows about mutants. One is applied to a copy of the compiled files, and the
 * campaign of that copy runs in its own process.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../terminal/exit.ts';

/** One edit of one compiled file. */
export interface Edit {
  /** Path below the compiled tree: `converted/templates/gcm.js`. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  /** The bug of the catalogue and the side: `W001-legacy`. */
  readonly id: string;
  /** One letter of the catalogue, or `harness`. */
  readonly class: string;
  /** Commit, CVE or project log. */
  readonly source: string;
  readonly side: 'legacy' | 'converted' | 'both' | 'harness';
  readonly edits: readonly Edit[];
  /** Checks of the judge that must see it: one of them is enough. */
  readonly expect: readonly string[];
  /** Cause and effect in one sentence. */
  readonly effect: string;
  /** Names of algorithms that reach the code; all when absent. */
  readonly alg?: readonly string[] | undefined;
}

/** A bug without a mutant on a side, with the reason. */
export interface Impossible {
  /** The bug of the catalogue: `W010`. */
  readonly bug: string;
  readonly side: 'legacy' | 'converted' | 'both';
  /** `by design`: it cannot be written any more; `not modelled`: no case reaches such code yet. */
  readonly why: 'by design' | 'not modelled';
  readonly reason: string;
}

const edit: z.ZodType<Edit> = z.strictObject({
  file: z.string().regex(/^(src|legacy|converted|conformance)\/[a-z0-9/-]+\.js$/),
  from: z.string().min(1),
  to: z.string(),
});

const mutant: z.ZodType<Mutant> = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/),
  class: z.string().min(1),
  source: z.string().min(1),
  side: z.enum(['legacy', 'converted', 'both', 'harness']),
  edits: z.array(edit).min(1),
  expect: z.array(z.string()).min(1),
  effect: z.string().min(1),
  alg: z.array(z.string()).optional(),
});

const impossible: z.ZodType<Impossible> = z.strictObject({
  bug: z.string().regex(/^[A-Z][0-9]{3}$/),
  side: z.enum(['legacy', 'converted', 'both']),
  why: z.enum(['by design', 'not modelled']),
  reason: z.string().min(1),
});

const file: z.ZodType<MutantSet> = z.strictObject({
  mutants: z.array(mutant),
  impossible: z.array(impossible),
});

/** The bug of the catalogue that a mutant puts back; the mutant's own name when there is none. */
export function bugOf({ id }: Mutant): string {
  return /^[A-Z][0-9]{3}(?=-)/.exec(id)?.[0] ?? id;
}

/** Mutants and the bugs that cannot be written. */
export interface MutantSet {
  readonly mutants: readonly Mutant[];
  readonly impossible: readonly Impossible[];
}

/**
 * Reads every `*.json` file of a folder.
 * @throws UsageError naming file and field, and for an identifier that two mutants have.
 */
export function readMutants(folder: string): MutantSet {
  const mutants: Mutant[] = [];
  const none: Impossible[] = [];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const parsed = file.safeParse(jsonOf(path));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new UsageError(`${path}: ${issue.path.join('.')}: ${issue.message}`);
    }
    mutants.push(...parsed.data.mutants);
    none.push(...parsed.data.impossible);
  }
  const seen = new Set<string>();
  for (const { id } of mutants) {
    if (seen.has(id)) throw new UsageError(`${folder}: two mutants have the id ${id}`);
    seen.add(id);
  }
  return { mutants, impossible: none };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    throw new UsageError(`${folder}: no folder that can be read`);
  }
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
}
