/**
 * Named layouts: proportions instead of lengths, so that one layout fits every message, in testmgr's
 * own grammar, so that a kernel developer can read it.
 * C: crypto/testmgr.c struct testvec_config, default_cipher_testvec_configs (6.1), own divisions
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import {
  type Case,
  type Layout,
  listLength,
  type MemoryKind,
  overlapOf,
  type Segment,
  sourceLength,
  targetLength,
} from './case.ts';
import { isPartlyInPlace } from './shared.ts';

/** A part of a message: hundredths of a per cent of its length, and where it lies. */
export interface Division {
  readonly proportion: number;
  readonly offset: number;
  readonly kind: MemoryKind;
}

export interface LayoutTemplate {
  readonly name: string;
  readonly inplace: Layout['inplace'];
  readonly src: readonly Division[];
  /** Empty: as `src`. */
  readonly dst: readonly Division[];
  readonly chain: number;
}

const WHOLE = 10000;

function part(proportion: number, offset: number, kind: MemoryKind = 'page'): Division {
  return { proportion, offset, kind };
}

/** The first eight are testmgr's; the rest are what its author list leaves out. */
export const LAYOUTS: readonly LayoutTemplate[] = [
  { name: 'in-place (one list)', inplace: 'same', src: [part(WHOLE, 0)], dst: [], chain: 0 },
  { name: 'in-place (two lists)', inplace: 'twin', src: [part(WHOLE, 0)], dst: [], chain: 0 },
  { name: 'out-of-place', inplace: 'no', src: [part(WHOLE, 0)], dst: [], chain: 0 },
  { name: 'unaligned buffer, offset=1', inplace: 'no', src: [part(WHOLE, 1)], dst: [], chain: 0 },
  {
    name: 'two even aligned splits',
    inplace: 'no',
    src: [part(5000, 0), part(5000, 0)],
    dst: [],
    chain: 0,
  },
  {
    name: 'one src, two even splits dst',
    inplace: 'no',
    src: [part(WHOLE, 0)],
    dst: [part(5000, 0), part(5000, 0)],
    chain: 0,
  },
  {
    name: 'uneven misaligned splits',
    inplace: 'no',
    src: [part(1900, 33), part(3300, 7), part(4800, 18)],
    dst: [],
    chain: 0,
  },
  {
    name: 'misaligned splits crossing pages, in-place',
    inplace: 'same',
    src: [part(7500, PAGE_SIZE - 32), part(2500, PAGE_SIZE - 7)],
    dst: [],
    chain: 0,
  },
  {
    name: 'two lists, same memory, other splits',
    inplace: 'twin',
    src: [part(3100, 5), part(6900, 9)],
    dst: [part(5600, 0), part(4400, 0)],
    chain: 0,
  },
  {
    name: 'chained tables, neighbours in one page, an empty segment',
    inplace: 'no',
    src: [part(2000, 17), part(0, 3), part(3000, 0, 'next'), part(5000, 24, 'next')],
    dst: [part(4000, 2), part(6000, 0, 'next')],
    chain: 2,
  },
  {
    name: 'slab, page cache, vmalloc and user memory',
    inplace: 'no',
    src: [
      part(2500, 3, 'slab'),
      part(2500, 100, 'cache'),
      part(2500, PAGE_SIZE - 20, 'vmalloc'),
      part(2500, 8, 'user'),
    ],
    dst: [part(5000, 40, 'user'), part(5000, PAGE_SIZE - 5, 'vmalloc')],
    chain: 0,
  },
];

/** The divisions cut to `total` bytes; the last one takes what rounding leaves. */
export function fitDivisions(divisions: readonly Division[], total: number): Segment[] {
  const segments: Segment[] = [];
  let left = total;
  divisions.forEach(({ proportion, offset, kind }, i) => {
    const share = Math.floor((total * proportion + WHOLE / 2) / WHOLE);
    const len = i === divisions.length - 1 ? left : Math.min(left, share);
    segments.push({ kind, offset, len });
    left -= len;
  });
  return segments;
}

