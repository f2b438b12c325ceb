/**
 * Goal: a message compressed out of any list into any list comes back, and the surprises of 6.1 are there:
 * a destination that is allocated, one that is freed although it is the caller's, scratch buffers that
 * exist while there are transforms, and a count of users that a failed allocation does not take back.
 * Method: texts cut at random over slab memory; the ledger of the machine.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EINVAL, ENOMEM, ENOSPC, EOVERFLOW } from '../src/errno.ts';
import { must } from '../src/machine/access.ts';
import { pageToVirt } from '../src/machine/address.ts';
import { Machine } from '../src/machine/machine.ts';
import { fillSeeded } from '../src/prng.ts';
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
import { sgNents } from './lists/scatterlist.ts';
import { sgCopyToBuffer } from './lists/sg-mapping-iter.ts';
import { bytesAt, cutList, listOf, place } from './testing.ts';

const NAMES = ['842', 'deflate', 'lz4', 'lz4hc', 'lzo', 'lzo-rle', 'zlib-deflate', 'zstd'];
const SCRATCH = 131072;

/** What a compressor says of too little room. */
function littleRoom(name: string): number {
  return name === '842' ? -ENOSPC : -EINVAL;
}

function world(name: string): { machine: Machine; tfm: CryptoAcomp } {
  const machine = new Machine({ memory: 1 << 23, seed: 4 });
  const tfm = cryptoAllocAcomp(cryptoApiInit(machine), name, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${name}: ${tfm}`);
  return { machine, tfm };
}

/** @returns the answer, the length of the result, and the whole room. */
function run(tfm: CryptoAcomp, compress: boolean, text: Uint8Array, room: number, cut: number) {
  const { machine } = tfm.api;
  const src = place(machine, text);
  const dst = place(machine, new Uint8Array(room).fill(0xee));
  const req = must(acompRequestAlloc(tfm));
  acompRequestSetCallback(req, 0, null, null);
  acompRequestSetParams(
    req,
    cutList(machine, src, text.length, [cut]),
    cutList(machine, dst, room, [cut >> 1, 0]),
    text.length,
    room,
  );
  const err = compress ? cryptoAcompCompress(req) : cryptoAcompDecompress(req);
  const out = bytesAt(machine, dst, room);
  const len = req.dstLen;
  acompRequestFree(req);
  machine.slab.kfree(src);
  machine.slab.kfree(dst);
  return { err, len, out };
}

/** Random, repeating with a period. */
function textOf(len: number, seed: number, period: number): Uint8Array {
  const text = new Uint8Array(len);
  fillSeeded(text, seed);
  if (period > 0) for (let i = period; i < len; i++) text[i] = text[i - period];
  return text;
}

test.each(NAMES)('%s: what was compressed comes back; one byte of room less is refused', (name) => {
  const { machine, tfm } = world(name);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9000 }),
      fc.nat(0xffff),
      fc.constantFrom(0, 1, 3, 100),
      fc.nat(9000),
      (len, seed, period, cut) => {
        const text = textOf(len, seed, period);
        const packed = run(tfm, true, text, len + (len >> 3) + 400, cut);
        expect(packed.err).toBe(0);
        expect(packed.out.subarray(packed.len).every((byte) => byte === 0xee)).toBe(true);
        const message = packed.out.slice(0, packed.len);
        const whole = run(tfm, false, message, len, cut >> 2);
        expect([whole.err, whole.len]).toEqual([0, len]);
        expect(Buffer.from(whole.out).equals(text)).toBe(true);
        if (packed.len === 1) return;
        const { err } = run(tfm, true, text, packed.len - 1, 9);
        expect(err).toBe(littleRoom(name));
      },
    ),
    { numRuns: 30 },
  );
  cryptoFreeAcomp(tfm);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('lengths that are refused, and one that is cut off', () => {
  const { machine, tfm } = world('deflate');
  const sg = listOf(machine, [[place(machine, textOf(64, 1, 3)), 64]]);
  const req = must(acompRequestAlloc(tfm));
  const refused = (src: typeof sg | null, slen: number, dlen: number): void => {
    acompRequestSetParams(req, src, sg, slen, dlen);
    expect(cryptoAcompCompress(req)).toBe(-EINVAL);
  };
  refused(null, 10, 10);
  refused(sg, 0, 10);
  refused(sg, SCRATCH + 1, 10);
  refused(sg, 10, 0);
  acompRequestSetParams(req, sg, sg, 64, 10 * SCRATCH);
  expect(cryptoAcompDecompress(req)).toBe(-EINVAL);
  // The room is that of the scratch buffer from now on, also after a failure.
  expect(req.dstLen).toBe(SCRATCH);
});

test('a result that is too long for its room is -ENOSPC, and nothing of it is written', () => {
  const { tfm } = world('lzo-rle');
  const { err, out } = run(tfm, true, textOf(100, 3, 0), 1, 0);
  expect([err, ...out]).toEqual([-ENOSPC, 0xee]);
  cryptoFreeAcomp(tfm);
});

test('842 tells a length of 0 when it fails, but not the driver behind it, and both write nothing', () => {
  const { tfm } = world('842');
  const text = textOf(64, 3, 0);
  const packed = run(tfm, true, text, 200, 0);
  const message = packed.out.slice(0, packed.len);
  const refused = [
    run(tfm, true, text, packed.len - 1, 5),
    run(tfm, false, message.subarray(0, 20), 64, 5),
    run(tfm, false, message, 63, 5),
  ];
  expect(refused.map(({ err, len }) => [err, len])).toEqual([
    [-ENOSPC, 0],
    [-EOVERFLOW, 0],
    [-ENOSPC, 0],
  ]);
  // Eight bytes of literals, and one of a short end, at which the decoder does not look.
  const nine = run(tfm, true, textOf(9, 3, 0), 40, 0);
  const short = run(tfm, false, nine.out.slice(0, nine.len), 8, 0);
  expect([short.err, short.len]).toEqual([-ENOSPC, 9]);
  for (const { out } of [...refused, short]) expect(out.every((byte) => byte === 0xee)).toBe(true);
  cryptoFreeAcomp(tfm);
});

test('842 repeats what lies in front of the scratch buffer, where nothing is mapped', () => {
  const { tfm } = world('842');
  // A short end of one byte, then a repetition: 11101 001 01100001 11011 000000.
  const message = Uint8Array.of(0xe9, 0x61, 0xd8, 0, 0, 0, 0, 0);
  expect(() => run(tfm, false, message, 64, 0)).toThrow('in front of its buffer');
});

test('without a destination one is allocated, and freed with the request', () => {
  const { machine, tfm } = world('lz4');
  const text = textOf(9000, 7, 0);
  const src = place(machine, text);
  const req = must(acompRequestAlloc(tfm));
  acompRequestSetParams(req, cutList(machine, src, 9000, [5000]), null, 9000, 0);
  expect(cryptoAcompCompress(req)).toBe(0);
  const made = must(req.dst);
  expect(sgNents(made)).toBe(Math.ceil(req.dstLen / 4096));
  const packed = new Uint8Array(req.dstLen);
  sgCopyToBuffer(machine, made, sgNents(made), packed);
  expect(Buffer.from(run(tfm, false, packed, 9000, 3).out).equals(text)).toBe(true);
  acompRequestFree(req);
  machine.slab.kfree(src);
  cryptoFreeAcomp(tfm);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('a request that once had its destination allocated frees that of its caller', () => {
  const { machine, tfm } = world('lz4');
  const page = must(machine.allocPages(0, 'caller'));
  const sg = listOf(machine, [[pageToVirt(page), 4096]]);
  const req = must(acompRequestAlloc(tfm));
  acompRequestSetParams(req, sg, null, 100, 0);
  acompRequestSetParams(req, sg, sg, 100, 4096);
  acompRequestFree(req);
  expect(() => machine.freePages(page)).toThrow();
});

test('scratch buffers live as long as transforms; after -ENOMEM the next user has none', () => {
  const { machine, tfm } = world('deflate');
  const held = () => machine.ledger.holdings().filter(({ who }) => who === 'scomp').length;
  expect(held()).toBeGreaterThan(0);
  const second = cryptoAllocAcomp(tfm.api, 'lz4', 0, 0);
  cryptoFreeAcomp(tfm);
  expect(held()).toBeGreaterThan(0);
  if (typeof second === 'object') cryptoFreeAcomp(second);
  expect(held()).toBe(0);
  const full = new Machine({ memory: 1 << 18, seed: 4 });
  const api = cryptoApiInit(full);
  expect(cryptoAllocAcomp(api, 'deflate', 0, 0)).toBe(-ENOMEM);
  const broken = cryptoAllocAcomp(api, 'deflate', 0, 0);
  if (typeof broken === 'number') throw new Error('the second user is let through');
  expect(() => run(broken, true, textOf(10, 1, 0), 40, 3)).toThrow('NULL scratch');
});
