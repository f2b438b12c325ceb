/**
 * Authenticated encryption on flat bytes: a cipher and a tag.
 * @module
 */
import type { FlatBlock } from './block.ts';
import { bigEndian, concat, counterPlus, littleEndian, padded, xor } from './bytes.ts';
import { cbcmac, ghash, poly1305 } from './mac.ts';
import { ctr } from './modes.ts';
import { chacha } from './stream.ts';

/** The text of one message, and its whole tag. */
export interface Parts {
  readonly text: Uint8Array;
  /** To be cut to the size that was asked for. */
  readonly tag: Uint8Array;
}

/** @param iv 12 bytes. SP 800-38D, 7 */
export function gcm(
  block: FlatBlock,
  enc: boolean,
  key: Uint8Array,
  iv: Uint8Array,
  ad: Uint8Array,
  input: Uint8Array,
): Parts {
  const encrypt = block.encryptor(key);
  const first = concat(iv, Uint8Array.of(0, 0, 0, 1));
  // Only 32 bits count, and no text here is long enough to wrap them.
  const text = ctr(block, enc, key, counterPlus(first, 1), input);
  const sealed = enc ? text : input;
  const lengths = concat(bigEndian(8 * ad.length, 8), bigEndian(8 * sealed.length, 8));
  const sum = ghash(
    encrypt(new Uint8Array(16)),
    concat(padded(ad, 16), padded(sealed, 16), lengths),
  );
  return { text, tag: xor(sum, encrypt(first)) };
}

/**
 * @param iv the counter block 0: one less than the width of the length field, the nonce, anything
 * @param authsize is part of what is authenticated. RFC 3610; SP 800-38C, A
 */
export function ccm(
  block: FlatBlock,
  enc: boolean,
  key: Uint8Array,
  iv: Uint8Array,
  ad: Uint8Array,
  input: Uint8Array,
  authsize: number,
): Parts {
  const width = iv[0] + 1;
  const first = concat(iv.subarray(0, 16 - width), new Uint8Array(width));
  const text = ctr(block, enc, key, counterPlus(first, 1), input);
  const plain = enc ? input : text;
  const flags = iv[0] + 8 * ((authsize - 2) / 2) + (ad.length > 0 ? 64 : 0);
  // The kernel lets a length through that is one too large for its field; it is written as 0.
  const head = concat(
    Uint8Array.of(flags),
    iv.subarray(1, 16 - width),
    bigEndian(plain.length, width),
  );
  const prefix =
    ad.length < 0xff00
      ? bigEndian(ad.length, 2)
      : concat(Uint8Array.of(0xff, 0xfe), bigEndian(ad.length, 4));
  const front = ad.length === 0 ? head : concat(head, padded(concat(prefix, ad), 16));
  const mac = cbcmac(block, key, concat(front, padded(plain, 16)));
  return { text, tag: xor(mac, block.encryptor(key)(first)) };
}

/** @param nonce 12 bytes. RFC 8439, 2.8 */
export function chachapoly(
  enc: boolean,
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
  input: Uint8Array,
): Parts {
  const at = (counter: number): Uint8Array => concat(littleEndian(BigInt(counter), 4), nonce);
  const text = chacha(20, key, at(1), input);
  const sealed = enc ? text : input;
  const lengths = concat(
    littleEndian(BigInt(ad.length), 8),
    littleEndian(BigInt(sealed.length), 8),
  );
  const once = chacha(20, key, at(0), new Uint8Array(32));
  return { text, tag: poly1305(once, concat(padded(ad, 16), padded(sealed, 16), lengths)) };
}
