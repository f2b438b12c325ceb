/**
 * GHASH and POLYVAL of the generic provider over noble's multiplication.
 * @module
 */
import { _toGHASHKey, GHASH } from '@noble/ciphers/_polyval.js';
import type { HashState } from '../provider.ts';
import { type StateBytes, type StateHash, startHash } from '../soft/hashes/state-hash.ts';

const BLOCK = 16;
const LACKS_AT = BLOCK;
const ZEROS = new Uint8Array(BLOCK);
/** Any length above 1 KiB makes noble build its 4-bit tables instead of the 2-bit ones. */
const TABLE_HINT = 4096;

/** The tables of one hash key. noble keeps tables and state in one object; here the state is lent. */
export class NobleGhashKey extends GHASH {
  constructor(h: Uint8Array) {
    super(h, TABLE_HINT);
  }

  /** Absorbs whole blocks into `y`, four words in noble's order. */
  absorb(y: Uint32Array, blocks: Uint8Array): void {
    this.s0 = y[0];
    this.s1 = y[1];
    this.s2 = y[2];
    this.s3 = y[3];
    this.update(blocks);
    y[0] = this.s0;
    y[1] = this.s1;
    y[2] = this.s2;
    y[3] = this.s3;
  }
}

/** GHASH under the tables of `key`. The states of one key share its tables. */
export function nobleGhash(key: NobleGhashKey): HashState {
  return startHash(fieldHash(key, FORWARD));
}

/** POLYVAL under a hash key of 16 bytes: GHASH with the bytes of key, blocks and digest reversed. */
export function noblePolyval(key: Uint8Array): HashState {
  return startHash(fieldHash(new NobleGhashKey(_toGHASHKey(key.slice())), BACKWARD));
}

/** How a block lies in the field element: where byte i goes, the bytes of a run, bytes of a state. */
interface Order {
  readonly place: (i: number) => number;
  readonly blocks: (text: Uint8Array) => Uint8Array;
  readonly stateSize: number;
}

/** `struct ghash_desc_ctx`. */
const FORWARD: Order = { place: (i) => i, blocks: (text) => text, stateSize: 20 };
/** `struct polyval_desc_ctx`, which is aligned to eight bytes. */
const BACKWARD: Order = { place: (i) => BLOCK - 1 - i, blocks: reversedBlocks, stateSize: 24 };

/** The state is the value so far, a partial block added to it, and the bytes that it lacks. */
function fieldHash(key: NobleGhashKey, { place, blocks, stateSize }: Order): StateHash {
  const multiply = ({ words }: StateBytes, text: Uint8Array): void =>
    key.absorb(words.subarray(0, BLOCK / 4), text);
  return {
    stateSize,
    start: () => undefined,
    update: (state, input) => {
      const { bytes, view } = state;
      let lacks = view.getUint32(LACKS_AT, true);
      let at = 0;
      for (; lacks > 0 && at < input.length; at++, lacks--) {
        bytes[place(BLOCK - lacks)] ^= input[at];
        if (lacks === 1) multiply(state, ZEROS);
      }
      const end = at + ((input.length - at) & ~(BLOCK - 1));
      if (end > at) multiply(state, blocks(input.subarray(at, end)));
      if (end < input.length) {
        for (let i = 0; end + i < input.length; i++) bytes[place(i)] ^= input[end + i];
        lacks = BLOCK - (input.length - end);
      }
      view.setUint32(LACKS_AT, lacks, true);
    },
    finish: (state, out) => {
      const { bytes, view } = state;
      if (view.getUint32(LACKS_AT, true) > 0) multiply(state, ZEROS);
      for (let i = 0; i < BLOCK; i++) out[i] = bytes[place(i)];
    },
  };
}

function reversedBlocks(text: Uint8Array): Uint8Array {
  return text.map((_, at) => text[at ^ (BLOCK - 1)]);
}
