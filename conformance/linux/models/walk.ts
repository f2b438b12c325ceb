/**
 * Recording algorithms on the legacy model: the walk of a request, step by step, as `module/walk.c`.
 * The walk is the one of the release that is modelled: that of 6.1 or that of 6.14 and later.
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
import type { Machine } from '../../../src/machine/machine.ts';
import type { PhysAddr } from '../../../src/units.ts';
import type { CipherCase, Geometry } from '../text/case.ts';
import { Walk7, type WalkRequest, walksAnew } from './walk-7.ts';
import type { World } from './world.ts';

const MAX_STEPS = 4000;
const MAX_AUTHSIZE = 16;
/** Flags of 6.1, private to crypto/skcipher.c. */
const SLOW = 2;
const COPY = 4;
const DIFF = 8;

/** The case whose request is being walked: handlers belong to algorithms, not to cases. */
const current: { c: CipherCase | null } = { c: null };

/** What a step shows to its driver. */
interface Step {
  readonly nbytes: number;
  readonly total: number;
  readonly src: PhysAddr;
  readonly dst: PhysAddr;
  readonly iv: Uint8Array;
  /** F fast, D different pages, C copied, S slow. */
  readonly kind: string;
  readonly ivCopied: boolean;
}

/** A walk of either age. */
interface Steps {
  readonly step: () => Step;
  readonly start: () => Errno;
  readonly done: (left: number) => Errno;
}

/** The walk of 6.1 and 6.12. */
function oldWalk(machine: Machine, begin: (walk: SkcipherWalk) => Errno): Steps {
  const walk = new SkcipherWalk(machine, null);
  return {
    step: () => {
      const { nbytes, total, src, dst, iv, flags } = walk;
      const bounced = (flags & SLOW) !== 0 ? 'S' : 'C';
      const direct = (flags & DIFF) !== 0 ? 'D' : 'F';
      const kind = (flags & (SLOW | COPY)) !== 0 ? bounced : direct;
      return { nbytes, total, src, dst, iv, kind, ivCopied: iv !== walk.oiv };
    },
    start: () => begin(walk),
    done: (left) => skcipherWalkDone(walk, left),
  };
}

function newWalk(machine: Machine, request: WalkRequest): Steps {
  const walk = new Walk7(machine, request);
  return { step: () => walk, start: () => walk.start(), done: (left) => walk.done(left) };
}

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
    const walk = walksAnew(world.series)
      ? newWalk(world.machine, {
          ...requestOf(req, base),
          total: req.cryptlen,
          stride: base.walksize,
        })
      : oldWalk(world.machine, (w) => skcipherWalkVirt(w, req, /* atomic */ false));
    return record(world, base.blocksize, walk);
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
  const walkOf = (req: AeadRequest, total: number, begin: (walk: SkcipherWalk) => Errno): Steps =>
    walksAnew(world.series)
      ? newWalk(world.machine, {
          ...requestOf(req, base),
          assoc: req.assoclen,
          total,
          stride: base.chunksize,
        })
      : oldWalk(world.machine, begin);
  return {
    ...base,
    kind: 'aead',
    flags: CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED,
    maxauthsize: MAX_AUTHSIZE,
    init: () => ({}),
    setkey: () => 0,
    encrypt: (req) =>
      record(
        world,
        base.blocksize,
        walkOf(req, req.cryptlen, (w) => skcipherWalkAeadEncrypt(w, req, /* atomic */ false)),
      ),
    decrypt: (req) =>
      record(
        world,
        base.blocksize,
        walkOf(req, req.cryptlen - req.tfm.authsize, (w) =>
          skcipherWalkAeadDecrypt(w, req, /* atomic */ false),
        ),
      ),
  };
}

function requestOf(
  req: SkcipherRequest | AeadRequest,
  base: Pick<AeadAlg, Common>,
): Omit<WalkRequest, 'total' | 'stride'> {
  const { src, dst, iv } = req;
  const { ivsize, blocksize, alignmask } = base;
  return { src, dst, iv, ivsize, blocksize, alignmask, assoc: 0 };
}

/** Bytes that a step leaves. Never all of them: the walk would not end. */
function bytesLeft({ nbytes, total }: Step, blocksize: number, remainder: number | null): number {
  if (remainder !== null) return remainder < nbytes ? remainder : 0;
  if (nbytes === total && nbytes < blocksize) return 0;
  return nbytes % Math.max(1, blocksize);
}

function process({ machine }: World, { src, dst, iv }: Step, n: number): void {
  if (n > 0)
    machine.store(
      dst,
      machine.load(src, n).map((byte) => byte ^ 0x5a),
    );
  if (iv.length > 0) iv[0]++;
}

function record(world: World, blocksize: number, walk: Steps): Errno {
  const recorded: string[] = [];
  world.steps = recorded;
  const { errorAt = null, remainder = null } = current.c ?? {};
  let err = walk.start();
  for (let steps = 0; ; steps++) {
    const step = walk.step();
    const { nbytes, total, src, dst, kind, ivCopied } = step;
    if (nbytes === 0) return err;
    const at = `s${world.arena.location(src)},d${world.arena.location(dst)}`;
    const text = `n${nbytes},t${total},${at},f${kind},iv${ivCopied ? 1 : 0}`;
    if (steps === MAX_STEPS) {
      recorded.push(text, 'endless');
      walk.done(-ECANCELED);
      return -ECANCELED;
    }
    if (errorAt !== null && errorAt.step === steps) err = walk.done(errorAt.error);
    else {
      const left = bytesLeft(step, blocksize, remainder);
      process(world, step, nbytes - left);
      err = walk.done(left);
    }
    recorded.push(`${text},r${err}`);
  }
}
