/**
 * HMAC over two running hashes (RFC 2104), for any hash that can be copied.
 *
 * node:crypto's own Hmac cannot be copied, and a kernel exports an HMAC as its inner hash.
 * @module
 */
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';

class Hmac implements HashState {
  /** Of the inner hash, if that one has it: the key is not part of an exported state. */
  readonly stateSize?: number;
  readonly exportState?: (out: Uint8Array) => void;
  readonly importState?: (state: Uint8Array) => void;
  readonly #inner: HashState;
  /** Has absorbed the outer key block and is only ever copied. */
  readonly #outer: HashState;
  readonly #digestSize: number;

  constructor(inner: HashState, outer: HashState, digestSize: number) {
    this.#inner = inner;
    this.#outer = outer;
    this.#digestSize = digestSize;
    if (inner.stateSize !== undefined) {
      this.stateSize = inner.stateSize;
      this.exportState = (out) => inner.exportState?.(out);
      this.importState = (state) => inner.importState?.(state);
    }
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    this.#inner.update(mem, at, len);
  }

  updateBytes(bytes: Uint8Array): void {
    this.#inner.updateBytes(bytes);
  }

  digest(out: Uint8Array): void {
    const inner = new Uint8Array(this.#digestSize);
    this.#inner.digest(inner);
    const outer = this.#outer.clone();
    outer.updateBytes(inner);
    outer.digest(out);
  }

  clone(): HashState {
    return new Hmac(this.#inner.clone(), this.#outer, this.#digestSize);
  }
}

/** HMAC of `hash`, whose block and digest have the given sizes in bytes. Any key length. */
export function hmac(
  hash: () => HashState,
  blockSize: number,
  digestSize: number,
  key: Uint8Array,
): HashState {
  const block = new Uint8Array(blockSize);
  if (key.length > blockSize) {
    const hashed = hash();
    hashed.updateBytes(key);
    hashed.digest(block.subarray(0, digestSize));
  } else {
    block.set(key);
  }
  const inner = hash();
  inner.updateBytes(block.map((byte) => byte ^ 0x36));
  const outer = hash();
  outer.updateBytes(block.map((byte) => byte ^ 0x5c));
  return new Hmac(inner, outer, digestSize);
}
