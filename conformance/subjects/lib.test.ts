/**
 * Goal: the library agrees with both APIs, and the faults that this approach invites are found: state
 * that is lost between two pieces.
 * Method: random cases as the campaign draws them, run where the library takes part; libraries with one
 * fault each.
 */
import { describe, expect, test } from 'vitest';
import {
  AesGcmCtx,
  AesGcmKey,
  aesGcmAuthUpdate,
  aesGcmDecryptFinal,
  aesGcmDecryptUpdate,
  aesGcmEncryptFinal,
  aesGcmEncryptUpdate,
  aesGcmInit,
  aesGcmPreparekey,
} from '../../converted/lib/aes-gcm.ts';
import { blockHashUpdate, keyStreamInit } from '../../converted/lib/blocks.ts';
import { assert } from '../../src/assert.ts';
import { EINVAL } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { algorithmOf } from '../algorithms.ts';
import { Harness } from '../campaign/harness.ts';
import { CaseGenerator, drawnAlgorithms } from '../case/generate.ts';
import { ApiSide } from './api-side.ts';
import { LIBRARY, LibApi, type Library } from './lib.ts';
import type { AeadCalls, LibCipher, MessageCalls } from './lib-calls.ts';
import { allSides, bothSides } from './sides.ts';

/** Cases of the default seed among which a fault must be found. */
const SOON = 2000;
/** Where a fault of one AEAD is looked for: among all algorithms ten of so many cases are about GCM. */
const AEADS: readonly string[] = drawnAlgorithms().filter(
  (name) => algorithmOf(name)?.kind === 'aead',
);

/** The first of the campaign's cases that tells, and by which check; -1 when none does. */
function firstFinding(
  library: Library,
  algs: readonly string[] = drawnAlgorithms(),
): { readonly at: number; readonly checks: string[] } {
  const generator = new CaseGenerator(algs);
  const lib = new LibApi(new Machine({ memory: 1 << 20 }), library);
  const harness = new Harness((machine) => [
    ...bothSides(machine),
    new ApiSide(machine, new LibApi(machine, library)),
  ]);
  for (let i = 0; i < SOON; i++) {
    const c = generator.at(1, i);
    if (lib.declines(c) !== null) continue;
    const found = harness.judge(c);
    if (found.length === 0) continue;
    expect(found.map(({ subject }) => subject)).toEqual(found.map(() => 'lib'));
    return { at: i, checks: found.map(({ check }) => check) };
  }
  return { at: -1, checks: [] };
}

/** AES-GCM in which `between` happens behind every piece of the text. */
function gcmWith(between: (ctx: AesGcmCtx, nonce: Uint8Array) => void): Library {
  const make = (): AeadCalls => {
    const key = new AesGcmKey();
    const ctx = new AesGcmCtx();
    const nonce = new Uint8Array(12);
    return {
      preparekey: (inKey, authsize) => aesGcmPreparekey(key, inKey, authsize),
      setauthsize: (authsize) => {
        if (authsize < 4 || (authsize < 12 && authsize % 4 !== 0)) return -EINVAL;
        key.authtagLen = authsize;
        return 0;
      },
      init: (iv) => {
        nonce.set(iv);
        aesGcmInit(ctx, iv, key);
        return 0;
      },
      auth: (_, mem, ad, len) => aesGcmAuthUpdate(ctx, mem, ad, len),
      encrypt: (_, mem, dst, src, len) => {
        aesGcmEncryptUpdate(ctx, mem, dst, src, len);
        between(ctx, nonce);
      },
      decrypt: (_, mem, dst, src, len) => {
        aesGcmDecryptUpdate(ctx, mem, dst, src, len);
        between(ctx, nonce);
      },
      seal: (tag) => aesGcmEncryptFinal(ctx, tag),
      open: (tag) => aesGcmDecryptFinal(ctx, tag),
    };
  };
  return { ...LIBRARY, aeads: new Map([...LIBRARY.aeads, ['gcm(aes)', make]]) };
}

