/**
 * The three ways, ready to operate: keys are set before, as every user does.
 * @module
 */
import {
  cryptoAeadSetkey as convertedAeadSetkey,
  cryptoAllocAead as convertedAllocAead,
  cryptoAeadSetauthsize as convertedSetauthsize,
} from '../../converted/aead.ts';
import {
  cryptoAhashSetkey as convertedAhashSetkey,
  cryptoAllocAhash as convertedAllocAhash,
} from '../../converted/ahash.ts';
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { LIB_HASHES } from '../../converted/lib/hash.ts';
import {
  cryptBuffered,
  cryptPieces,
  cryptStealing,
  dataPieces,
  StackMemory,
} from '../../converted/lib/pieces.ts';
import {
  cryptoAllocSkcipher as convertedAllocSkcipher,
  cryptoSkcipherSetkey as convertedSkcipherSetkey,
} from '../../converted/skcipher.ts';
import { cryptoAeadSetauthsize, cryptoAeadSetkey, cryptoAllocAead } from '../../legacy/aead.ts';
import { cryptoAhashSetkey, cryptoAllocAhash } from '../../legacy/ahash.ts';
import { cryptoApiInit } from '../../legacy/init.ts';
import { cryptoAllocSkcipher, cryptoSkcipherSetkey } from '../../legacy/skcipher.ts';
import { assert, KernelBug } from '../../src/assert.ts';
import { NO_KEY } from '../../src/crypto/hashes.ts';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import {
  type CipherKey,
  LIB_AEADS,
  LIB_CIPHERS,
  type LibCipher,
  type MessageCalls,
} from '../subjects/lib-calls.ts';
import { aeadIovIter, cipherIovIter, hashIovIter } from './caller-iov-iter.ts';
import { aeadLibrary, cipherLibrary, hashLibrary } from './caller-library.ts';
import {
  aeadScatterlist,
  cipherScatterlist,
  hashScatterlist,
  sgListOf,
} from './caller-scatterlist.ts';
import type { Scenario } from './scenarios.ts';
import type { AeadWork, HashWork } from './work.ts';

export const WAYS = ['scatterlist', 'iov_iter', 'library'] as const;
export type Way = (typeof WAYS)[number];

/** A caller with its key. */
export interface Caller {
  readonly run: (work: AeadWork & HashWork) => Errno;
  readonly lines: number;
  /** What went through the caller's stack, because a block lay in several pieces. */
  readonly bounced: { bytes: number; times: number };
}

export type Ways = Readonly<Record<Way, Caller>>;

/** Hashes without key; ChaCha20 has 32 bytes, the others are AES-128 or take any length. */
function keyOf({ alg }: Scenario): Uint8Array | null {
  if (alg === 'sha256') return null;
  if (alg === 'xts(aes)') return Uint8Array.from({ length: 64 }, (_, i) => i);
  return new Uint8Array(alg.includes('chacha20') ? 32 : 16).fill(7);
}

export function makeWays(machine: Machine, scenario: Scenario): Ways {
  const { kind } = scenario;
  if (kind === 'aead') return aeadWays(machine, scenario);
  return kind === 'skcipher' ? cipherWays(machine, scenario) : hashWays(machine, scenario);
}

function aeadWays(machine: Machine, scenario: Scenario): Ways {
  const { alg, tagLen } = scenario;
  const key = given(keyOf(scenario));
  const old = tfmOf(cryptoAllocAead(cryptoApiInit(machine, { accel: false }), alg, 0, 0));
  const now = tfmOf(convertedAllocAead(convertedInit(machine, { accel: false }), alg, 0, 0));
  const calls = given(LIB_AEADS.get(alg))();
  fine(cryptoAeadSetkey(old, key), cryptoAeadSetauthsize(old, tagLen));
  fine(convertedAeadSetkey(now, key), convertedSetauthsize(now, tagLen));
  fine(calls.preparekey(key, tagLen));
  return {
    scatterlist: {
      run: (work) => aeadScatterlist(old, work),
      lines: linesOf(sgListOf, aeadScatterlist),
      bounced: { bytes: 0, times: 0 },
    },
    iov_iter: {
      run: (work) => aeadIovIter(now, work),
      lines: linesOf(aeadIovIter),
      bounced: { bytes: 0, times: 0 },
    },
    library: {
      run: (work) => aeadLibrary(calls, work),
      lines: linesOf(dataPieces, cryptPieces, aeadLibrary),
      bounced: { bytes: 0, times: 0 },
    },
  };
}

