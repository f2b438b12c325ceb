/**
 * Goal: what a hash makes of every small list: the right digest when empty entries are skipped, and with
 * the kernel's behaviour the digest of what stands before the first empty entry, or none at all.
 * Method: all partitions of 0 to 6 bytes into up to 4 entries, at three places around a page boundary,
 * with the three ways to hash; the expected answer comes from the partition alone.
 */
import { expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { physAddr } from '../../src/units.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashInit,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoRegisterAhash,
} from '../ahash.ts';
import type { ZeroLength } from '../crypto-api.ts';
import { cryptoApiInit } from '../init.ts';
import { cryptoInitShashOpsAsync } from '../shash.ts';
import { listOf, type Run } from '../testing.ts';

const MOST = 6;
const POSITIONS = [100, 4096 - 2, 4096 - 5];
const UNTOUCHED = 0xee;

function partitions(n: number, parts: number): number[][] {
  if (parts === 1) return [[n]];
  return Array.from({ length: n + 1 }, (_, first) =>
    partitions(n - first, parts - 1).map((rest) => [first, ...rest]),
  ).flat();
}

/** A hash whose digest is the bytes that it was given: their number, then they themselves. */
function recording(
  zeroLength: ZeroLength,
  alignmask = 0,
  pieces: number[] = [],
): { machine: Machine; req: AhashRequest; at: number } {
  const machine = new Machine({ seed: 6, memory: 1024 * 1024 });
  const api = cryptoApiInit(machine, { zeroLength });
  const start = (seen: number[]) => ({
    update: (mem: { load(at: number, len: number): Uint8Array }, at: number, len: number) => {
      pieces.push(len);
      seen.push(...mem.load(at, len));
    },
    updateBytes: (bytes: Uint8Array) => {
      seen.push(...bytes);
    },
    digest: (out: Uint8Array) => out.set([seen.length, ...seen]),
    clone: () => start([...seen]),
  });
  const properties = {
    name: 'recording',
    driverName: 'recording',
    priority: 1,
    flags: 0x40f,
    blocksize: 1,
    alignmask,
    digestsize: 16,
    statesize: 16,
    keyed: false,
  };
  cryptoRegisterAhash(
    api,
    cryptoInitShashOpsAsync(properties, () => () => start([])),
  );
  const tfm = cryptoAllocAhash(api, 'recording', 0, 0);
  if (typeof tfm === 'number') throw new Error('recording');
  const page = must(machine.allocPages(2, 'test'));
  machine.store(
    physAddr(page * 4096),
    Uint8Array.from({ length: 16384 }, (_, i) => i),
  );
  return { machine, req: must(ahashRequestAlloc(tfm)), at: pageToVirt(page) };
}

/** Bytes before the first empty entry that the message needs, and whether there is one. */
function before(shape: readonly number[], len: number): { bytes: number; cut: boolean } {
  let bytes = 0;
  for (const part of shape) {
    if (bytes === len) break;
    if (part === 0) return { bytes, cut: true };
    bytes += part;
  }
  return { bytes, cut: false };
}

const OPERATIONS = {
  digest: cryptoAhashDigest,
  finup: (req: AhashRequest) => cryptoAhashInit(req) || cryptoAhashFinup(req),
  final: (req: AhashRequest) =>
    cryptoAhashInit(req) || cryptoAhashUpdate(req) || cryptoAhashFinal(req),
} as const;

test.each(['compat', 'fixed'] as const)('every list of up to 6 bytes in 4 entries: %s', (mode) => {
  const { machine, req, at } = recording(mode);
  let count = 0;
  let cuts = 0;
  for (let len = 0; len <= MOST; len++) {
    for (const shape of [1, 2, 3, 4].flatMap((parts) => partitions(len, parts))) {
      for (const position of POSITIONS) {
        const runs = shape.map((part, i): Run => {
          const done = shape.slice(0, i).reduce((a, b) => a + b, 0);
          return [at + position + done, part];
        });
        for (const [name, operation] of Object.entries(OPERATIONS)) {
          const result = new Uint8Array(16).fill(UNTOUCHED);
          ahashRequestSetCrypt(req, listOf(machine, runs), result, len);
          const mapped = machine.context.pagefault;
          expect(operation(req)).toBe(0);
          const { bytes, cut } = mode === 'fixed' ? { bytes: len, cut: false } : before(shape, len);
          const expected = new Uint8Array(16).fill(UNTOUCHED);
          // A walk that is cut at its first piece is taken for an empty message; later, nobody finishes.
          const finished = !cut || bytes === 0 || name === 'final';
          if (finished) {
            expected[0] = bytes;
            for (let i = 0; i < bytes; i++) expected[i + 1] = position + i;
          }
          if (Buffer.compare(result, expected) !== 0)
            throw new Error(`${shape} ${position} ${name}`);
          if (machine.context.pagefault - mapped !== Number(cut))
            throw new Error(`${shape} mapped`);
          count++;
          cuts += Number(cut);
        }
      }
    }
  }
  expect(count).toBe(329 * 3 * 3);
  expect(cuts > 0).toBe(mode === 'compat');
  expect(machine.context.inAtomic()).toBe(false);
});

test.each([
  [0, 4090, 4096 + 20, [6, 4096, 14]],
  [3, 1, 10, [3, 7]],
  [3, 4, 10, [10]],
  [3, 4093, 10, [3, 7]],
  [7, 4089, 4096 + 20, [7, 4096, 13]],
])(
  'alignmask %i, offset %i, %i bytes: pieces end at pages and at the first aligned byte',
  (alignmask, offset, len, expected) => {
    const pieces: number[] = [];
    const { machine, req, at } = recording('compat', alignmask, pieces);
    const list = listOf(machine, [
      [at + offset, len],
      [at + 8190, 1],
    ]);
    ahashRequestSetCrypt(req, list, new Uint8Array(16), len);
    expect(cryptoAhashInit(req) || cryptoAhashUpdate(req)).toBe(0);
    expect(pieces).toEqual(expected);
    expect(machine.context.inAtomic()).toBe(false);
  },
);
