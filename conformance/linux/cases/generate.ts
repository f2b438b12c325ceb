/**
 * Random text cases from one seed. About 30 % skcipher, 22 % AEAD, 18 % recorded walks, 10 % hash,
 * 12 % iov_iter, 8 % scatterlist helpers. Any shorter count is a prefix of a longer one.
 * @module
 */
import { Prng } from '../../../src/prng.ts';
import {
  type CipherCase,
  type Command,
  type HashCase,
  ITER_KINDS,
  type IterCase,
  type IterKind,
  type Part,
  type Segment,
  type SgCase,
  segmentStart,
  type TextCase,
  totalLength,
} from '../text/case.ts';
import { chance, randomLayout, splitDifferently } from './layout.ts';

/** Goes into golden files; a file of another version cannot be replayed. */
export const GENERATOR_VERSION = 1;

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;
/** `struct rtattr` of type CRYPTO_AUTHENC_KEYA_PARAM with a 16-byte cipher key (little endian). */
const AUTHENC_HEADER = '0800010000000010';

interface Cipher {
  readonly name: string;
  readonly keys: readonly number[];
  readonly ivSize: number;
}

const SKCIPHERS: readonly Cipher[] = [
  { name: 'cbc(aes)', keys: [16, 24, 32], ivSize: 16 },
  { name: 'ctr(aes)', keys: [16, 32], ivSize: 16 },
  { name: 'ecb(aes)', keys: [16], ivSize: 0 },
  { name: 'xts(aes)', keys: [32, 64], ivSize: 16 },
  { name: 'cts(cbc(aes))', keys: [16], ivSize: 16 },
  { name: 'rfc3686(ctr(aes))', keys: [20, 36], ivSize: 8 },
  { name: 'xchacha20', keys: [32], ivSize: 32 },
  { name: 'adiantum(xchacha12,aes)', keys: [32], ivSize: 32 },
  { name: 'lrw(aes)', keys: [32], ivSize: 16 },
  { name: 'essiv(cbc(aes),sha256)', keys: [16], ivSize: 16 },
];

interface Aead extends Cipher {
  readonly tags: readonly number[];
}

const AEADS: readonly Aead[] = [
  { name: 'gcm(aes)', keys: [16, 32], ivSize: 12, tags: [16, 12, 4] },
  { name: 'ccm(aes)', keys: [16], ivSize: 16, tags: [16, 8, 4] },
  { name: 'rfc7539(chacha20,poly1305)', keys: [32], ivSize: 12, tags: [16] },
  { name: 'rfc4106(gcm(aes))', keys: [20, 36], ivSize: 8, tags: [16, 8] },
  { name: 'authenc(hmac(sha256),cbc(aes))', keys: [], ivSize: 16, tags: [32, 16] },
];

const HASHES: readonly { readonly name: string; readonly keys: readonly number[] }[] = [
  { name: 'sha1', keys: [0] },
  { name: 'sha256', keys: [0] },
  { name: 'sha512', keys: [0] },
  { name: 'hmac(sha1)', keys: [20] },
  { name: 'hmac(sha256)', keys: [1, 32, 100] },
  { name: 'hmac(sha512)', keys: [32] },
  { name: 'cmac(aes)', keys: [16, 32] },
];

/** The names that these cases draw: a kernel that is certified has all of them. */
export const DRAWN_NAMES: ReadonlySet<string> = new Set(
  [...SKCIPHERS, ...AEADS, ...HASHES].map(({ name }) => name),
);

function hexBytes(draw: Prng, length: number): string {
  return Buffer.from(Array.from({ length }, () => draw.below(256))).toString('hex');
}

/** `count` cases with identifiers r0, r1, ... */
export function generateCases(seed: number, count: number): TextCase[] {
  const draw = new Prng(seed);
  const cases: TextCase[] = [];
  for (let i = 0; i < count; i++) cases.push(randomCase(draw, `r${i}`));
  return cases;
}

type Head = Pick<TextCase, 'id' | 'pages' | 'seed' | 'puts'>;

