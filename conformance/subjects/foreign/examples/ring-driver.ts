/**
 * A driver of somebody's own as a subject of `conform`: AES in counter mode behind a ring that completes
 * later, and a cipher that no table has, with its reference.
 *
 *     npx sg2iter conform --subject ./ring-driver.js
 *
 * Outside this repository the imports are `sg2iter/core`, `sg2iter/machine` and `sg2iter/conformance`.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import {
  bvecWalkDone,
  bvecWalkNext,
  bvecWalkStart,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoApi,
  cryptoRegisterSkcipher,
  EINPROGRESS,
  EINVAL,
  type Errno,
  opComplete,
  type SkcipherAlg,
  type SkcipherOp,
} from '../../../../converted/index.ts';
import { WorkQueue } from '../../../../src/machine/scheduler.ts';
import type { SkcipherRow } from '../../../algorithms/row.ts';
import { driverSides } from '../driver-model.ts';
import type { ForeignSubject } from '../foreign.ts';

const BLOCK = 16;
const COMMON = { kind: 'skcipher', alignmask: 0, priority: 50 } as const;

/** What a transform keeps. */
interface Keyed {
  key: Uint8Array;
}

/** Hands runs of memory through a cipher, and leaves the next counter in the IV. */
function run(op: SkcipherOp<Keyed>): Errno {
  const { walk, src, dst, len, iv, tfm } = op;
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  const { key } = tfm.ctx;
  const cipher = createCipheriv(`aes-${8 * key.length}-ctr`, key, iv);
  while (bvecWalkNext(walk, 1)) {
    walk.mem.store(walk.dstAt, cipher.update(walk.mem.load(walk.srcAt, walk.nbytes)));
    bvecWalkDone(walk);
  }
  let blocks = Math.ceil(len / BLOCK);
  for (let at = BLOCK - 1; at >= 0 && blocks > 0; at--) {
    blocks += iv[at];
    iv[at] = blocks % 256;
    blocks = Math.floor(blocks / 256);
  }
  return 0;
}

/** The ring: what is submitted is done and completed later, in its order. */
function ringDriver({ machine }: CryptoApi): SkcipherAlg<Keyed> {
  const ring = new WorkQueue('ring', 'softirq');
  const submit = (op: SkcipherOp<Keyed>): Errno => {
    machine.scheduler.queueWork(ring, () => opComplete(op, run(op)));
    return -EINPROGRESS;
  };
  return {
    ...COMMON,
    name: 'ctr(aes)',
    driverName: 'ctr-aes-ring',
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_ASYNC,
    ...{
      blocksize: 1,
      minKeysize: 16,
      maxKeysize: 32,
      ivsize: BLOCK,
      chunksize: BLOCK,
      walksize: BLOCK,
    },
    init: () => ({ key: new Uint8Array(0) }),
    exit: () => undefined,
    setkey: ({ ctx }, key) => {
      if (key.length % 8 !== 0) return -EINVAL;
      ctx.key = key.slice();
      return 0;
    },
    encrypt: submit,
    decrypt: submit,
  };
}

/** Every byte exclusive or the byte of the key at its place: no cipher for anybody. */
function xorBytes(key: Uint8Array, text: Uint8Array): Uint8Array {
  return text.map((byte, i) => byte ^ key[i % key.length]);
}

const xorDriver: SkcipherAlg<Keyed> = {
  ...COMMON,
  name: 'xor(bytes)',
  driverName: 'xor-bytes',
  flags: CRYPTO_ALG_TYPE_SKCIPHER,
  ...{ blocksize: 1, minKeysize: 1, maxKeysize: 32, ivsize: 0, chunksize: 1, walksize: 1 },
  init: () => ({ key: new Uint8Array(0) }),
  exit: () => undefined,
  setkey: ({ ctx }, key) => {
    ctx.key = key.slice();
    return 0;
  },
  encrypt: xorCrypt,
  decrypt: xorCrypt,
};

function xorCrypt({ walk, src, dst, len, tfm: { ctx } }: SkcipherOp<Keyed>): Errno {
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  let at = 0;
  while (bvecWalkNext(walk, 1)) {
    const text = walk.mem.load(walk.srcAt, walk.nbytes);
    const key = ctx.key.map((_, i) => ctx.key[(at + i) % ctx.key.length]);
    walk.mem.store(walk.dstAt, xorBytes(key, text));
    at += walk.nbytes;
    bvecWalkDone(walk);
  }
  return 0;
}

/** What conform must know of a cipher that it has never heard of. */
const xorRow: SkcipherRow = {
  name: 'xor(bytes)',
  kind: 'skcipher',
  key: {
    check: ({ length }) => (length >= 1 && length <= 32 ? 0 : -EINVAL),
    draw: (prng) => ({ seed: prng.u32(), len: prng.between(1, 32) }),
    optional: false,
  },
  leaks: [],
  ...{ ivsize: 0, least: 0, unit: 1, ivRefused: 'kept' },
  crypt: (_enc, key, _iv, text) => xorBytes(key, text),
  ivAfter: ({ iv }) => iv,
};

function register(api: CryptoApi): void {
  cryptoRegisterSkcipher(api, ringDriver(api));
  cryptoRegisterSkcipher(api, xorDriver);
}

/** What `conform --subject` looks for. */
export const subject: ForeignSubject = {
  name: 'ring',
  algs: ['ctr(aes)', 'xor(bytes)'],
  algorithms: [xorRow],
  sides: (machine) =>
    driverSides(machine, {
      name: 'ring',
      drivers: { 'ctr(aes)': 'ctr-aes-ring', 'xor(bytes)': 'xor-bytes' },
      converted: register,
    }),
};
