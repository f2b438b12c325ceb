/**
 * Goal: a message compressed out of any segments into any segments comes back, and what cannot be done is
 * refused without a byte written.
 * Method: texts of every kind over slab and vmalloc, cut at random; broken messages; rooms that are too
 * small by one byte.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import { fillSeeded } from '../src/prng.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import {
  acompRequestAlloc,
  acompRequestFree,
  acompRequestSetCallback,
  acompRequestSetParams,
  type CryptoAcomp,
  cryptoAcompCompress,
  cryptoAcompDecompress,
  cryptoAllocAcomp,
  cryptoFreeAcomp,
} from './acomp.ts';
import { cryptoApiInit } from './init.ts';
import { iovIterKvec, type Kvec } from './iter/iov-iter.ts';

const EINVAL = -22;
const NAMES = ['842', 'deflate', 'lz4', 'lz4hc', 'lzo', 'lzo-rle', 'zlib-deflate', 'zstd'];
const SCRATCH = 131072;

/** What a compressor says of too little room, and of a message that breaks off. */
function errorsOf(name: string): readonly [littleRoom: number, broken: number] {
  return name === '842' ? [-28, -75] : [EINVAL, EINVAL];
}

class World {
  readonly machine = new Machine({ memory: 1 << 23 });
  readonly tfm: CryptoAcomp;
  private readonly area: VirtAddr;
  private used = 0;

  constructor(name: string) {
    const tfm = cryptoAllocAcomp(cryptoApiInit(this.machine), name, 0, 0);
    if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
    this.tfm = tfm;
    // Virtually contiguous, physically not: segments cross pages.
    this.area = must(this.machine.vmalloc.alloc(1 << 20, 'test'));
  }

  place(bytes: Uint8Array, cut: number): Kvec[] {
    const base = virtAddr(this.area + this.used);
    this.used += bytes.length + 32;
    writeKernel(this.machine, base, bytes);
    const at = Math.min(cut, bytes.length);
    return [
      { base, len: at },
      { base: virtAddr(base + at), len: bytes.length - at },
    ];
  }

  read(kvec: readonly Kvec[]): Uint8Array {
    return Buffer.concat(
      kvec.map(({ base, len }) => {
        const bytes = new Uint8Array(len);
        readKernel(this.machine, base, bytes);
        return bytes;
      }),
    );
  }

  /** @returns the answer, the length of the result, and the whole room. */
  run(
    compress: boolean,
    bytes: Uint8Array,
    room: number,
    cut: number,
  ): { err: number; len: number; out: Uint8Array } {
    const { machine, tfm } = this;
    const src = this.place(bytes, cut);
    const dst = this.place(new Uint8Array(room).fill(0xee), cut >> 1);
    const req = must(acompRequestAlloc(tfm));
    const from = iovIterKvec(machine, 'source', src, 2, bytes.length);
    const to = iovIterKvec(machine, 'dest', dst, 2, room);
    acompRequestSetCallback(req, 0, null, null);
    acompRequestSetParams(req, from, to, bytes.length, room);
    const err = compress ? cryptoAcompCompress(req) : cryptoAcompDecompress(req);
    const len = req.dstLen;
    acompRequestFree(req);
    this.used = 0;
    return { err, len, out: this.read(dst) };
  }

  close(): void {
    cryptoFreeAcomp(this.tfm);
    this.machine.vmalloc.free(this.area);
    expect(this.machine.ledger.holdings()).toEqual([]);
  }
}

/** Random, repeating with a period, or one byte. */
function textOf(len: number, seed: number, period: number): Uint8Array {
  const text = new Uint8Array(len);
  fillSeeded(text, seed);
  if (period > 0) for (let i = period; i < len; i++) text[i] = text[i - period];
  return text;
}