function randomCase(draw: Prng, id: string): TextCase {
  const size = draw.pick([
    draw.below(600),
    16 * draw.below(40),
    draw.below(70),
    draw.between(4000, 9000),
  ]);
  const head: Head = { id, pages: 8, seed: draw.below(2 ** 30), puts: [] };
  const kind = draw.below(100);
  if (kind < 30) return skcipher(draw, head, size);
  if (kind < 52) return aead(draw, head, size);
  if (kind < 70) return walk(draw, head, size);
  if (kind < 80) return hash(draw, head, size);
  if (kind < 92) return iter(draw, head, size);
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

function randomFlags(draw: Prng): number | null {
  return chance(draw, 80) ? null : draw.pick([0, MAY_SLEEP, MAY_BACKLOG]);
}

type Plain = Pick<
  CipherCase,
  'geometry' | 'flip' | 'assoc' | 'authSize' | 'flags' | 'async' | 'remainder' | 'errorAt'
>;

function plainRequest(draw: Prng): Plain {
  return {
    geometry: null,
    flip: null,
    assoc: 0,
    authSize: null,
    flags: randomFlags(draw),
    async: chance(draw, 6),
    remainder: null,
    errorAt: null,
  };
}

/** A byte inside the list that the second half of a `both` case reads. */
function randomFlip(draw: Prng, { src, dst }: Lists): number | null {
  const segment = draw.pick(dst ?? src);
  if (segment.length === 0 || !chance(draw, 40)) return null;
  return segmentStart(segment) + draw.below(segment.length);
}

function skcipher(draw: Prng, head: Head, size: number): CipherCase {
  const { name, keys, ivSize } = draw.pick(SKCIPHERS);
  const length = chance(draw, 60) ? size - (size % 16) : size;
  const direction = draw.pick(['encrypt', 'decrypt', 'both'] as const);
  const key = hexBytes(draw, draw.pick(keys));
  const iv = hexBytes(draw, ivSize);
  const ivOffset = draw.pick([0, 0, 1, 3]);
  const plain = plainRequest(draw);
  return {
    ...head,
    ...plain,
    op: 'skcipher',
    algorithm: name,
    key,
    iv,
    ivOffset,
    direction,
    length,
    ...lists(draw, length),
  };
}

function aead(draw: Prng, head: Head, size: number): CipherCase {
  const { name, keys, ivSize, tags } = draw.pick(AEADS);
  const authSize = draw.pick(tags);
  const key =
    keys.length === 0 ? AUTHENC_HEADER + hexBytes(draw, 48) : hexBytes(draw, draw.pick(keys));
  const random = hexBytes(draw, ivSize);
  // The first byte of a ccm IV is the width of the length field less one, the field itself is 0.
  const iv = name.startsWith('ccm') ? `02${random.slice(2, 24)}00000000` : random;
  const assoc = name.startsWith('rfc4106')
    ? draw.pick([16, 20, 8])
    : draw.pick([0, 8, 13, 16, 20, draw.below(300)]);
  const text = name.startsWith('authenc') ? size - (size % 16) : size;
  const direction = draw.pick(['encrypt', 'encrypt', 'decrypt', 'both', 'both'] as const);
  const memory = lists(draw, assoc + text + authSize);
  return {
    ...head,
    ...plainRequest(draw),
    op: 'aead',
    algorithm: name,
    key,
    iv,
    ivOffset: 0,
    direction,
    flip: direction === 'both' ? randomFlip(draw, memory) : null,
    length: direction === 'decrypt' ? text + authSize : text,
    assoc,
    authSize,
    ...memory,
  };
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
    ...plainRequest(draw),
    op,
    algorithm: '',
    geometry: { blockSize, ivSize, alignMask, chunkSize, walkSize },
    key: op === 'aead' ? '00' : '',
    iv: hexBytes(draw, ivSize),
    ivOffset: draw.pick([0, 0, 1, 4]),
    direction: 'encrypt',
    length,
    assoc,
    async: false,
    remainder: chance(draw, 5) ? draw.pick([0, blockSize]) : null,
    errorAt,
    ...lists(draw, length + assoc),
  };
}

function randomParts(draw: Prng, total: number): Part[] {
  const parts: Part[] = [];
  let left = total;
  for (let n = draw.between(1, 5); n > 1; n--) {
    const length = draw.pick([draw.below(left + 1), Math.min(left, draw.pick([0, 1, 63, 64, 65]))]);
    parts.push({ length, reimport: chance(draw, 15) });
    left -= length;
  }
  return [...parts, { length: left, reimport: chance(draw, 10) }];
}

function hash(draw: Prng, head: Head, length: number): HashCase {
  const { name, keys } = draw.pick(HASHES);
  const finish = draw.pick(['digest', 'final', 'finup'] as const);
  return {
    ...head,
    op: 'hash',
    algorithm: name,
    key: hexBytes(draw, draw.pick(keys)),
    length,
    finish,
    parts: finish === 'digest' ? [] : randomParts(draw, length),
    flags: randomFlags(draw),
    async: chance(draw, 6),
    src: randomLayout(draw, length, 0, 4),
  };
}

const ONE_SEGMENT: readonly IterKind[] = ['ubuf', 'xarray', 'folioq'];
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
  return { ...head, op: 'sg', src, dst: null, commands };
}