/** The template cut to what a case needs. */
export function fitLayout(template: LayoutTemplate, c: Case): Layout {
  return fitLengths(template, sourceLength(c), c.kind === 'ahash' ? null : targetLength(c));
}

/** The template cut to a source and a destination of these lengths; null: there is no destination. */
export function fitLengths(
  { inplace, src, chain, ...rest }: LayoutTemplate,
  source: number,
  target: number | null,
): Layout {
  const dst = rest.dst.length === 0 ? src : rest.dst;
  if (target === null) {
    return { inplace: 'no', src: fitDivisions(src, source), dst: [], chain };
  }
  if (inplace === 'no') {
    return { inplace, src: fitDivisions(src, source), dst: fitDivisions(dst, target), chain };
  }
  const room = Math.max(source, target);
  const both = inplace === 'twin' ? fitDivisions(dst, room) : [];
  return { inplace, src: fitDivisions(src, room), dst: both, chain };
}

/** The layout in testmgr's grammar: `inplace_two_sglists src_divs=[19.0%@+33, ...]`. */
export function describeLayout(layout: Layout): string {
  const mode = { no: 'out_of_place', same: 'inplace_one_sglist', twin: 'inplace_two_sglists' };
  const words = [mode[layout.inplace], `src_divs=${describeSegments(layout.src)}`];
  if (layout.dst.length > 0) words.push(`dst_divs=${describeSegments(layout.dst)}`);
  if (layout.chain > 0) words.push(`chain=${layout.chain}`);
  return words.join(' ');
}

/** What kind of layout it is, without lengths: part of a finding's signature. */
export function layoutClass(layout: Layout): string {
  const segments = layout.inplace === 'no' ? [...layout.src, ...layout.dst] : layout.src;
  const words: string[] = [isPartlyInPlace(layout) ? 'partly' : layout.inplace];
  words.push(segments.length > (layout.inplace === 'no' ? 2 : 1) ? 'split' : 'whole');
  if (segments.some((s) => s.len === 0)) words.push('empty');
  if (segments.some((s) => s.offset + s.len > PAGE_SIZE)) words.push('page-crossing');
  if (layout.chain > 0) words.push('chained');
  return words.join('+');
}

function describeSegments(segments: readonly Segment[]): string {
  const total = listLength(segments);
  const divisions = segments.map(({ kind, offset, len, shares }) => {
    const share = total === 0 ? 100 : (len * 100) / total;
    return `${share.toFixed(2)}%@${shares ?? (kind === 'page' ? '' : kind)}+${offset}`;
  });
  return `[${divisions.join(', ')}]`;
}

/** True for a list with bytes behind those of the message: what they are must not matter. */
export function isLongerThanData(c: Case): boolean {
  const sum = (segments: readonly Segment[]): number =>
    segments.reduce((total, { len }) => total + len, 0);
  const { layout, kind } = c;
  if (kind === 'iterator') return false;
  const [source, target] = [sourceLength(c), targetLength(c)];
  if (layout.inplace !== 'no') return sum(layout.src) > Math.max(source, target);
  return sum(layout.src) > source || (kind !== 'ahash' && sum(layout.dst) > target);
}

/** True when both lists cover what the operation reads and writes. */
export function layoutFits(c: Case): boolean {
  const sum = (lengths: readonly { readonly len: number }[]): number =>
    lengths.reduce((total, { len }) => total + len, 0);
  const { layout } = c;
  const both = Math.max(sourceLength(c), targetLength(c));
  if (layout.inplace === 'same') return sum(layout.src) >= both;
  if (layout.inplace === 'twin') {
    const rest = sum(layout.src) - overlapOf(c);
    return sum(layout.src) >= both && sum(layout.dst) === rest && rest >= targetLength(c);
  }
  return sum(layout.src) >= sourceLength(c) && sum(layout.dst) >= targetLength(c);
}
