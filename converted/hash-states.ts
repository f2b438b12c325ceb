/**
 * Exported hash states. A byte provider keeps its state to itself, so an export is a numbered copy,
 * found again through the buffer that names it and forgotten together with that buffer.
 * @module
 */
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { HashState } from '../src/provider/provider.ts';

interface Saved {
  readonly serial: number;
  readonly alg: CryptoAlg;
  readonly state: HashState;
}

/** @kernel none, a kernel's export is the state itself */
export class HashStates {
  private readonly saved = new WeakMap<ArrayBufferLike, Map<number, Saved>>();
  private next = 1;

  /** Copies `state` and writes its number to `out`. */
  save(out: Uint8Array, alg: CryptoAlg, state: HashState): void {
    let slots = this.saved.get(out.buffer);
    if (slots === undefined) {
      slots = new Map();
      this.saved.set(out.buffer, slots);
    }
    const serial = this.next++;
    slots.set(out.byteOffset, { serial, alg, state: state.clone() });
    out.fill(0);
    new DataView(out.buffer, out.byteOffset).setUint32(0, serial);
  }

  /** A copy of what was saved there, or null when the bytes are not those that were written. */
  load(from: Uint8Array, alg: CryptoAlg): HashState | null {
    const slot = this.saved.get(from.buffer)?.get(from.byteOffset);
    if (slot === undefined || slot.alg !== alg) return null;
    const serial = new DataView(from.buffer, from.byteOffset).getUint32(0);
    return serial === slot.serial ? slot.state.clone() : null;
  }
}
