/**
 * VMAC with a tag of 64 bits, over any cipher of 16-byte blocks. The nonce is the first 16 bytes of the
 * message.
 * Source: T. Krovetz and W. Dai, draft-krovetz-vmac-01; crypto/vmac.c for the state (6.1).
 * @module
 */
import { EINVAL } from '../../../errno.ts';
import { feedState, type StateBytes, type StateHash } from './state-hash.ts';

const NH_BYTES = 128;
const NONCE = 16;
/**
 * `struct vmac_desc_ctx`: partial block and its size, whether a block was absorbed, the running value
 * with its high word first, nonce and its size.
 */
const PARTIAL_SIZE_AT = NH_BYTES;
const STARTED_AT = NH_BYTES + 4;
const VALUE_AT = NH_BYTES + 8;
const NONCE_AT = VALUE_AT + 16;
const NONCE_SIZE_AT = NONCE_AT + NONCE;
const STATE_SIZE = NONCE_SIZE_AT + 8;

const MASK64 = (1n << 64n) - 1n;
const MASK126 = (1n << 126n) - 1n;
const P127 = (1n << 127n) - 1n;
const P64 = (1n << 64n) - 257n;
const POLY_MASK = 0x1fffffff1fffffffn;
/** What the third layer divides by. */
const SPLIT = (1n << 64n) - (1n << 32n);

/** Encrypts one block of 16 bytes in place. */
export type EncryptBlock = (block: Uint8Array) => void;

/** What the layers take from the key. */
interface VmacKey {
  readonly nh: readonly bigint[];
  readonly poly: bigint;
  readonly l3: readonly [bigint, bigint];
}

/** VMAC-64 under the expanded key of a cipher. */
export function vmac64Hash(encryptBlock: EncryptBlock): StateHash {
  const key = expand(encryptBlock);
  return {
    stateSize: STATE_SIZE,
    start: ({ view }) => storeValue(view, key.poly),
    update: (state, bytes) => update(key, state, bytes),
    finalError: ({ bytes, view }) =>
      view.getUint32(NONCE_SIZE_AT, true) !== NONCE || bytes[NONCE_AT] >= 0x80 ? -EINVAL : 0,
    finish: (state, out) => {
      const { bytes, view } = state;
      const partial = view.getUint32(PARTIAL_SIZE_AT, true);
      if (partial > 0) {
        const end = (partial + 15) & ~15;
        bytes.fill(0, partial, end);
        absorb(key, state, view, 0, end);
      }
      const value = (loadValue(view) + (BigInt(8 * partial) << 64n)) % P127;
      const [k1, k2] = key.l3;
      const hash = (((value / SPLIT + k1) % P64) * (((value % SPLIT) + k2) % P64)) % P64;
      const pad = bytes.slice(NONCE_AT, NONCE_AT + NONCE);
      const half = pad[NONCE - 1] & 1;
      pad[NONCE - 1] &= 0xfe;
      encryptBlock(pad);
      const mask = new DataView(pad.buffer).getBigUint64(8 * half);
      new DataView(out.buffer, out.byteOffset, 8).setBigUint64(0, (hash + mask) & MASK64);
    },
  };
}

function update(key: VmacKey, state: StateBytes, input: Uint8Array): void {
  const { bytes, view } = state;
  const have = view.getUint32(NONCE_SIZE_AT, true);
  const taken = Math.min(NONCE - have, input.length);
  bytes.set(input.subarray(0, taken), NONCE_AT + have);
  view.setUint32(NONCE_SIZE_AT, have + taken, true);
  const fill = view.getUint32(PARTIAL_SIZE_AT, true);
  const text = input.subarray(taken);
  const waits = feedState(state, 0, NH_BYTES, fill, text, (from, begin, end) => {
    for (let at = begin; at < end; at += NH_BYTES) absorb(key, state, from, at, at + NH_BYTES);
  });
  view.setUint32(PARTIAL_SIZE_AT, waits, true);
}

/** The first two layers for one block, which only at the end of a message may be short. */
function absorb(key: VmacKey, state: StateBytes, text: DataView, from: number, to: number): void {
  let sum = 0n;
  for (let at = from, k = 0; at < to; at += 16, k += 2) {
    const a = (text.getBigUint64(at, true) + key.nh[k]) & MASK64;
    const b = (text.getBigUint64(at + 8, true) + key.nh[k + 1]) & MASK64;
    sum += a * b;
  }
  sum &= MASK126;
  const { bytes, view } = state;
  // The running value begins as the key, so that the first block has no product.
  const value = loadValue(view);
  storeValue(view, bytes[STARTED_AT] === 0 ? value + sum : (value * key.poly + sum) % P127);
  bytes[STARTED_AT] = 1;
}

function expand(encryptBlock: EncryptBlock): VmacKey {
  const blocks = (first: number, count: number, accept: (words: bigint[]) => boolean): bigint[] => {
    const words: bigint[] = [];
    for (let counter = 0; words.length < 2 * count; counter++) {
      const block = new Uint8Array(16);
      block[0] = first;
      block[15] = counter;
      encryptBlock(block);
      const view = new DataView(block.buffer);
      const pair = [view.getBigUint64(0), view.getBigUint64(8)];
      if (accept(pair)) words.push(...pair);
    }
    return words;
  };
  const [high, low] = blocks(0xc0, 1, () => true).map((word) => word & POLY_MASK);
  const [k1, k2] = blocks(0xe0, 1, (words) => words.every((word) => word < P64));
  return {
    nh: blocks(0x80, NH_BYTES / 16, () => true),
    poly: (high << 64n) | low,
    l3: [k1, k2],
  };
}

function loadValue(view: DataView): bigint {
  return (view.getBigUint64(VALUE_AT, true) << 64n) | view.getBigUint64(VALUE_AT + 8, true);
}

function storeValue(view: DataView, value: bigint): void {
  view.setBigUint64(VALUE_AT, value >> 64n, true);
  view.setBigUint64(VALUE_AT + 8, value & MASK64, true);
}
