/**
 * The journal of a campaign: what came of it so far, one JSON object a line, to be read while it runs and to
 * go on from after an interrupt, a crash or a reboot.
 *
 * Lines have an `event`: `campaign` (the first: what is run), `job` (a piece that was put together), `failure`
 * (a case that broke a rule, with its token), `checkpoint` (all counts up to a job: what `--resume` reads). A line
 * that is cut off at the end of the file is ignored.
 * @module
 */
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { parseCase } from '../case/parse.ts';
import type { Failure } from '../judge/findings.ts';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
import { packageVersion } from '../terminal/version.ts';
import type { AnswerData, Counted } from './answer.ts';
import type { CampaignPlan, PlacedJob } from './jobs.ts';
import { encodeToken } from './replay.ts';

/** A file that is no journal, or that of another campaign. The message is one line. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** What decides the result of a run. */
interface JournalPlan extends CampaignPlan {
  readonly halfConverted?: boolean;
  readonly subject?: SubjectSpec | undefined;
}

/** Everything that a campaign knows before a job. */
export interface Checkpoint {
  /** Number of that job. */
  readonly next: number;
  readonly total: Counted;
  /** The first failure of each kind, not made small. */
  readonly failures: readonly Failure[];
  readonly unreached: Readonly<Record<'vectors' | 'checksums' | 'cases', number>>;
  readonly durationMs: number;
  readonly casesCpuMs: number;
}

/** How often a checkpoint is written, milliseconds. */
const CHECKPOINT_MS = 5000;
/** Largest journal that is read, bytes. */
const MOST_BYTES = 1 << 30;
/** What a map is called in JSON. */
const MAP = '$map';

export class Journal {
  /** Where the campaign goes on; null at its beginning. */
  readonly from: Checkpoint | null;
  private readonly file: string;
  private last: number = performance.now();

  private constructor(file: string, from: Checkpoint | null) {
    this.file = file;
    this.from = from;
  }

  /** Begins a journal; a file of that name is replaced. @throws JournalError */
  static begin(file: string, plan: JournalPlan): Journal {
    const journal = new Journal(file, null);
    journal.attempt(() => writeFileSync(file, `${JSON.stringify(headOf(plan))}\n`));
    return journal;
  }

  /** Reads a journal, and goes on in the same file. @throws JournalError naming the file and the line */
  static resume(file: string, plan: JournalPlan): Journal {
    const text = textOf(file);
    const end = text.lastIndexOf('\n') + 1;
    const lines = text.slice(0, end).split('\n').slice(0, -1);
    const [head = ''] = lines;
    const asked = JSON.stringify(headOf(plan));
    if (!head.startsWith('{"event":"campaign"')) throw new JournalError(`${file}: no journal`);
    if (head !== asked)
      throw new JournalError(`${file}: of another campaign: ${head.slice(0, 200)}`);
    const at = lines.findLastIndex((line) => line.startsWith('{"event":"checkpoint"'));
    const journal = new Journal(
      file,
      at < 0 ? null : checkpointIn(lines[at], `${file}: line ${at + 1}`),
    );
    journal.attempt(() => truncateSync(file, Buffer.byteLength(text.slice(0, end))));
    return journal;
  }

  /** Tells of a job that was put together. @param state asked for where it is time for a checkpoint */
  folded({ number, phase }: PlacedJob, answer: AnswerData, state: () => Checkpoint): void {
    const { cases, vectors, failures } = answer;
    const passed = cases.total.passed + vectors.total.passed;
    const failed = cases.total.failed + vectors.total.failed;
    this.write({ event: 'job', number, phase, passed, failed });
    for (const { c, violation, order } of failures) {
      this.write({ event: 'failure', order, ...violation, token: encodeToken(c) });
    }
    if (performance.now() - this.last >= CHECKPOINT_MS) this.checkpoint(state());
  }

  checkpoint(state: Checkpoint): void {
    this.last = performance.now();
    this.write({ event: 'checkpoint', ...state });
  }

  private write(line: object): void {
    this.attempt(() => appendFileSync(this.file, `${JSON.stringify(line, withMaps)}\n`));
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new JournalError(`${this.file}: cannot be written: ${code}`);
    }
  }
}

/** What decides the result of a campaign, and who runs it. */
function headOf({ halfConverted = false, subject, ...given }: JournalPlan): object {
  const { seed, cases, algs, vectors, shard, programs = false, corpus } = given;
  const program = { version: packageVersion(), node: process.versions.node };
  const about = { halfConverted, subject: subject ?? null, corpus: corpus?.digest };
  const plan = { seed, cases, algs, vectors, shard, programs, ...about };
  return { event: 'campaign', schemaVersion: 1, program, ...plan };
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new JournalError(`${file}: larger than a GiB`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw new JournalError(`${file}: cannot be read`);
  }
}

function withMaps(_name: string, value: unknown): unknown {
  return value instanceof Map ? { [MAP]: [...value] } : value;
}

const pairs = z.array(z.tuple([z.string(), z.unknown()]));

function toMaps(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(MAP in value)) return value;
  return new Map(pairs.parse(value[MAP]));
}

const count = z.number().int().min(0);
const mapOf = <T extends z.ZodType>(of: T): z.ZodMap<z.ZodString, T> => z.map(z.string(), of);
const counts = { passed: count, failed: count, skipped: count };
const checks = mapOf(z.object({ checked: count, failed: count }));
const tally = z.object({
  total: z.object(counts),
  byAlgorithm: mapOf(z.object({ ...counts, compared: count })),
  matrix: mapOf(checks),
  bySubject: mapOf(z.object({ ran: count, declined: mapOf(count) })),
});
const checkpointSchema = z.object({
  next: count,
  total: z.object({
    selfChecked: count,
    differences: z.array(z.string()),
    bySource: mapOf(z.object({ vectors: count, trials: count, failed: count, skipped: count })),
    vectors: tally,
    cases: tally,
    axes: z.object({ hits: mapOf(count) }),
  }),
  failures: z.array(
    z.object({
      c: z.unknown(),
      violation: z.object({
        check: z.string(),
        subject: z.string(),
        detail: z.string(),
        request: count.optional(),
      }),
      shrinkable: z.boolean(),
      order: z.tuple([z.number(), z.number()]),
    }),
  ),
  unreached: z.object({ vectors: count, checksums: count, cases: count }),
  durationMs: z.number().min(0),
  casesCpuMs: z.number().min(0),
});

function checkpointIn(line: string, where: string): Checkpoint {
  try {
    const read = checkpointSchema.parse(JSON.parse(line, toMaps));
    // A case stays as it is written: its token, which a report compares, is made of its text.
    for (const { c } of read.failures) parseCase(c, where);
    return read as Checkpoint;
  } catch {
    throw new JournalError(`${where}: no checkpoint that this version can read`);
  }
}
