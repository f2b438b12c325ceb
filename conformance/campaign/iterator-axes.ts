/**
 * The axes of cases about iterators, and what an axis is.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import type { Case, Segment } from '../case/case.ts';
import {
  ITERATOR_COMMANDS,
  type IteratorCommand,
  isOneRange,
  STEP_TAKES,
} from '../case/iterator-case.ts';

/** One value: its name, and whether a case has it. */
export interface AxisValue {
  readonly name: string;
  readonly has: (c: Case) => boolean;
}

/** Names of an axis and of its values; a value is told by a predicate. */
export type Axis = readonly [name: string, values: Readonly<Record<string, AxisValue['has']>>];

/** The first page above 4 GiB of a file. */
const FOUR_GIB = 2 ** 20;
/** Offsets above this are close to the end of a page. */
const HIGH: number = PAGE_SIZE - 64;
const sum = (segments: readonly Segment[]): number =>
  segments.reduce((total, { len }) => total + len, 0);

/** What cases about iterators differ in. */
export const ITERATOR_AXES: readonly Axis[] = [
  [
    'iterator',
    {
      source: ({ iterator }) => iterator?.direction === 'source',
      dest: ({ iterator }) => iterator?.direction === 'dest',
    },
  ],
  [
    'iterator over',
    {
      'one range': ({ layout }) => isOneRange(layout.src),
      'ranges apart': ({ layout }) => !isOneRange(layout.src),
      nothing: ({ layout }) => sum(layout.src) === 0,
      'more than a page': ({ layout }) => sum(layout.src) > PAGE_SIZE,
      'a folio of pages': ({ iterator }) => iterator?.folios.some((order) => order > 0) ?? false,
      'a hole': ({ iterator, layout }) => meets(layout.src, iterator?.hole),
      'a page that may not be written': ({ iterator, layout }) =>
        iterator?.direction === 'dest' && meets(layout.src, iterator.locked),
      'positions above 4 GiB': ({ iterator }) => (iterator?.first ?? 0) >= FOUR_GIB,
      'the end of a page': ({ layout }) =>
        layout.src.some(({ offset }) => offset % PAGE_SIZE > HIGH),
    },
  ],
  [
    'iterator segment',
    {
      one: ({ layout: { src } }) => src.length === 1,
      more: ({ layout: { src } }) => src.length > 1,
      'empty, first': ({ layout: { src } }) => src.length > 1 && src[0].len === 0,
      'empty, inside': ({ layout: { src } }) => src.slice(1, -1).some(({ len }) => len === 0),
      'empty, last': ({ layout: { src } }) => src.length > 1 && src[src.length - 1].len === 0,
    },
  ],
  ['iterator call', calls(ITERATOR_COMMANDS, ({ name }) => name)],
  ['iterator limit', limits()],
  ['iterator step', calls(STEP_TAKES, ({ name, b }) => (name === 'step' ? STEP_TAKES[b] : null))],
];

/** Values that some command of a case has. */
function calls<T extends string>(
  all: readonly T[],
  of: (command: IteratorCommand) => T | null,
): Record<string, AxisValue['has']> {
  const has =
    (word: T) =>
    ({ iterator }: Case): boolean =>
      iterator?.commands.some((command) => of(command) === word) ?? false;
  return Object.fromEntries(all.map((word) => [word, has(word)]));
}

/** Commands that are told how many bytes, and in how many pages at most. */
const LIMITED: readonly IteratorCommand['name'][] = ['extract', 'extractBvecs', 'getPages'];

/** Values of what such a command is told: which of both ends it, and what lies at their borders. */
function limits(): Record<string, AxisValue['has']> {
  const rules: Readonly<Record<string, (a: number, b: number, total: number) => boolean>> = {
    'no bytes': (a) => a === 0,
    'less than a page': (a) => a > 0 && a < PAGE_SIZE,
    'all bytes': (a, b, total) => a === total && b * PAGE_SIZE > total,
    'more bytes than there are': (a, _b, total) => a > total,
    'no pages': (_a, b) => b === 0,
    'one page, and more bytes': (a, b, total) => b === 1 && Math.min(a, total) > PAGE_SIZE,
    'fewer pages than bytes': (a, b, total) => b > 1 && Math.min(a, total) > b * PAGE_SIZE,
    'more pages than bytes': (a, b) => a > 0 && b * PAGE_SIZE > a + PAGE_SIZE,
  };
  const has =
    (rule: (typeof rules)[string]) =>
    ({ iterator, layout }: Case): boolean =>
      iterator?.commands.some(
        ({ name, a, b }) => LIMITED.includes(name) && rule(a, b, sum(layout.src)),
      ) ?? false;
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, has(rule)]));
}

/** True where a segment has a byte of this page. */
function meets(segments: readonly Segment[], page: number | null | undefined): boolean {
  if (page === null || page === undefined) return false;
  const [from, to] = [page * PAGE_SIZE, (page + 1) * PAGE_SIZE];
  return segments.some(({ offset, len }) => len > 0 && offset < to && offset + len > from);
}
