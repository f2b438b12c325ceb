/**
 * The engines of the accelerated provider over one memory.
 * @module
 */
import type { PhysMem } from '../../machine/phys-mem.ts';
import type { Engines } from '../engine.ts';
import { AesCcmEngine } from './ccm-engine.ts';
import { BlocksEngine, CtrEngine, XtsEngine } from './cipher-engines.ts';
import { GcmEngine } from './gcm-engine.ts';
import { PlainHashEngine } from './hash-engine.ts';
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
    hash: (name) => new PlainHashEngine(kernels, name),
    wipe: () => kernels.wipe(),
  };
}
