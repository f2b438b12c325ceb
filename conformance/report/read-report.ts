/**
 * A report from a file, checked before anything is made of it.
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../terminal/exit.ts';
import type { NamedReport } from './merge.ts';
import { reportSchema } from './schema.ts';

/** Longest report, bytes: that of a run with every finding has a few hundred KiB. */
const MOST_BYTES = 64 << 20;

/** @throws UsageError whose one line names the file and the field. */
export function readReport(file: string): NamedReport {
  const parsed = reportSchema.safeParse(jsonOf(file));
  if (parsed.success) return { file, report: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new UsageError(`${file}: ${path === '' ? 'report' : path}: ${issue?.message ?? 'invalid'}`);
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    if (statSync(file).size > MOST_BYTES) throw new UsageError(`${file}: too large for a report`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file}: not a JSON file`);
  }
}
