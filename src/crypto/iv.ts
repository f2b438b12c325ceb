/**
 * The IV of a request as C has it: a pointer, and how far it is read or written is for each user to say. On
 * a machine with checks a caller's IV lies in the memory of the machine, with red zones, and may be gone:
 * whoever reads over its end, or touches it later than its caller allows, traps.
 *
 * Verified: every use that a driver or template names here. Not verified: one that does not say so; what it
 * reads of an IV that is gone is poison, and what it writes there is seen by the harness.
 * @module
 */
import type { Machine } from '../machine/machine.ts';

/** What an IV is used for: an operation, or a request. */
interface OfIv {
  readonly tfm: { readonly api: { readonly machine: Machine } };
  readonly iv: Uint8Array;
}

/**
 * The first `len` bytes of the IV of an operation, to be read or written at once: not to be kept.
 * @throws KernelBug where they are not all the caller's, or not any more.
 */
export function ivBytes({ tfm, iv }: OfIv, len: number): Uint8Array {
  tfm.api.machine.checkLent(iv, len);
  return iv.length === len ? iv : iv.subarray(0, len);
}