test.each(NAMES)(
  '%s: what was compressed comes back, and one byte of room less refuses it',
  (name) => {
    const world = new World(name);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20000 }),
        fc.nat(0xffff),
        fc.constantFrom(0, 1, 3, 100, 1000),
        fc.nat(9000),
        (len, seed, period, cut) => {
          const text = textOf(len, seed, period);
          const packed = world.run(true, text, len + (len >> 3) + 400, cut);
          expect(packed.err).toBe(0);
          expect(packed.out.subarray(packed.len).every((byte) => byte === 0xee)).toBe(true);
          const message = packed.out.slice(0, packed.len);
          if (period > 0 && len > 2 * period + 100) expect(packed.len).toBeLessThan(len);
          const whole = world.run(false, message, len, cut >> 2);
          expect([whole.err, whole.len]).toEqual([0, len]);
          expect(Buffer.from(whole.out).equals(text)).toBe(true);
          const [little] = errorsOf(name);
          for (const [less, right] of [
            [world.run(true, text, packed.len - 1, cut), little],
            [world.run(false, message, len - 1, cut), len === 1 ? EINVAL : little],
          ] as const) {
            const isKept = less.out.every((byte) => byte === 0xee);
            expect([less.err, isKept]).toEqual([right, true]);
          }
        },
      ),
      { numRuns: 40 },
    );
    world.close();
  },
);

test.each(NAMES)('%s: broken messages, nothing, and too much are refused', (name) => {
  const world = new World(name);
  const text = textOf(3000, 5, 40);
  const packed = world.run(true, text, 4000, 17);
  const message = packed.out.slice(0, packed.len);
  // The last eight bytes of 842 may be nothing but its padding.
  for (const [broken, right] of [
    [message.subarray(0, packed.len - 8), errorsOf(name)[1]],
    [new Uint8Array(50).fill(0xff), EINVAL],
  ] as const) {
    const { err, out } = world.run(false, broken, 4000, 5);
    expect([err, out.every((byte) => byte === 0xee)]).toEqual([right, true]);
  }
  expect(world.run(true, new Uint8Array(0), 10, 0).err).toBe(EINVAL);
  expect(world.run(true, text, 0, 0).err).toBe(EINVAL);
  expect(world.run(true, new Uint8Array(SCRATCH + 1), 10, 9).err).toBe(EINVAL);
  world.close();
});

test('a result that is too long for its room is -ENOSPC, and nothing of it is written', () => {
  const world = new World('lzo-rle');
  const { err, out } = world.run(true, textOf(100, 3, 0), 1, 0);
  expect([err, ...out]).toEqual([-28, 0xee]);
  world.close();
});

test('842: what the kernel does not see, or reads in front of its buffer, is refused', () => {
  const world = new World('842');
  const text = textOf(9, 3, 0);
  const packed = world.run(true, text, 40, 0);
  const short = world.run(false, packed.out.slice(0, packed.len), 8, 3);
  expect([short.err, short.len, ...short.out]).toEqual([-28, 9, ...Array(8).fill(0xee)]);
  // A short end of one byte, then a repetition: 11101 001 01100001 11011 000000.
  const front = world.run(false, Uint8Array.of(0xe9, 0x61, 0xd8, 0, 0, 0, 0, 0), 64, 2);
  expect([front.err, front.len, front.out.every((byte) => byte === 0xee)]).toEqual([
    EINVAL,
    0,
    true,
  ]);
  world.close();
});

test('a block of LZ4 that was made by hand is understood', () => {
  // Token 5 | 4 + 4, "abcde", a copy of 8 from 5 back, then "12345" as the last literals.
  const block = Uint8Array.from([
    0x54, 0x61, 0x62, 0x63, 0x64, 0x65, 5, 0, 0x50, 0x31, 0x32, 0x33, 0x34, 0x35,
  ]);
  const world = new World('lz4');
  const { err, len, out } = world.run(false, block, 64, 3);
  expect([err, Buffer.from(out.subarray(0, len)).toString()]).toEqual([0, 'abcdeabcdeabc12345']);
  world.close();
});
