/**
 * Recording algorithms on the legacy model: the walk of a request, step by step, as `module/walk.c`.
 * @module
 */
import { type AeadAlg, type AeadRequest, cryptoRegisterAead } from '../../../legacy/aead.ts';
import {
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../../../legacy/skcipher.ts';
import {
  SkcipherWalk,
  skcipherWalkAeadDecrypt,
  skcipherWalkAeadEncrypt,
  skcipherWalkDone,
  skcipherWalkVirt,
} from '../../../legacy/walk/skcipher-walk.ts';
import {
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../../../src/crypto/algorithm.ts';
import { ECANCELED, type Errno } from '../../../src/errno.ts';
import type { CipherCase, Geometry } from '../text/case.ts';
import type { World } from './world.ts';

const MAX_STEPS = 4000;
const MAX_AUTHSIZE = 16;
/** Flags of 6.1, private to crypto/skcipher.c. */
const SLOW = 2;
const COPY = 4;
const DIFF = 8;

/** The case whose request is being walked: handlers belong to algorithms, not to cases. */
const current: { c: CipherCase | null } = { c: null };

/** The name of the recording algorithm of a geometry, registered if need be, or why not. */
export function recorderName(world: World, c: CipherCase, geometry: Geometry): string | Errno {
  current.c = c;
  const aead = c.op === 'aead';
  const { blockSize, ivSize, alignMask, chunkSize, walkSize } = geometry;
  const numbers = [blockSize, ivSize, alignMask, chunkSize, walkSize].join('-');
  const name = `recorder${aead ? '-aead' : ''}-${numbers}`;
  if (world.recorders.has(name)) return name;
  const base = {
    name,
    driverName: `${name}-drv`,
    priority: 1,
    blocksize: blockSize,
    alignmask: alignMask,
    ivsize: ivSize,
    chunksize: chunkSize,
  };
  const err = aead
    ? cryptoRegisterAead(world.api, aeadRecorder(world, base))
    : cryptoRegisterSkcipher(world.api, skcipherRecorder(world, { ...base, walksize: walkSize }));
  if (err !== 0) return err;
  world.recorders.add(name);
  return name;
}

type Common =
  | 'name'
  | 'driverName'
  | 'priority'
  | 'blocksize'
  | 'alignmask'
  | 'ivsize'
  | 'chunksize';

function skcipherRecorder(world: World, base: Pick<SkcipherAlg, Common | 'walksize'>): SkcipherAlg {
  const crypt = (req: SkcipherRequest): Errno => {
    const walk = new SkcipherWalk(world.machine, null);
    return record(world, walk, skcipherWalkVirt(walk, req, /* atomic */ false));
  };
  return {
    ...base,
    kind: 'skcipher',
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
    minKeysize: 0,
    maxKeysize: 0,
    init: () => ({}),
    setkey: () => 0,
    encrypt: crypt,
    decrypt: crypt,
  };
}

function aeadRecorder(world: World, base: Pick<AeadAlg, Common>): AeadAlg {
  const encrypt = (req: AeadRequest): Errno => {
    const walk = new SkcipherWalk(world.machine, null);
    return record(world, walk, skcipherWalkAeadEncrypt(walk, req, /* atomic */ false));
  };
  const decrypt = (req: AeadRequest): Errno => {
    const walk = new SkcipherWalk(world.machine, null);
    return record(world, walk, skcipherWalkAeadDecrypt(walk, req, /* atomic */ false));
  };
  return {
    ...base,
    kind: 'aead',
    flags: CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED,
    maxauthsize: MAX_AUTHSIZE,
    init: () => ({}),
    setkey: () => 0,
    encrypt,
    decrypt,
  };
}

function flagLetter(flags: number): string {
  if ((flags & SLOW) !== 0) return 'S';
  if ((flags & COPY) !== 0) return 'C';
  return (flags & DIFF) !== 0 ? 'D' : 'F';
}

/** Bytes that a step leaves. Never all of them: the walk would not end. */
function bytesLeft(walk: SkcipherWalk, remainder: number | null): number {
  const n = walk.nbytes;
  if (remainder !== null) return remainder < n ? remainder : 0;
  if (n === walk.total && n < walk.blocksize) return 0;
  return n % Math.max(1, walk.blocksize);
}

function process(world: World, walk: SkcipherWalk, n: number): void {
  const { machine } = world;
  if (n > 0)
    machine.store(
      walk.dst,
      machine.load(walk.src, n).map((byte) => byte ^ 0x5a),
    );
  if (walk.ivsize > 0) walk.iv[0]++;
}

function record(world: World, walk: SkcipherWalk, first: Errno): Errno {
  const recorded: string[] = [];
  world.steps = recorded;
  let err = first;
  for (let steps = 0; walk.nbytes > 0; steps++) {
    const { nbytes, total, src, dst, flags } = walk;
    const at = `s${world.arena.location(src)},d${world.arena.location(dst)}`;
    const copied = walk.iv === walk.oiv ? 0 : 1;
    const step = `n${nbytes},t${total},${at},f${flagLetter(flags)},iv${copied}`;
    if (steps === MAX_STEPS) {
      recorded.push(step, 'endless');
      skcipherWalkDone(walk, -ECANCELED);
      return -ECANCELED;
    }
    const injected = current.c?.errorAt ?? null;
    if (injected !== null && injected.step === steps) err = skcipherWalkDone(walk, injected.error);
    else {
      const left = bytesLeft(walk, current.c?.remainder ?? null);
      process(world, walk, walk.nbytes - left);
      err = skcipherWalkDone(walk, left);
    }
    recorded.push(`${step},r${err}`);
  }
  return err;
}
