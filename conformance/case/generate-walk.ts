/**
 * Random cases about iterators.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { type Case, walkCase } from './case.ts';
import {
  filePages,
  ITERATOR_COMMANDS,
  type IteratorCommand,
  type IteratorProgram,
  MOST_FILE_PAGES,
} from './iterator-case.ts';

interface Span {
  readonly offset: number;
  readonly len: number;
}

/** Pages of 4 GiB of a file. */
const FOUR_GIB = 2 ** 20;
const MOST_SEGMENTS = 8;
/** Segments in front of which something is going on are more likely. */
const LENGTHS: readonly number[] = [1, 2, 5, 16, 17, 40, 100, 600];
/** Pages that one call may give, and the like. */
const FEW: readonly number[] = [0, 1, 1, 2, 3, 10, 16];

/** A case about iterators. */
export function randomWalk(prng: Prng): Case {
  const folios = randomFolios(prng);
  const size = filePages({ folios }) * PAGE_SIZE;
  const spans = prng.below(5) < 3 ? oneRange(prng, size) : scattered(prng, size);
  const direction = prng.oneIn(2) ? 'source' : 'dest';
  const total = spans.reduce((sum, { len }) => sum + len, 0);
  const page = (): number | null => (prng.oneIn(4) ? prng.below(size / PAGE_SIZE) : null);
  const program: IteratorProgram = {
    direction,
    folios,
    first: prng.oneIn(3) ? 0 : FOUR_GIB + MOST_FILE_PAGES * prng.below(1000),
    hole: page(),
    locked: page(),
    slots: prng.pick([1, 2, 3, 29]),
    before: prng.pick([0, 0, 1, 29, 30]),
    commands: Array.from({ length: prng.between(3, 14) }, () =>
      randomCommand(prng, direction, total),
    ),
  };
  return walkCase(program, spans, prng.u32());
}

/** Folios one after the other, each at a multiple of its size. */
function randomFolios(prng: Prng): number[] {
  const pages = prng.pick([1, 2, 3, 4, 8, MOST_FILE_PAGES]);
  const folios: number[] = [];
  for (let at = 0; at < pages; ) {
    const order = prng.pick([0, 0, 1, 2, 3]);
    const fits = at % (1 << order) === 0 && at + (1 << order) <= pages;
    folios.push(fits ? order : 0);
    at += fits ? 1 << order : 1;
  }
  return folios;
}

/** A range of the file, often over the end of a page, cut into segments. */
function oneRange(prng: Prng, size: number): Span[] {
  const offset = randomOffset(prng, size);
  const total = Math.min(size - offset, randomLength(prng, size));
  const spans: Span[] = [];
  let left = total;
  for (let k = prng.pick([1, 1, 2, 3, 5, MOST_SEGMENTS]); k > 1; k--) {
    const len = prng.oneIn(6) ? 0 : Math.min(left, cut(prng, left));
    spans.push({ offset: offset + total - left, len });
    left -= len;
  }
  spans.push({ offset: offset + total - left, len: left });
  if (prng.oneIn(8)) spans.push({ offset: offset + total, len: 0 });
  // Behind the last byte of a file there is no place, for an empty segment neither.
  return spans.filter((span) => span.offset < size);
}

/** Segments wherever they are; two may share bytes. */
function scattered(prng: Prng, size: number): Span[] {
  return Array.from({ length: prng.between(1, MOST_SEGMENTS) }, () => {
    const offset = randomOffset(prng, size);
    const len = prng.oneIn(8) ? 0 : Math.min(size - offset, randomLength(prng, size));
    // Whole pages behind each other are what an extraction takes together.
    return prng.oneIn(4) ? pageOf(offset, size) : { offset, len };
  });
}

function pageOf(offset: number, size: number): Span {
  const start = offset - (offset % PAGE_SIZE);
  return { offset: start, len: Math.min(PAGE_SIZE, size - start) };
}

function randomOffset(prng: Prng, size: number): number {
  const page = PAGE_SIZE * prng.below(size / PAGE_SIZE);
  if (prng.oneIn(3)) return page;
  return page + (prng.oneIn(2) ? PAGE_SIZE - prng.between(1, 40) : prng.below(PAGE_SIZE));
}

function randomLength(prng: Prng, size: number): number {
  if (prng.oneIn(4)) return prng.below(size + 1);
  if (prng.oneIn(4)) return PAGE_SIZE * prng.between(1, 3);
  return prng.pick(LENGTHS) + prng.below(3);
}

function cut(prng: Prng, left: number): number {
  if (prng.oneIn(3)) return prng.pick(LENGTHS);
  return prng.below(left + 1);
}

/** What is left out for a source, or asks for what is seldom right. */
function randomCommand(
  prng: Prng,
  direction: IteratorProgram['direction'],
  total: number,
): IteratorCommand {
  const name = prng.oneIn(4)
    ? prng.pick(['advance', 'advance', 'revert', 'copy'] as const)
    : prng.pick(ITERATOR_COMMANDS);
  if (name === 'zero' && direction === 'source') return { name: 'copy', a: total, b: 0 };
  return { name, a: amount(prng, total), b: second(prng, name) };
}

function amount(prng: Prng, total: number): number {
  if (prng.oneIn(8)) return total + prng.below(3);
  if (prng.oneIn(4)) return PAGE_SIZE * prng.between(1, 3) - prng.below(2) * prng.below(20);
  return prng.oneIn(2) ? prng.pick(LENGTHS) : prng.below(total + 1);
}

function second(prng: Prng, name: IteratorCommand['name']): number {
  if (name === 'copyPage' || name === 'copyAtomic') return prng.below(PAGE_SIZE);
  if (name === 'npages') return prng.oneIn(2) ? 0 : prng.below(3 * PAGE_SIZE);
  return name === 'step' || name === 'copyFault' ? prng.below(4) : prng.pick(FEW);
}
