/**
 * VMAC with a tag of 64 bits, the nonce being the beginning of the message as in the kernel.
 * Krovetz and Dai, draft-krovetz-vmac-01, 3 to 5
 * @module
 */
import type { FlatBlock } from './block.ts';
import { concat, padded } from './bytes.ts';

const NH_BYTES = 128;
const P64 = (1n << 64n) - 257n;
const P127 = (1n << 127n) - 1n;
const MASK = 0x1fffffff1fffffffn;

/** @param key of the cipher; @param text 16 bytes of nonce, whose first bit is 0, and the message */
export function vmac64(block: FlatBlock, key: Uint8Array, text: Uint8Array): Uint8Array {
  const encrypt = block.encryptor(key);
  const pair = (bytes: Uint8Array): [bigint, bigint] => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return [view.getBigUint64(0), view.getBigUint64(8)];
  };
  const derive = (first: number, index: number): [bigint, bigint] =>
    pair(encrypt(Uint8Array.of(first, ...new Uint8Array(14), index)));
  const nhKey = Array.from({ length: NH_BYTES / 16 }, (_, i) => derive(0x80, i)).flat();
  const [high, low] = derive(0xc0, 0).map((word) => word & MASK);
  const point = (high << 64n) | low;
  let k: [bigint, bigint] = derive(0xe0, 0);
  for (let i = 1; k.some((word) => word >= P64); i++) k = derive(0xe0, i);
  const message = text.subarray(16);
  // The sum begins as the point itself, so an empty message has that.
  let sum = point;
  for (let at = 0; at < message.length; at += NH_BYTES) {
    const part = nh(nhKey, padded(message.subarray(at, at + NH_BYTES), 16));
    sum = at === 0 ? sum + part : (sum * point + part) % P127;
  }
  const tail = BigInt(8 * (message.length % NH_BYTES));
  const whole = (sum + (tail << 64n)) % P127;
  const divisor = (1n << 64n) - (1n << 32n);
  const hash = (((whole / divisor + k[0]) % P64) * (((whole % divisor) + k[1]) % P64)) % P64;
  const nonce = concat(text.subarray(0, 15), Uint8Array.of(text[15] & 0xfe));
  const pad = pair(encrypt(nonce))[text[15] & 1];
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt.asUintN(64, hash + pad));
  return out;
}

function nh(key: readonly bigint[], message: Uint8Array): bigint {
  const view = new DataView(message.buffer, message.byteOffset);
  let sum = 0n;
  for (let i = 0; i < message.length / 8; i += 2) {
    const [a, b] = [i, i + 1].map((j) =>
      BigInt.asUintN(64, view.getBigUint64(8 * j, true) + key[j]),
    );
    sum += a * b;
  }
  return BigInt.asUintN(126, sum);
}