function cipherWays(machine: Machine, scenario: Scenario): Ways {
  const { alg } = scenario;
  const key = given(keyOf(scenario));
  const old = tfmOf(cryptoAllocSkcipher(cryptoApiInit(machine, { accel: false }), alg, 0, 0));
  const now = tfmOf(convertedAllocSkcipher(convertedInit(machine, { accel: false }), alg, 0, 0));
  const cipher = given(LIB_CIPHERS.get(alg));
  const bounced = { bytes: 0, times: 0 };
  const calls = watched(tfmOf(cipher.preparekey(key, false)), bounced);
  fine(cryptoSkcipherSetkey(old, key), convertedSkcipherSetkey(now, key));
  return {
    scatterlist: {
      run: (work) => cipherScatterlist(old, work),
      lines: linesOf(sgListOf, cipherScatterlist),
      bounced: { bytes: 0, times: 0 },
    },
    iov_iter: {
      run: (work) => cipherIovIter(now, work),
      lines: linesOf(cipherIovIter),
      bounced: { bytes: 0, times: 0 },
    },
    library: {
      run: (work) => cipherLibrary(calls, cipher, work),
      lines: linesOf(...piecesOf(cipher), cipherLibrary),
      bounced,
    },
  };
}

function hashWays(machine: Machine, scenario: Scenario): Ways {
  const { alg } = scenario;
  const key = keyOf(scenario);
  const old = tfmOf(cryptoAllocAhash(cryptoApiInit(machine, { accel: false }), alg, 0, 0));
  const now = tfmOf(convertedAllocAhash(convertedInit(machine, { accel: false }), alg, 0, 0));
  const hash = given(LIB_HASHES.get(alg));
  const state = tfmOf(hash.preparekey(key ?? NO_KEY));
  if (key !== null) fine(cryptoAhashSetkey(old, key), convertedAhashSetkey(now, key));
  return {
    scatterlist: {
      run: (work) => hashScatterlist(old, work),
      lines: linesOf(sgListOf, hashScatterlist),
      bounced: { bytes: 0, times: 0 },
    },
    iov_iter: {
      run: (work) => hashIovIter(now, work),
      lines: linesOf(hashIovIter),
      bounced: { bytes: 0, times: 0 },
    },
    library: {
      run: (work) => hashLibrary(hash, state, work),
      lines: linesOf(dataPieces, hashLibrary),
      bounced: { bytes: 0, times: 0 },
    },
  };
}

/** What the user of a cipher has to have written. */
function piecesOf({ ends }: LibCipher): ((...args: never[]) => unknown)[] {
  if (ends === 'whole') return [cryptBuffered];
  return ends === 'stealing' ? [cryptPieces, cryptBuffered, cryptStealing] : [cryptPieces];
}

/** Counts what does not lie where the user has it. */
function watched(key: CipherKey, bounced: Caller['bounced']): CipherKey {
  const counting =
    (update: MessageCalls['encrypt']): MessageCalls['encrypt'] =>
    (ctx, mem, dst, src, len) => {
      if (mem instanceof StackMemory) {
        bounced.bytes += len;
        bounced.times++;
      }
      update(ctx, mem, dst, src, len);
    };
  return (iv) => {
    const { encrypt, decrypt } = key(iv);
    return { encrypt: counting(encrypt), decrypt: counting(decrypt) };
  };
}

/** Lines with code of the functions of a caller, as they run. */
function linesOf(...functions: readonly ((...args: never[]) => unknown)[]): number {
  const lines = functions.flatMap((caller) => caller.toString().split('\n'));
  return lines.filter((line) => !/^\s*(?:\/\/|\/\*|\*|$)/.test(line)).length;
}

function tfmOf<T>(tfm: T | Errno): T {
  if (typeof tfm === 'number') throw new KernelBug('an algorithm of a scenario', { err: tfm });
  return tfm;
}

function given<T>(value: T | null | undefined): T {
  assert(value !== null && value !== undefined, 'the library has the algorithms of the scenarios');
  return value;
}

function fine(...results: readonly Errno[]): void {
  assert(
    results.every((err) => err === 0),
    'keys and tags of a scenario are taken',
  );
}
