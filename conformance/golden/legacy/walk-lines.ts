/**
 * The walk part of the module: six test algorithms record what skcipher_walk offers them.
 * @module
 */
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_SKCIPHER } from '../../../src/crypto/algorithm.ts';
import type { Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../../legacy/skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../../../legacy/walk/skcipher-walk.ts';
import type { Piece, Probe } from './probe.ts';

/** Name, blocksize, chunksize, walksize, alignmask. */
const ALGORITHMS = [
  ['svb16', 16, 16, 16, 0],
  ['svb16a3', 16, 16, 16, 3],
  ['svb16w64', 16, 16, 64, 0],
  ['svctr', 1, 16, 16, 0],
  ['svcha', 1, 64, 64, 0],
  ['svcha256', 1, 64, 256, 0],
] as const;

const B = 8 * 4096;

interface Row {
  readonly name: string;
  readonly src: readonly Piece[];
  readonly dst: readonly Piece[] | null;
  readonly len: number;
}

function row(name: string, src: readonly Piece[], dst: readonly Piece[] | null, len: number): Row {
  return { name, src, dst, len };
}

const EIGHT: readonly Piece[] = Array.from({ length: 8 }, (_, i) => [8 * i, 8] as const);
const SPLIT: readonly Piece[] = [
  [0, 20],
  [B, 44],
];

const ROWS: readonly Row[] = [
  row('one seg in-place', [[0, 100]], null, 64),
  row('one seg in-place', [[0, 100]], null, 70),
  row('in-place two lists', [[0, 64]], [[0, 64]], 64),
  row('src 64 dst 64', [[0, 64]], [[B, 64]], 64),
  row('src 20+44 in-place', SPLIT, null, 64),
  row('src 20+44 dst 64', SPLIT, [[B + 4096, 64]], 64),
  row(
    'src 20+44 dst 36+28',
    SPLIT,
    [
      [B + 4096, 36],
      [B + 8192, 28],
    ],
    64,
  ),
  row('src 8x8 in-place', EIGHT, null, 64),
  row('one seg crossing page at 4056+80', [[4056, 80]], null, 80),
  row('one seg 10000', [[0, 10000]], null, 10000),
  row('one seg 10000 oop', [[0, 10000]], [[B, 10000]], 10000),
  row('src off1', [[1, 64]], [[B, 64]], 64),
  row('in-place off1 5000', [[1, 5000]], null, 4992),
  row(
    'src 4096+off1 seg',
    [
      [0, 32],
      [B + 1, 32],
    ],
    [[B + 4096, 64]],
    64,
  ),
  row(
    'zero-len mid',
    [
      [0, 32],
      [B, 0],
      [B, 32],
    ],
    null,
    64,
  ),
  row(
    'zero-len in block',
    [
      [0, 20],
      [B, 0],
      [B, 44],
    ],
    null,
    64,
  ),
  row('len 7', [[0, 64]], null, 7),
  row('len 0', [[0, 64]], null, 0),
  row(
    'two lists same mem split differently',
    [
      [0, 20],
      [20, 44],
    ],
    [
      [0, 36],
      [36, 28],
    ],
    64,
  ),
  ...[1, 16, 31].map((i) => row(`dst=src+${i}`, [[0, 64]], [[i, 64]], 64)),
  ...[1, 16, 31].map((i) => row(`dst=src-${i}`, [[i, 64]], [[0, 64]], 64)),
];

/** @kernel none: walk_tests of the module */
export function walkLines(probe: Probe): void {
  const record: string[] = [];
  for (const [name, blocksize, chunksize, walksize, alignmask] of ALGORITHMS) {
    cryptoRegisterSkcipher(probe.api, {
      kind: 'skcipher',
      name,
      driverName: name,
      priority: 1,
      flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
      blocksize,
      chunksize,
      walksize,
      alignmask,
      ivsize: 16,
      minKeysize: 0,
      maxKeysize: 32,
      init: () => ({}),
      setkey: () => 0,
      encrypt: (req) => crypt(probe, record, req),
      decrypt: (req) => crypt(probe, record, req),
    });
  }
  for (const { name, src, dst, len } of ROWS) {
    for (const [alg] of ALGORITHMS) {
      const tfm = cryptoAllocSkcipher(probe.api, alg, 0, 0);
      if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
      cryptoSkcipherSetkey(tfm, new Uint8Array(0));
      const req = must(skcipherRequestAlloc(tfm));
      const from = probe.list(src);
      record.length = 0;
      skcipherRequestSetCallback(req, 0, null, null);
      skcipherRequestSetCrypt(
        req,
        from,
        dst === null ? from : probe.list(dst),
        len,
        new Uint8Array(16),
      );
      const err = cryptoSkcipherEncrypt(req);
      probe.print(`walk ${name} len ${len} ${alg}: ret ${err} steps${record.join('')}`);
      skcipherRequestFree(req);
      cryptoFreeSkcipher(tfm);
    }
  }
}

/** XORs every byte with 0x5a, in whole blocks or strides, and notes each step. */
function crypt(probe: Probe, record: string[], req: SkcipherRequest): Errno {
  const { blocksize, walksize } = req.tfm.alg;
  const { machine } = probe;
  const walk = new SkcipherWalk(machine, null);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes > 0) {
    const n = walk.nbytes;
    const last = n === walk.total;
    let rest = n % blocksize;
    if (!last && (blocksize === 1 || walksize > 16)) rest = n % walksize;
    record.push(` ${kindOf(probe, walk)}${n}${rest > 0 ? `(-${rest})` : ''}`);
    const bytes = machine.load(walk.src, n - rest).map((byte) => byte ^ 0x5a);
    machine.store(walk.dst, bytes);
    walk.iv[0]++;
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}

/** Bounce, in place, or two places, judged by the addresses as the module does. */
function kindOf(probe: Probe, { src, dst }: SkcipherWalk): string {
  const inside = probe.offsetOf(src) >= 0;
  if (inside !== probe.offsetOf(dst) >= 0) return '?';
  if (!inside) return src === dst ? 'B' : 'b';
  return src === dst ? 'I' : 'D';
}
