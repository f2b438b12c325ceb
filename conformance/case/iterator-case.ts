/**
 * The part of a case that is about iterators and no request: a file of folios, and what is done with an
 * iterator over segments of it. The segments are the source of the case's layout.
 * @module
 */
import { z } from 'zod';
import { PAGE_SIZE } from '../../src/units.ts';

/** What stands for an algorithm, and for its driver, where a case is about iterators. */
export const ITERATORS = 'iov_iter';

/**
 * What may be done; `a` and `b` are the numbers of a command.
 * - `advance`, `revert`, `truncate`: by or to `a`; `reexpand`: by `a` of what was cut off
 * - `copy`, `copyFull`, `copyMemory`: `a` bytes from or to the iterator, as its direction says
 * - `copyPage`, `copyAtomic`: the same with a page of the kernel, from byte `b` of it
 * - `copyFault`: as `copy`, and access number `b` to user memory fails
 * - `against`: a copy against the direction; `zero`: only of a destination
 * - `extract`, `getPages`, `extractBvecs`: at most `a` bytes in `b` pages; `getPagesAlloc`: `a` bytes
 * - `faultIn`: `a` bytes; `npages`: at most `a`, of the next `b` bytes, 0 for all
 * - `step`: `a` bytes, of each part all, half, a byte or nothing as `b` says
 * - `lower`: `a` bytes; `lowerShared`: while page `b` may not be written; `lowerFlagged`: by bio_vecs of
 *   which every `b + 1`th may only be read
 * - `conflict`: `a` bytes, with those `b` bytes further on
 */
export const ITERATOR_COMMANDS = [
  'advance',
  'revert',
  'truncate',
  'reexpand',
  'save',
  'restore',
  'dup',
  'clone',
  'copy',
  'copyFull',
  'copyFault',
  'copyMemory',
  'copyPage',
  'copyAtomic',
  'against',
  'zero',
  'extract',
  'extractBvecs',
  'getPages',
  'getPagesAlloc',
  'faultIn',
  'npages',
  'alignment',
  'gap',
  'single',
  'step',
  'lower',
  'lowerShared',
  'lowerFlagged',
  'conflict',
] as const;

export interface IteratorCommand {
  readonly name: (typeof ITERATOR_COMMANDS)[number];
  readonly a: number;
  readonly b: number;
}

/** How much of each part `step` takes, by its second number. */
export const STEP_TAKES = ['all', 'half', 'one byte', 'nothing'] as const;

export interface IteratorProgram {
  readonly direction: 'source' | 'dest';
  /** Orders of the folios of the file, one after the other; each begins at a multiple of its size. */
  readonly folios: readonly number[];
  /** Number of the file's first page; a file position above 4 GiB from page 2^20 on. */
  readonly first: number;
  /** Page of the file, from 0, that user mappings lack; null for none. */
  readonly hole: number | null;
  /** Page that user mappings may only read; null for none. */
  readonly locked: number | null;
  /** Slots of each node of a queue of bio_vecs. */
  readonly slots: number;
  /** Slots of the first node of a queue of folios that are passed before the data begin. */
  readonly before: number;
  readonly commands: readonly IteratorCommand[];
}

/** Pages of a file at most. */
export const MOST_FILE_PAGES = 16;
const MOST_COMMANDS = 64;
const MOST_ORDER = 3;
/** Slots of a node of a folio queue that may be passed: one is left. */
const MOST_BEFORE = 30;
/** 256 TiB of file in front. */
const MOST_FIRST = 2 ** 36;
const MOST_NUMBER = 1 << 20;

const page = z
  .number()
  .int()
  .min(0)
  .max(MOST_FILE_PAGES - 1)
  .nullable();
const number = z.number().int().min(0).max(MOST_NUMBER);

export const iteratorSchema: z.ZodType<IteratorProgram> = z.strictObject({
  direction: z.enum(['source', 'dest']),
  folios: z.array(z.number().int().min(0).max(MOST_ORDER)).min(1).max(MOST_FILE_PAGES),
  first: z.number().int().min(0).max(MOST_FIRST),
  hole: page,
  locked: page,
  slots: z.number().int().min(1).max(64),
  before: z.number().int().min(0).max(MOST_BEFORE),
  commands: z
    .array(
      z.strictObject({ name: z.enum(ITERATOR_COMMANDS, 'no such command'), a: number, b: number }),
    )
    .max(MOST_COMMANDS),
});

/** Pages of the file. */
export function filePages({ folios }: Pick<IteratorProgram, 'folios'>): number {
  return folios.reduce((sum, order) => sum + (1 << order), 0);
}

/** What no schema says. @returns the field and why, or null. */
export function iteratorContradiction(
  program: IteratorProgram,
  segments: readonly { readonly offset: number; readonly len: number }[],
): string | null {
  const { folios, first, direction, commands } = program;
  let at = first;
  for (const [i, order] of folios.entries()) {
    if (at % (1 << order) !== 0) return `iterator.folios.${i}: begins at no multiple of its size`;
    at += 1 << order;
  }
  const pages = filePages(program);
  if (pages > MOST_FILE_PAGES) return `iterator.folios: more than ${MOST_FILE_PAGES} pages`;
  for (const field of ['hole', 'locked'] as const) {
    if ((program[field] ?? 0) >= pages) return `iterator.${field}: behind the end of the file`;
  }
  const outside = segments.findIndex(({ offset, len }) => offset + len > pages * PAGE_SIZE);
  if (outside >= 0) return `layout.src.${outside}: behind the end of the file`;
  const zero = commands.findIndex(({ name }) => name === 'zero' && direction === 'source');
  return zero < 0 ? null : `iterator.commands.${zero}: zero of a source`;
}

/** True when the segments follow each other without a gap: one range of the file. */
export function isOneRange(
  segments: readonly { readonly offset: number; readonly len: number }[],
): boolean {
  return segments.every(({ offset }, i) => {
    const before = segments[i - 1];
    return before === undefined || offset === before.offset + before.len;
  });
}

/** A command in words, as a finding names it. */
export function describeCommand({ name, a, b }: IteratorCommand): string {
  return `${name} ${a} ${b}`;
}
