/**
 * Named cases of iov_iter and of the scatterlist helpers: scripts that visit every operation at the
 * edges of segments, pages and the iterator.
 * @module
 */

import {
  type Command,
  ITER_KINDS,
  type IterCase,
  type IterKind,
  type Segment,
  type SgCase,
  totalLength,
} from '../text/case.ts';
import { EMPTY_PLACES, LAYOUTS, layoutWithEmpty } from './named-layout.ts';

/** "advance 5; seg" as commands. */
function script(text: string): Command[] {
  return text.split('; ').map((line) => {
    const [name, ...args] = line.split(' ');
    return { name, args: args.map(Number) };
  });
}

/** By name; each is run on every kind in both directions. */
const SCRIPTS: readonly (readonly [string, string])[] = [
  ['walk', 'npages 100; alignment; gap; seg; advance 5; seg; revert 3; advance 4; seg; npages 100'],
  [
    'edges',
    'advance 7; seg; advance 300; seg; revert 307; advance 100000; npages 9; revert 100000',
  ],
  ['count', 'truncate 10; advance 8; reexpand 5; seg; reexpand 100000; truncate 0; npages 3'],
  ['read', 'copyfrom 7; copyfrom 1; revert 4; copyfrom 5000; copyfromfull 100000; copyfrom 100000'],
  [
    'write',
    'copyto 7 1; copyto 1 2; revert 4; copyto 5000 3; zero 10; pageto 100 50; copyto 100000 4',
  ],
  ['pages', 'getpages 10000 10; getpages 1 1; revert 5; getpages 100 1; getpages 100000 2'],
  ['extract', 'extract 5000 10; extract 1 1; advance 3; extract 100 1; extract 100000 64'],
  ['tosg', 'advance 3; tosg 300 20'],
  ['tosg-few', 'tosg 5000 1'],
];

const VECTOR: readonly Segment[] = [
  { page: 0, offset: 16, length: 7 },
  { page: 0, offset: 4090, length: 300 },
  { page: 2, offset: 5, length: 27 },
  { page: 4, offset: 0, length: 8192 },
];
/** For the kinds that are one run of bytes. */
const RUN: readonly Segment[] = [{ page: 0, offset: 100, length: 20000 }];

function segmentsOf(kind: IterKind): readonly Segment[] {
  return kind === 'bvec' || kind === 'kvec' || kind === 'iovec' ? VECTOR : RUN;
}

const ITER: Pick<IterCase, 'pages' | 'seed' | 'puts' | 'backings' | 'op' | 'limit' | 'hole'> = {
  pages: 8,
  seed: 3,
  puts: [],
  backings: [],
  op: 'iter',
  limit: 0,
  hole: null,
};

/** Every script on every kind, holes in user memory, empty segments. */
export function iterCases(): IterCase[] {
  const scripted = ITER_KINDS.flatMap((kind) =>
    SCRIPTS.flatMap(([name, text]) =>
      (kind === 'discard' ? [false] : [true, false]).map((source) => ({
        ...ITER,
        id: `iter-${kind}-${source ? 'source' : 'dest'}-${name}`,
        kind,
        source,
        src: segmentsOf(kind),
        commands: script(text),
      })),
    ),
  );
  const holes = (['iovec', 'ubuf'] as const).flatMap((kind) =>
    [true, false].map((source) => ({
      ...ITER,
      id: `iter-${kind}-${source ? 'source' : 'dest'}-hole`,
      kind,
      source,
      hole: 1,
      src: segmentsOf(kind),
      commands: script(source ? 'copyfrom 5000; copyfromfull 5000' : 'copyto 5000 1; zero 5000'),
    })),
  );
  const empty = (['bvec', 'kvec', 'iovec'] as const).flatMap((kind) =>
    EMPTY_PLACES.map((place) => ({
      ...ITER,
      id: `iter-${kind}-empty-${place}`,
      kind,
      source: true,
      src: layoutWithEmpty(place, 60, 0),
      commands: script(
        'npages 100; alignment; seg; advance 10; seg; copyfrom 5; revert 15; getpages 100 10; ' +
          'extract 100 10; advance 100; revert 100; tosg 60 20',
      ),
    })),
  );
  return [...scripted, ...holes, ...empty];
}

const SG_COMMANDS =
  'nents; nents_for_len 1; list; last; ffwd 0; ffwd 1; ffwd 10; pcopy_to 0 100000; pcopy_to 7 20; ' +
  'pcopy_to 100000 5; map_and_copy_from 0 17; map_and_copy_from 9 30; miter 0 0; miter 3 5; miter 9 100; ' +
  'pages 0; pages 1; pcopy_from 5 20; zero 30 11; map_and_copy_to 12 9';

function sgCase(id: string, src: readonly Segment[]): SgCase {
  const total = totalLength(src);
  const atEnd = `nents_for_len ${total}; nents_for_len ${total + 1}; ffwd ${total - 1}`;
  return {
    id,
    pages: 8,
    seed: 4,
    puts: [],
    backings: [],
    op: 'sg',
    src,
    dst: null,
    commands: [...script(SG_COMMANDS), ...script(atEnd)],
  };
}

/** Every helper on every layout, tables of several sizes, empty entries. */
export function sgCases(): SgCase[] {
  const tables =
    'alloc_table 0; alloc_table 1; alloc_table 127; alloc_table 128; alloc_table 169; alloc_table 170; ' +
    'alloc_table 171; alloc_table 339; alloc_table 400; from_pages 0 4096; from_pages 100 4096; ' +
    'from_pages 4095 2; from_pages 0 1';
  return [
    ...LAYOUTS.map(({ name, build }) => sgCase(`sg-${name}`, build(60, 0))),
    ...LAYOUTS.map(({ name, build }) => sgCase(`sg-pages-${name}`, build(5000, 0))),
    ...EMPTY_PLACES.map((place) => sgCase(`sg-empty-${place}`, layoutWithEmpty(place, 60, 0))),
    { ...sgCase('sg-tables', LAYOUTS[2].build(60, 0)), commands: script(tables) },
  ];
}
