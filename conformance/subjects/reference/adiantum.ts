/**
 * Adiantum on flat bytes.
 * Crowley and Biggers, "Adiantum: length-preserving encryption for entry-level processors", 2018, 4 and 6
 * @module
 */
import type { FlatBlock } from './block.ts';
import { concat, littleEndian, toNumber } from './bytes.ts';
import { nhpoly1305, poly1305Hash } from './mac.ts';
import { xchacha } from './stream.ts';

/** Keys of the block cipher, of the header's hash, and of NHPoly1305. */
const DERIVED = 32 + 16 + 1088;

/** @param text at least 16 bytes; @param tweak 32 bytes */
export function adiantum(
  block: FlatBlock,
  rounds: number,
  enc: boolean,
  key: Uint8Array,
  tweak: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const stream = (nonce: Uint8Array, bytes: Uint8Array): Uint8Array =>
    xchacha(rounds, key, concat(nonce, new Uint8Array(32 - nonce.length)), bytes);
  const keys = stream(Uint8Array.of(1), new Uint8Array(DERIVED));
  const [own, point, message] = [keys.subarray(0, 32), keys.subarray(32, 48), keys.subarray(48)];
  const [left, right] = [text.subarray(0, -16), text.subarray(-16)];
  const header = concat(littleEndian(BigInt(8 * left.length), 16), tweak);
  const hash = (bulk: Uint8Array): bigint =>
    toNumber(poly1305Hash(point, header)) + toNumber(nhpoly1305(message, bulk));
  const added = littleEndian(toNumber(right) + hash(left), 16);
  const middle = enc ? block.encryptor(own)(added) : added;
  const bulk = stream(concat(middle, Uint8Array.of(1)), left);
  const opened = enc ? middle : block.decryptor(own)(added);
  const sum = toNumber(opened) - hash(bulk);
  return concat(bulk, littleEndian(BigInt.asUintN(128, sum), 16));
}
