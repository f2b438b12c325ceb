/**
 * Goal: small messages in every shape: all partitions of 0 to 6 bytes into up to 4 segments (empty ones
 * included), chained or not, at three positions around a page boundary, in place and between lists.
 * Method: a model on flat arrays says which byte stands where, which steps of which kind a walk
 * must offer, what is left of the message, what it returns and how often the IV was used. It is
 * written from the rules, byte by byte, and shares nothing with the walk.
 */
import { expect, test } from 'vitest';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EINVAL } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { pfn, type VirtAddr, virtAddr } from '../../src/units.ts';
import { cryptoApiInit } from '../init.ts';
import { type Scatterlist, sgAlloc, sgChain, sgInitTable, sgSetBuf } from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  cryptoSpawnSkcipher,
  SkcipherRequest,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from './skcipher-walk.ts';

const MOST = 6;
const SEGMENTS = 4;
const PAGE = 4096;
/** Where a list begins: in one page, with a boundary after 2 bytes, after 5. */
const POSITIONS = [100, PAGE - 2, PAGE - 5];
/** Blocksize, stride, alignmask. */
const ALGORITHMS = [
  [1, 1, 0],
  [1, 4, 0],
  [2, 2, 0],
  [2, 4, 1],
] as const;

/** All ways to write `n` as a sum of `parts` numbers, order and zeros counted. */
function partitions(n: number, parts: number): number[][] {
  if (parts === 1) return [[n]];
  const all: number[][] = [];
  for (let first = 0; first <= n; first++) {
    for (const rest of partitions(n - first, parts - 1)) all.push([first, ...rest]);
  }
  return all;
}

function shapesOf(n: number): number[][] {
  return Array.from({ length: SEGMENTS }, (_, i) => partitions(n, i + 1)).flat();
}

const machine = new Machine({ seed: 2, memory: 4 * 1024 * 1024, checks: false });
const api = cryptoApiInit(machine, { accel: false });
const page = must(machine.allocPages(3, 'test'));
const SRC = pageToVirt(page);
const DST = pageToVirt(pfn(page + 4));

/** Segments one behind the other from `at` on; chained: every slot array has one entry and a link. */
function build(at: VirtAddr, shape: readonly number[], chained: boolean): Scatterlist {
  let end = shape.reduce((a, b) => a + b, 0);
  if (!chained) {
    const table = sgAlloc(shape.length);
    sgInitTable(table, shape.length);
    let done = 0;
    for (const [i, len] of shape.entries()) {
      sgSetBuf(machine, table[i], virtAddr(at + done), len);
      done += len;
    }
    return table[0];
  }
  let list: Scatterlist | null = null;
  for (let i = shape.length - 1; i >= 0; i--) {
    const table = sgAlloc(list === null ? 1 : 2);
    sgInitTable(table, table.length);
    end -= shape[i];
    sgSetBuf(machine, table[0], virtAddr(at + end), shape[i]);
    if (list !== null) sgChain(table[0], 2, list);
    list = table[0];
  }
  return must(list);
}

/** A position in a flat message: which segment, how far in it. */
class Cursor {
  readonly at: number;
  readonly shape: readonly number[];
  segment = 0;
  inside = 0;
  done = 0;

  constructor(at: number, shape: readonly number[]) {
    this.at = at;
    this.shape = shape;
  }

  get address(): number {
    return this.at + this.done;
  }

  /** Bytes to the end of the segment or of the page. */
  room(): number {
    const rest = this.shape[this.segment] - this.inside;
    return Math.min(rest, PAGE - (this.address % PAGE));
  }

  /** Moves on inside the segment, and to the next one when told that there is more. */
  pass(n: number, more: boolean): void {
    this.inside += n;
    this.done += n;
    if (more && this.inside >= this.shape[this.segment]) this.nextSegment();
  }

  /** Moves over as many segments as it takes, but stays at the end of the last one. */
  gather(n: number): void {
    let left = n;
    for (;;) {
      const part = Math.min(left, this.room());
      this.inside += part;
      this.done += part;
      left -= part;
      if (left === 0) return;
      if (this.inside >= this.shape[this.segment]) this.nextSegment();
    }
  }

  private nextSegment(): void {
    this.segment++;
    this.inside = 0;
  }
}

interface Expected {
  readonly steps: string;
  readonly ret: number;
  readonly written: number;
}

/** The rules of the walk, for a driver that processes whole blocks. */
function predict(src: Cursor, dst: Cursor, len: number, alg: readonly number[]): Expected {
  const [blocksize, stride, alignmask] = alg;
  let total = len;
  let steps = '';
  let written = 0;
  while (total > 0) {
    const size = Math.min(stride, Math.max(total, blocksize));
    const n = Math.min(total, src.room(), dst.room());
    if (n < size && total < blocksize) return { steps, ret: -EINVAL, written };
    if (n < size) {
      src.gather(size);
      steps += `B${size} `;
      const rest = size % blocksize;
      if (rest > 0) return { steps, ret: -EINVAL, written };
      dst.gather(size);
      total -= size;
      written += size;
      src.pass(0, total > 0);
      dst.pass(0, total > 0);
      continue;
    }
    const copied = ((src.address | dst.address) & alignmask) !== 0;
    const kind = copied ? 'C' : src.address === dst.address ? 'I' : 'D';
    const rest = n % blocksize;
    steps += `${kind}${n} `;
    total -= n - rest;
    written += n - rest;
    src.pass(n - rest, total > 0);
    dst.pass(n - rest, total > 0);
  }
  return { steps, ret: 0, written };
}

const recorded = { text: '' };
const walk = new SkcipherWalk(machine, {
  step: (n, kind) => {
    recorded.text += `${kind}${n} `;
  },
});

