/** Reads reports back. A report of another schema, or a damaged one, is refused in one line. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../terminal/exit.ts';
import { CENSUS_SCHEMA, type Census } from './census.ts';

const count = z.number().int().nonnegative();
const line = z.number().int().positive();
const hours = z.number().nonnegative();
const counts = z.record(z.string(), count);
const confidence = z.enum(['high', 'medium', 'low']);
const mode = z.enum([
  'async',
  'sync',
  'inherited',
  'pipelined',
  'own-wait',
  'wait',
  'alloc-only',
  'unknown',
  'none',
]);

const evidence = z.object({
  kind: z.string(),
  path: z.string().optional(),
  line,
  fn: z.string(),
  text: z.string().optional(),
});

const file = z.object({
  path: z.string().min(1),
  hash: z.string(),
  lines: count,
  functions: z.array(z.string()),
  plain: z.record(z.string(), counts),
  role: z.string(),
  unit: z.string(),
  mode,
  asyncEvidence: z.array(evidence),
  handling: z.string(),
  touches: z.boolean(),
  sites: count,
  groups: counts,
  evidence: counts,
  hours,
  hoursTerms: z.record(z.string(), z.number()),
  class: z.enum(['none', 'XS', 'S', 'M', 'L', 'XL']),
  wave: z.number().int().min(0).max(7).nullable(),
  blockedBy: z.array(z.string()),
  flags: z.array(z.string()),
  patches: counts,
  maintainers: z.array(z.string()),
  parseErrors: count,
});

const site = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  path: z.string().min(1),
  line,
  fn: z.string(),
  name: z.string(),
  ordinal: count,
  group: z.string(),
  args: z.array(z.string()),
  mapping: z.string(),
  mechanical: z.string(),
  flags: z.array(z.string()),
  confidence,
});

const hazard = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  path: z.string().min(1),
  line,
  fn: z.string(),
  flag: z.string(),
  ordinal: count,
  what: z.string(),
  confidence,
});

const algorithm = z.object({
  path: z.string(),
  line,
  type: z.string(),
  name: z.string(),
  driver: z.string(),
  mode: z.enum(['async', 'sync', 'inherited']),
  internal: z.boolean(),
  evidence: z.array(evidence),
});

const consumer = z.object({
  path: z.string(),
  line,
  fn: z.string(),
  mode,
  callback: z.string(),
  requestFlags: z.string(),
  masks: z.array(z.string()),
});

const section = z.object({
  title: z.string(),
  status: z.string(),
  people: z.array(z.string()),
  lists: z.array(z.string()),
});

const place = { path: z.string(), line };

const census = z.object({
  schema: z.literal(CENSUS_SCHEMA),
  tool: z.object({ name: z.string(), version: z.string(), catalogueHash: z.string() }),
  tree: z.object({ version: z.string(), fileHash: z.string(), sources: count, candidates: count }),
  totals: counts,
  files: z.array(file),
  sites: z.array(site),
  hazards: z.array(hazard),
  algs: z.array(algorithm),
  consumers: z.array(consumer),
  names: counts,
  sections: z.array(section),
  uncatalogued: z.array(z.object({ ...place, name: z.string() })),
  errors: z.array(z.object({ ...place, what: z.string() })),
  limits: z.array(z.string()),
});

/** Reads and checks a report. Fails with the file and the first wrong field. */
export function readCensus(path: string): Census {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${path}: cannot be read`);
  }
  return parseCensus(text, path);
}

/** Checks the text of a report; `path` is only named in the error. */
export function parseCensus(text: string, path: string): Census {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${path}: not JSON (is it the output of survey --json?)`);
  }
  const checked = checkCensus(value);
  if ('field' in checked) throw new UsageError(`${path}: ${checked.field}: ${checked.message}`);
  return checked;
}

/** A value as a report, or its first wrong field. */
export function checkCensus(
  value: unknown,
): Census | { readonly field: string; readonly message: string } {
  const parsed = census.safeParse(value);
  if (parsed.success) return value as Census;
  const [issue] = parsed.error.issues;
  return { field: issue.path.join('.') || 'report', message: issue.message };
}
