/**
 * How a kind of result is known and read.
 * @module
 */
import type { z } from 'zod';
import type { Section } from './model.ts';

/** What is wrong with a result: the path of the field, and why. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

export interface Reader {
  /** The command whose `--json` it is. */
  readonly command: string;
  /** True for a result of this kind, right or not. */
  readonly knows: (value: unknown) => boolean;
  readonly read: (value: unknown, source: string) => readonly Section[] | Issue;
  /** What is left of all sections but the last; without it all are whole. */
  readonly brief?: (section: Section) => Section;
}

/**
 * @param fields those that only results of this kind have, all of them
 * @param section what a result says; `source` is the name of its file
 */
export function reader<T>(
  command: string,
  fields: readonly string[],
  schema: z.ZodType<T>,
  section: (value: T, source: string) => Section | readonly Section[],
): Reader {
  const knows = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && fields.every((field) => field in value);
  const read = (value: unknown, source: string): readonly Section[] | Issue => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return [section(parsed.data, source)].flat();
    const [{ path, message }] = parsed.error.issues;
    return { field: path.join('.') || 'result', message };
  };
  return { command, knows, read };
}