/** Runs one walk that adds 1 to every byte. @returns return code and uses of the IV. */
function run(
  tfm: CryptoSkcipher,
  src: Scatterlist,
  dst: Scatterlist,
  len: number,
): [number, number] {
  const req = new SkcipherRequest(tfm);
  const iv = new Uint8Array(16);
  skcipherRequestSetCrypt(req, src, dst, len, iv);
  recorded.text = '';
  let err = skcipherWalkVirt(walk, req, false);
  const { u8 } = machine.mem;
  while (walk.nbytes > 0) {
    const rest = walk.nbytes % tfm.alg.blocksize;
    for (let i = 0; i < walk.nbytes - rest; i++) {
      u8[walk.dst - PHYS_BASE + i] = u8[walk.src - PHYS_BASE + i] + 1;
    }
    walk.iv[0]++;
    err = skcipherWalkDone(walk, rest);
  }
  return [err, iv[0]];
}

const transforms = ALGORITHMS.map(([blocksize, stride, alignmask], i) => {
  const alg = {
    kind: 'skcipher' as const,
    name: `small${i}`,
    driverName: `small${i}`,
    priority: 1,
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
    blocksize,
    alignmask,
    ivsize: 16,
    chunksize: blocksize === 1 ? stride : blocksize,
    walksize: stride,
    minKeysize: 0,
    maxKeysize: 0,
    init: () => ({}),
    setkey: () => 0,
    encrypt: () => 0,
    decrypt: () => 0,
  };
  cryptoRegisterSkcipher(api, alg);
  const tfm = cryptoSpawnSkcipher(api, alg);
  if (typeof tfm === 'number') throw new Error('spawn');
  return tfm;
});

const base = SRC - 2 ** 47 - PHYS_BASE;
const far = DST - 2 ** 47 - PHYS_BASE;

/** One shape of source and destination with every algorithm. @returns what is wrong, or nothing. */
function check(
  from: readonly number[],
  to: readonly number[],
  len: number,
  srcAt: number,
  dstAt: number,
  sameMemory: boolean,
  lists: readonly [Scatterlist, Scatterlist],
): string {
  const { u8 } = machine.mem;
  for (const [i, tfm] of transforms.entries()) {
    const dstBase = sameMemory ? base : far;
    for (let k = -2; k < len + 2; k++) {
      u8[far + dstAt + k] = 0xee;
      u8[base + srcAt + k] = 10 + k;
    }
    const target = sameMemory ? srcAt : dstAt;
    const distance = sameMemory ? 0 : 4 * PAGE;
    const expected = predict(
      new Cursor(srcAt, from),
      new Cursor(target + distance, to),
      len,
      ALGORITHMS[i],
    );
    const [ret, uses] = run(tfm, lists[0], lists[1], len);
    const count = expected.steps === '' ? 0 : expected.steps.split(' ').length - 1;
    const name = `${from} -> ${to} len ${len} at ${srcAt}, ${dstAt} alg ${i}`;
    if (recorded.text !== expected.steps) return `${name}: ${recorded.text} not ${expected.steps}`;
    if (ret !== expected.ret || uses !== count) return `${name}: ret ${ret}, iv ${uses}`;
    for (let k = -2; k < len + 2; k++) {
      const done = k >= 0 && k < expected.written;
      const before = sameMemory ? 10 + k : 0xee;
      if (u8[dstBase + target + k] !== (done ? 11 + k : before)) return `${name}: byte ${k}`;
    }
  }
  return '';
}

test('every partition in place, chained and not, around a page boundary', () => {
  let count = 0;
  const wrong: string[] = [];
  for (let len = 0; len <= MOST; len++) {
    for (const shape of shapesOf(len)) {
      for (const at of POSITIONS) {
        for (const chained of [false, true]) {
          const sg = build(virtAddr(SRC + at), shape, chained);
          count++;
          const error = check(shape, shape, len, at, at, /* sameMemory */ true, [sg, sg]);
          if (error !== '') wrong.push(error);
        }
      }
    }
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(count).toBe(329 * 3 * 2);
});

test('every pair of partitions, over the same memory and over disjoint memory', () => {
  let count = 0;
  const wrong: string[] = [];
  for (let len = 0; len <= MOST; len++) {
    const shapes = shapesOf(len);
    for (const at of POSITIONS) {
      const chained = at === POSITIONS[1];
      const sources = shapes.map((shape) => build(virtAddr(SRC + at), shape, chained));
      const far = at === POSITIONS[0] ? POSITIONS[1] : at - 1;
      const targets = shapes.map((shape) => build(virtAddr(DST + far), shape, !chained));
      for (const [i, from] of shapes.entries()) {
        for (const [j, to] of shapes.entries()) {
          count += 2;
          const same = check(from, to, len, at, at, true, [sources[i], sources[j]]);
          if (same !== '') wrong.push(same);
          const apart = check(from, to, len, at, far, false, [sources[i], targets[j]]);
          if (apart !== '') wrong.push(apart);
        }
      }
      if (wrong.length > 5) break;
    }
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  const pairs = Array.from({ length: MOST + 1 }, (_, n) => shapesOf(n).length ** 2);
  expect(count).toBe(pairs.reduce((a, b) => a + b, 0) * 3 * 2);
});

test('the flat model disagrees with a walk that is wrong', () => {
  const shape = [2, 4];
  const sg = build(virtAddr(SRC + 100), shape, false);
  expect(check(shape, shape, 6, 100, 100, true, [sg, sg])).toBe('');
  // A list whose second entry begins one byte late.
  sg.table[1].offset++;
  expect(check(shape, shape, 6, 100, 100, true, [sg, sg])).not.toBe('');
});
