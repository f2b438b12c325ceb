/**
 * Random text cases from one seed: 70 % requests to the algorithms of the table, 14 % recorded walks,
 * 10 % iov_iter, 6 % scatterlist helpers. Any shorter count is a prefix of a longer one.
 * @module
 */
import { Prng } from '../../../src/prng.ts';
import type { CipherOrHash } from '../../algorithms/row.ts';
import {
  type CipherCase,
  type Command,
  ITER_KINDS,
  type IterCase,
  type IterKind,
  type Segment,
  type SgCase,
  type TextCase,
  totalLength,
} from '../text/case.ts';
import { chance, randomLayout, splitDifferently } from './layout.ts';
import { drawnAlgorithms, type Head, randomRequest } from './requests.ts';

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;

function hexBytes(draw: Prng, length: number): string {
  return Buffer.from(Array.from({ length }, () => draw.below(256))).toString('hex');
}

/**
 * `count` cases with identifiers r0, r1, ... Each has draws of its own, so that a change to one algorithm
 * changes the cases of that algorithm only.
 */
export function generateCases(
  seed: number,
  count: number,
  rows: readonly CipherOrHash[] = drawnAlgorithms(),
): TextCase[] {
  const draw = new Prng(0);
  const cases: TextCase[] = [];
  for (let i = 0; i < count; i++) {
    draw.reseed(seed * 0x10000 + (i % 0x10000) + Math.floor(i / 0x10000) * 0x1000193);
    for (let n = 0; n < 4; n++) draw.u32();
    cases.push(randomCase(draw, `r${i}`, rows));
  }
  return cases;
}

function randomCase(draw: Prng, id: string, rows: readonly CipherOrHash[]): TextCase {
  const size = draw.pick([
    draw.below(600),
    16 * draw.below(40),
    draw.below(70),
    draw.between(4000, 9000),
  ]);
  const head: Head = { id, pages: 8, seed: draw.below(2 ** 30) };
  const kind = draw.below(100);
  if (kind < 70) return randomRequest(draw, head, rows, size);
  if (kind < 84) return walk(draw, head, size);
  if (kind < 94) return iter(draw, head, size);
  return sg(draw, head, size);
}

type Lists = Pick<CipherCase, 'src' | 'dst'>;

/** Source in pages 0-3; the destination in pages 4-7, the same list, or the same bytes cut anew. */
function lists(draw: Prng, total: number): Lists {
  const src = randomLayout(draw, total, 0, 4);
  if (chance(draw, 30)) return { src, dst: null };
  if (chance(draw, 15)) return { src, dst: splitDifferently(draw, src) };
  return { src, dst: randomLayout(draw, total, 4, 4) };
}

function walk(draw: Prng, head: Head, length: number): CipherCase {
  const blockSize = draw.pick([1, 1, 8, 16, 16]);
  const chunkSize = draw.pick([blockSize, Math.max(blockSize, 16)]);
  const walkSize = chunkSize * draw.pick([1, 1, 4, 8]);
  const alignMask = draw.pick([0, 0, 3, 7, 15, 63]);
  const ivSize = draw.pick([0, 8, 16]);
  const op = draw.pick(['skcipher', 'skcipher', 'aead'] as const);
  const assoc = op === 'aead' ? draw.pick([0, 0, 5, 20]) : 0;
  const errorAt = chance(draw, 5) ? { step: draw.below(3), error: draw.pick([-5, -22]) } : null;
  return {
    ...head,
    ...NOTHING,
    requests: 1,
    flip: null,
    authSize: null,
    flags: chance(draw, 80) ? null : draw.pick([0, MAY_SLEEP, MAY_BACKLOG]),
    op,
    algorithm: '',
    geometry: { blockSize, ivSize, alignMask, chunkSize, walkSize },
    key: op === 'aead' ? '00' : null,
    iv: hexBytes(draw, ivSize),
    ivOffset: draw.pick([0, 0, 1, 4]),
    direction: 'encrypt',
    length,
    assoc,
    async: false,
    atomic: false,
    remainder: chance(draw, 5) ? draw.pick([0, blockSize]) : null,
    errorAt,
    ...lists(draw, length + assoc),
  };
}

const ONE_SEGMENT: readonly IterKind[] = ['ubuf', 'xarray', 'folioq'];
/** Nothing on top of the arena's own bytes and pages. */
const NOTHING = { puts: [], backings: [] };

const COUNTS = [1, 5, 10, 16, 100, 300, 4096] as const;

function iterCommand(draw: Prng, source: boolean): Command {
  const name = draw.pick([
    'advance',
    'advance',
    'revert',
    'truncate',
    'reexpand',
    'npages',
    'alignment',
    'seg',
    'getpages',
    'extract',
    // The wrong direction copies up to 6.1 and is refused later.
    ...(source !== chance(draw, 8)
      ? ['copyfrom', 'copyfrom', 'copyfromfull']
      : ['copyto', 'copyto', 'zero', 'pageto']),
  ]);
  return { name, args: [draw.pick(COUNTS), draw.pick([1, 2, 10])] };
}

function iter(draw: Prng, head: Head, length: number): IterCase {
  const kind = draw.pick([...ITER_KINDS, 'bvec', 'kvec', 'iovec'] as const);
  const source = kind !== 'discard' && chance(draw, 50);
  const whole = randomLayout(draw, length, 0, 8);
  const src = whole.map(({ page, offset, length: n }): Segment => ({ page, offset, length: n }));
  const single: Segment = { page: src[0].page, offset: src[0].offset, length };
  const commands: Command[] = [];
  for (let n = draw.between(3, 11); n > 0; n--) commands.push(iterCommand(draw, source));
  // Last, because with more than the count it leaves some releases' iterators broken.
  if (chance(draw, 25)) commands.push({ name: 'tosg', args: [draw.pick([5, 100, 4096]), 20] });
  return {
    ...head,
    ...NOTHING,
    op: 'iter',
    kind,
    source,
    limit: chance(draw, 15) ? draw.between(1, length + 1) : 0,
    hole: null,
    src: ONE_SEGMENT.includes(kind) ? [single] : src,
    commands,
  };
}

function sg(draw: Prng, head: Head, size: number): SgCase {
  const src = randomLayout(draw, size, 0, 8);
  const total = totalLength(src);
  const start = draw.below(total + 1);
  const few = size < 300;
  const all: readonly (readonly [string, ...number[]])[] = [
    ['nents'],
    ['nents_for_len', draw.between(1, total + 2)],
    ['list'],
    ['last'],
    ['pcopy_to', draw.below(50), draw.below(total + 5)],
    ['pcopy_from', draw.below(total + 5), draw.below(300)],
    ['zero', draw.below(50), draw.below(100)],
    ['ffwd', start],
    ['map_and_copy_from', start, draw.below(total - start + 1)],
    ['map_and_copy_to', start, draw.below(total - start + 1)],
    ['miter', draw.pick([0, 3]), few ? draw.pick([0, 7]) : 0],
    ['pages', draw.below(3)],
    ['alloc_table', draw.below(600)],
    ['from_pages', draw.below(4096), draw.between(1, 9000)],
  ];
  const commands: Command[] = [];
  for (let n = draw.between(3, 8); n > 0; n--) {
    const [name, ...args] = draw.pick(all);
    commands.push({ name, args });
  }
  return { ...head, ...NOTHING, op: 'sg', src, dst: null, commands };
}
