/**
 * What the kernel has as globals: the machine, the registry, and the drivers in it.
 * @module
 */
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { StepRecorder } from '../src/crypto/recorder.ts';
import type { CryptoRegistry } from '../src/crypto/registry.ts';
import type { Machine } from '../src/machine/machine.ts';
import type { Engines } from '../src/provider/engine.ts';
import type { LowerPolicy } from './lower/lower.ts';
import type { WalkMemory } from './lower/walk.ts';

/** The iov_iter crypto API of one machine. @kernel none, the kernel has globals */
export interface CryptoApi {
  readonly machine: Machine;
  readonly registry: CryptoRegistry<CryptoAlg>;
  readonly policy: LowerPolicy;
  /** Memory as the addresses of lowered lists name it. */
  readonly mem: WalkMemory;
  /** For whole operations at once; null where every access is to be checked, or translated late. */
  readonly engines: Engines | null;
  /** Told of every step; null costs one comparison a step. */
  recorder: StepRecorder | null;
  /** Transforms made so far: their keys in the ledger. */
  tfms: number;
}

/** How an API is built. @kernel none */
export interface CryptoApiOptions {
  readonly policy?: LowerPolicy;
  /** False leaves out the accelerated drivers, so that every name resolves as in a plain C kernel. Default true. */
  readonly accel?: boolean;
}