describe('what is lost between two pieces is found within 2,000 cases', () => {
  test('a counter that begins again at each piece', () => {
    const restarted = gcmWith(({ ks }, nonce) =>
      keyStreamInit(ks, Uint8Array.of(...nonce, 0, 0, 0, 2)),
    );
    const { at, checks } = firstFinding(restarted, AEADS);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(checks).toContain('OUT');
  });

  test('the rest of a key stream block', () => {
    const forgotten = gcmWith(({ ks }) => keyStreamInit(ks, ks.counter.slice()));
    expect(firstFinding(forgotten, AEADS).at).toBeGreaterThanOrEqual(0);
  });

  test('a partial block of a hash', () => {
    const forgotten: Library = {
      ...LIBRARY,
      hashUpdate: (ctx, mem, data, len) => {
        blockHashUpdate(ctx, mem, data, len);
        ctx.fill = 0;
      },
    };
    const { at, checks } = firstFinding(forgotten);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(checks).toContain('OUT');
  });

  test('a tweak that begins again at each piece', () => {
    const xts = LIBRARY.ciphers.get('xts(aes)');
    assert(xts !== undefined, 'the library has XTS');
    const restarted: LibCipher = {
      ...xts,
      preparekey: (inKey, forbidWeak) => {
        const key = xts.preparekey(inKey, forbidWeak);
        if (typeof key === 'number') return key;
        return (iv) => ({
          encrypt: (...piece) => key(iv.slice()).encrypt(...piece),
          decrypt: (...piece) => key(iv.slice()).decrypt(...piece),
        });
      },
    };
    const ciphers = new Map([...LIBRARY.ciphers, ['xts(aes)', restarted]]);
    const { at, checks } = firstFinding({ ...LIBRARY, ciphers });
    expect(at).toBeGreaterThanOrEqual(0);
    expect(checks).toContain('OUT');
  });

  test.each(['cfb(aes)', 'ecb(arc4)'])('the place in the stream of %s', (alg) => {
    const cipher = LIBRARY.ciphers.get(alg);
    assert(cipher !== undefined, 'the library has it');
    const restarted: LibCipher = {
      ...cipher,
      preparekey: (inKey, forbidWeak) => {
        // A key and a message of its own for each piece.
        const anew = (iv: Uint8Array): MessageCalls => {
          const key = cipher.preparekey(inKey, forbidWeak);
          assert(typeof key !== 'number', 'a key that was taken before');
          return key(iv);
        };
        const key = cipher.preparekey(inKey, forbidWeak);
        if (typeof key === 'number') return key;
        return (iv) => ({
          encrypt: (...piece) => anew(iv).encrypt(...piece),
          decrypt: (...piece) => anew(iv).decrypt(...piece),
        });
      },
    };
    const ciphers = new Map([...LIBRARY.ciphers, [alg, restarted]]);
    const { at, checks } = firstFinding({ ...LIBRARY, ciphers }, [alg]);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(checks).toContain('OUT');
  });

  test('and a library without fault has no finding', () => {
    expect(firstFinding(gcmWith(() => undefined))).toEqual({ at: -1, checks: [] });
  });
});

test('what the library cannot do is said, and everything else it runs', () => {
  const harness = new Harness(allSides);
  const generator = new CaseGenerator(['gcm(aes)', 'lrw(aes)', 'sha256']);
  const reasons = new Set<string>();
  let ran = 0;
  for (let i = 0; i < 60; i++) {
    const drawn = generator.at(3, i);
    // Lists that are too short have a reason of their own, and no scatterlist is one.
    if (drawn.short !== undefined) continue;
    const { c, observations, absent = [] } = harness.run(drawn);
    for (const { reason } of absent) reasons.add(reason);
    if (c.alg === 'lrw(aes)' || c.async) expect(absent.map((row) => row.subject)).toEqual(['lib']);
    else {
      ran++;
      expect(observations.map(({ subject }) => subject)).toEqual(['legacy', 'converted', 'lib']);
    }
  }
  expect(ran).toBeGreaterThan(10);
  expect([...reasons].sort()).toEqual([
    'asynchronous driver: a call of a library is done when it returns',
    'no library for the algorithm',
  ]);
});
