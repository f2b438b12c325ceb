/**
 * Poly1305 as the kernel's hash: the one-time key is the first 32 bytes of the message.
 * Source: RFC 8439, 2.5; crypto/poly1305_generic.c, lib/crypto/poly1305-donna64.c for the state (6.1).
 * @module
 */
import { ENOKEY } from '../../../errno.ts';
import {
  loadPolynomial,
  type Polynomial,
  polynomial,
  polynomialBlocks,
  polynomialEmit,
  storePolynomial,
} from '../poly1305-core.ts';
import { feedState, type StateBytes, type StateHash } from './state-hash.ts';

const BLOCK = 16;
/** `struct poly1305_desc_ctx` with room for the tables of an x86-64 driver. */
const FILL_AT = BLOCK;
const R_SET_AT = 20;
const S_SET_AT = 22;
const S_AT = 24;
const H_AT = 40;
const R_AT = 64;
/** Twenty times the two upper limbs of r, behind its three. */
const R20_AT = 88;
const STATE_SIZE = 328;
/** What rset is when r came as one block of 16 bytes. */
const R_IS_SET = 2;

/** Poly1305 with its key in the message. No digest before the key is complete: -ENOKEY. */
export const poly1305Hash: StateHash = {
  stateSize: STATE_SIZE,
  start: () => undefined,
  update: (state, input) => {
    const { view } = state;
    const fill = view.getUint32(FILL_AT, true);
    const waits = feedState(state, 0, BLOCK, fill, input, (text, from, to) =>
      absorb(state, new Uint8Array(text.buffer, text.byteOffset + from, to - from)),
    );
    view.setUint32(FILL_AT, waits, true);
  },
  finalError: ({ bytes }) => (bytes[S_SET_AT] === 0 ? -ENOKEY : 0),
  finish: ({ bytes, view }, out) => {
    const poly = load(view);
    const fill = view.getUint32(FILL_AT, true);
    if (fill > 0) {
      const block = bytes.slice(0, BLOCK);
      block[fill] = 1;
      polynomialBlocks(poly, block.fill(0, fill + 1), 0);
    }
    const addend = view.getBigUint64(S_AT, true) + (view.getBigUint64(S_AT + 8, true) << 64n);
    polynomialEmit(poly, addend, out);
  },
};

/** Whole blocks: r, s, then text. */
function absorb(state: StateBytes, blocks: Uint8Array): void {
  const { bytes, view } = state;
  let at = 0;
  if (view.getUint16(R_SET_AT, true) === 0) {
    const { r } = polynomial(blocks);
    storePolynomial(r, view, R_AT);
    for (const i of [0, 1]) {
      const limb = view.getBigUint64(R_AT + 8 * (i + 1), true);
      view.setBigUint64(R20_AT + 8 * i, 20n * limb, true);
    }
    view.setUint16(R_SET_AT, R_IS_SET, true);
    at = BLOCK;
  }
  if (at < blocks.length && bytes[S_SET_AT] === 0) {
    bytes.set(blocks.subarray(at, at + BLOCK), S_AT);
    bytes[S_SET_AT] = 1;
    at += BLOCK;
  }
  if (at === blocks.length) return;
  const poly = load(view);
  polynomialBlocks(poly, blocks.subarray(at), 1);
  storePolynomial(poly.h, view, H_AT);
}

function load(view: DataView): Polynomial {
  return { r: loadPolynomial(view, R_AT), h: loadPolynomial(view, H_AT) };
}
