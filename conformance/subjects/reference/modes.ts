/**
 * Modes of block ciphers on flat bytes, each as its definition says it.
 * @module
 */
import { createHash } from 'node:crypto';
import type { FlatBlock } from './block.ts';
import { bigEndian, blocksOf, concat, counterPlus, littleEndian, padded, xor } from './bytes.ts';
import { doubleLittle, multiplyBig } from './field.ts';
import { polyval } from './mac.ts';

/** Text of a length that the mode takes, encrypted or decrypted. */
export type FlatMode = (
  block: FlatBlock,
  enc: boolean,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
) => Uint8Array;

export const ecb: FlatMode = (block, enc, key, _iv, text) =>
  (enc ? block.encryptor : block.decryptor)(key)(text);

/** SP 800-38A, 6.2 */
export const cbc: FlatMode = (block, enc, key, iv, text) => {
  if (!enc) return xor(block.decryptor(key)(text), concat(iv, text));
  const encrypt = block.encryptor(key);
  let chain = iv;
  const out = blocksOf(text, block.size).map((plain) => {
    chain = encrypt(xor(plain, chain));
    return chain;
  });
  return concat(...out);
};

/** The chain is the XOR of the last plaintext and the last ciphertext. */
export const pcbc: FlatMode = (block, enc, key, iv, text) => {
  const run = (enc ? block.encryptor : block.decryptor)(key);
  let chain = iv;
  const out = blocksOf(text, block.size).map((input) => {
    const output = enc ? run(xor(input, chain)) : xor(run(input), chain);
    chain = xor(input, output);
    return output;
  });
  return concat(...out);
};

/** SP 800-38A, 6.5, with a counter as wide as the block. */
export const ctr: FlatMode = (block, _enc, key, iv, text) => {
  const count = Math.ceil(text.length / block.size);
  const counters = Array.from({ length: count }, (_, i) => counterPlus(iv, i));
  return xor(text, block.encryptor(key)(concat(...counters)));
};

/** SP 800-38A, 6.3, with segments of whole blocks; the last one may be short. */
export const cfb: FlatMode = (block, enc, key, iv, text) => {
  const encrypt = block.encryptor(key);
  let chain = iv;
  const out: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += block.size) {
    const input = text.subarray(at, at + block.size);
    const output = xor(input, encrypt(chain).subarray(0, input.length));
    chain = enc ? output : input;
    out.push(output);
  }
  return concat(...out);
};

/** SP 800-38A, 6.4 */
export const ofb: FlatMode = (block, _enc, key, iv, text) =>
  xor(text, ofbKeystream(block, key, iv, Math.ceil(text.length / block.size)));

/** So many blocks of the keystream of OFB. */
export function ofbKeystream(
  block: FlatBlock,
  key: Uint8Array,
  iv: Uint8Array,
  count: number,
): Uint8Array {
  const encrypt = block.encryptor(key);
  const blocks = [iv];
  while (blocks.length <= count) blocks.push(encrypt(blocks[blocks.length - 1]));
  return concat(...blocks.slice(1));
}

/** The counter is little endian, begins at 1 and is added (xor) to the nonce. HCTR2, 2.1 */
export const xctr: FlatMode = (block, _enc, key, iv, text) => {
  const count = Math.ceil(text.length / block.size);
  const counters = Array.from({ length: count }, (_, i) => {
    const number = new Uint8Array(block.size);
    new DataView(number.buffer).setUint32(0, i + 1, true);
    return xor(iv, number);
  });
  return xor(text, block.encryptor(key)(concat(...counters)));
};

/** @param iv tweak of 32 bytes; @param text at least 16 bytes. HCTR2 (Crowley, Huckleberry, Biggers, 2021), 2 */
export const hctr2: FlatMode = (block, enc, key, iv, text) => {
  const encrypt = block.encryptor(key);
  const hashKey = encrypt(new Uint8Array(16));
  const mask = encrypt(concat(Uint8Array.of(1), new Uint8Array(15)));
  const [head, rest] = [text.subarray(0, 16), text.subarray(16)];
  const hash = (bulk: Uint8Array): Uint8Array => {
    const partial = bulk.length % 16 !== 0;
    const length = littleEndian(BigInt(16 * iv.length + (partial ? 3 : 2)), 16);
    const message = partial ? concat(bulk, Uint8Array.of(1)) : bulk;
    return polyval(hashKey, concat(length, iv, padded(message, 16)));
  };
  const before = xor(head, hash(rest));
  const after = (enc ? encrypt : block.decryptor(key))(before);
  const bulk = xctr(block, true, key, xor(xor(before, after), mask), rest);
  return concat(xor(after, hash(bulk)), bulk);
};

