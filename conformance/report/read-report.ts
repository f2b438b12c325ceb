/**
 * A report from a file, checked before anything is made of it.
 * @module
 */
import { UsageError } from '../terminal/exit.ts';
import { jsonFile } from '../terminal/json-file.ts';
import type { NamedReport } from './merge.ts';
import { reportSchema } from './schema.ts';

/** Longest report, bytes: that of a run with every finding has a few hundred KiB. */
const MOST_BYTES = 64 << 20;

/** @throws UsageError whose one line names the file and the field. */
export function readReport(file: string): NamedReport {
  const parsed = reportSchema.safeParse(jsonFile(file, MOST_BYTES));
  if (parsed.success) return { file, report: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new UsageError(`${file}: ${path === '' ? 'report' : path}: ${issue?.message ?? 'invalid'}`);
}
