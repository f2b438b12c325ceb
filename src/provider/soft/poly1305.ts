/**
 * Poly1305 of both providers: node:crypto has none outside its AEAD, and noble's cannot be copied.
 * Source: RFC 8439, 2.5.
 * @module
 */
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import { type BlockBuffer, blockBuffer, cloneBlockBuffer, feedBlocks } from './block-buffer.ts';
import {
  clonePolynomial,
  type Polynomial,
  polynomial,
  polynomialBlocks,
  polynomialEmit,
} from './poly1305-core.ts';

class Poly1305 implements HashState {
  readonly #poly: Polynomial;
  readonly #addend: bigint;
  readonly #buffer: BlockBuffer;
  readonly #absorb: (blocks: Uint8Array) => void;

  constructor(poly: Polynomial, addend: bigint, buffer: BlockBuffer) {
    this.#poly = poly;
    this.#addend = addend;
    this.#buffer = buffer;
    this.#absorb = (blocks) => polynomialBlocks(poly, blocks, 1);
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.updateBytes(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    feedBlocks(this.#buffer, bytes, false, this.#absorb);
  }

  digest(out: Uint8Array): void {
    const { bytes, fill } = this.#buffer;
    if (fill > 0) {
      bytes.fill(0, fill);
      bytes[fill] = 1;
      polynomialBlocks(this.#poly, bytes, 0);
    }
    polynomialEmit(this.#poly, this.#addend, out);
  }

  clone(): HashState {
    return new Poly1305(clonePolynomial(this.#poly), this.#addend, cloneBlockBuffer(this.#buffer));
  }
}

/** Poly1305 under a one-time key of 32 bytes. */
export function poly1305(key: Uint8Array): HashState {
  const view = new DataView(key.buffer, key.byteOffset, 32);
  const addend = view.getBigUint64(16, true) + (view.getBigUint64(24, true) << 64n);
  return new Poly1305(polynomial(key), addend, blockBuffer(16));
}