/** What stands in front of a key that is wrapped. */
export const KW_MAGIC = 0xa6;

/** Half a block in front, and the text. */
interface Wrapped {
  readonly first: Uint8Array;
  readonly text: Uint8Array;
}

/** @param text whole halves of a block, at least two. SP 800-38F, 6.1 */
export function wrap(block: FlatBlock, key: Uint8Array, text: Uint8Array): Wrapped {
  const encrypt = block.encryptor(key);
  let first: Uint8Array = new Uint8Array(8).fill(KW_MAGIC);
  const halves = blocksOf(text, 8).map((half) => half.slice());
  for (let step = 1; step <= 6 * halves.length; step++) {
    const at = (step - 1) % halves.length;
    const mixed = encrypt(concat(first, halves[at]));
    first = xor(mixed.subarray(0, 8), bigEndian(step, 8));
    halves[at] = mixed.slice(8);
  }
  return { first, text: concat(...halves) };
}

/** The inverse of {@link wrap}; `first` must then be what it began with. */
export function unwrap(
  block: FlatBlock,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Wrapped {
  const decrypt = block.decryptor(key);
  let first = iv;
  const halves = blocksOf(text, 8).map((half) => half.slice());
  for (let step = 6 * halves.length; step > 0; step--) {
    const at = (step - 1) % halves.length;
    const mixed = decrypt(concat(xor(first, bigEndian(step, 8)), halves[at]));
    first = mixed.slice(0, 8);
    halves[at] = mixed.slice(8);
  }
  return { first, text: concat(...halves) };
}

/** CBC with ciphertext stealing, the last two blocks always swapped: CS3 of SP 800-38A, addendum. */
export const cts: FlatMode = (block, enc, key, iv, text) => {
  const { size } = block;
  if (text.length === size) return cbc(block, enc, key, iv, text);
  const at = Math.floor((text.length - 1) / size) * size - size;
  const tail = text.length - at - size;
  if (enc) {
    const out = cbc(block, true, key, iv, padded(text, size));
    const [last, whole] = [out.subarray(at + size), out.subarray(at, at + size)];
    return concat(out.subarray(0, at), last, whole.subarray(0, tail));
  }
  const head = cbc(block, false, key, iv, text.subarray(0, at));
  const chain = at === 0 ? iv : text.subarray(at - size, at);
  const opened = block.decryptor(key)(text.subarray(at, at + size));
  const stolen = concat(text.subarray(at + size), opened.subarray(tail));
  const plain = xor(opened, stolen);
  return concat(head, cbc(block, false, key, chain, stolen), plain.subarray(0, tail));
};

/** Key and tweak key one behind the other. IEEE 1619-2018, 5.3 and 5.4 */
export const xts: FlatMode = (block, enc, key, iv, text) => {
  const half = key.length / 2;
  const tail = text.length % 16;
  const count = Math.ceil(text.length / 16);
  const tweaks = [block.encryptor(key.subarray(half))(iv)];
  while (tweaks.length < count) tweaks.push(doubleLittle(tweaks[tweaks.length - 1]));
  const run = (enc ? block.encryptor : block.decryptor)(key.subarray(0, half));
  const through = (bytes: Uint8Array, with_: readonly Uint8Array[]): Uint8Array => {
    const mask = concat(...with_);
    return xor(run(xor(bytes, mask)), mask);
  };
  if (tail === 0) return through(text, tweaks);
  // The partial block steals from the last whole one; decryption takes their tweaks the other way round.
  const at = text.length - tail - 16;
  const [a, b] = enc ? [count - 2, count - 1] : [count - 1, count - 2];
  const head = through(text.subarray(0, at), tweaks.slice(0, count - 2));
  const whole = through(text.subarray(at, at + 16), [tweaks[a]]);
  const stolen = concat(text.subarray(at + 16), whole.subarray(tail));
  return concat(head, through(stolen, [tweaks[b]]), whole.subarray(0, tail));
};

/** The tweak of a block is the product of its number and a key. IEEE 1619, draft 10 */
export const lrw: FlatMode = (block, enc, key, iv, text) => {
  const [own, factor] = [key.subarray(0, -16), key.subarray(-16)];
  const count = text.length / 16;
  const tweaks = Array.from({ length: count }, (_, i) => multiplyBig(factor, counterPlus(iv, i)));
  const mask = concat(...tweaks);
  return xor(ecb(block, enc, own, iv, xor(text, mask)), mask);
};

/** The IV that ESSIV makes of a sector number: encrypted under the hash of the key. */
export function essivIv(
  block: FlatBlock,
  hash: string,
  salt: Uint8Array,
  iv: Uint8Array,
): Uint8Array {
  return block.encryptor(Uint8Array.from(createHash(hash).update(salt).digest()))(iv);
}
