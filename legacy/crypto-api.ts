/**
 * One scatterlist crypto API: what a kernel keeps in globals.
 * C: crypto/api.c, crypto/algapi.c (6.1)
 * @module
 */
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { StepRecorder } from '../src/crypto/recorder.ts';
import type { CryptoRegistry } from '../src/crypto/registry.ts';
import type { Machine } from '../src/machine/machine.ts';

/** How empty entries are hashed: as all kernels do it, or skipped. @kernel none: a choice of the model */
export type ZeroLength = 'compat' | 'fixed';

/** @kernel none: the globals of crypto/ */
export interface CryptoApi {
  readonly machine: Machine;
  readonly registry: CryptoRegistry<CryptoAlg>;
  readonly zeroLength: ZeroLength;
  /** Gets the steps of every walk. */
  recorder: StepRecorder | null;
  /** Transforms made so far: their keys in the ledger. */
  tfms: number;
}

/** @kernel none: module parameters of the model */
export interface CryptoApiOptions {
  /** Default `compat`. */
  readonly zeroLength?: ZeroLength;
  /** False leaves out the accelerated drivers, so that every name resolves as in a plain C kernel. Default true. */
  readonly accel?: boolean;
  /** False leaves out templates that came after 6.1. Default true. */
  readonly later?: boolean;
}
