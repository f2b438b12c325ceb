/**
 * The engines of the accelerated provider over one memory.
 * @module
 */
import type { PhysMem } from '../../machine/phys-mem.ts';
import type { Engines } from '../engine.ts';
import { opensslName } from '../openssl/openssl.ts';
import { AesCcmEngine } from './ccm-engine.ts';
import { BlocksEngine, CtrEngine, XtsEngine } from './cipher-engines.ts';
import { GcmEngine } from './gcm-engine.ts';
import { HmacEngine, PlainHashEngine } from './hash-engine.ts';
import { kernelsOf } from './kernels.ts';

/** @returns null when the memory has no room for the scratch of its kernels. */
export function wasmEngines(mem: PhysMem): Engines | null {
  const kernels = kernelsOf(mem);
  if (kernels === null) return null;
  return {
    cipher: (mode, key) => {
      if (mode === 'ctr') return new CtrEngine(kernels, key);
      return mode === 'xts' ? new XtsEngine(kernels, key) : new BlocksEngine(kernels, mode, key);
    },
    gcm: (key) => new GcmEngine(kernels, key),
    ccm: (key) => new AesCcmEngine(kernels, key),
    hash: (name) => {
      const theirs = opensslName(name);
      return theirs === null ? null : new PlainHashEngine(kernels, theirs);
    },
    hmacSha256: (key) => new HmacEngine(kernels, key),
    wipe: () => kernels.wipe(),
  };
}
