/**
 * The rows of the table that are skciphers, and what makes a row out of a block cipher.
 * @module
 */
import { EBADMSG, EINVAL } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import type { Bytes } from '../case/case.ts';
import { adiantum as flatAdiantum } from '../subjects/reference/adiantum.ts';
import {
  AES,
  ARIA,
  CAMELLIA,
  DES,
  DES3_EDE,
  type FlatBlock,
  SM4,
} from '../subjects/reference/block.ts';
import {
  ANUBIS,
  BLOWFISH,
  CAST5,
  CAST6,
  FCRYPT,
  KHAZAD,
  SEED,
  SERPENT,
  TEA,
  TWOFISH,
  XETA,
  XTEA,
} from '../subjects/reference/borrowed.ts';
import { concat, counterPlus, xor } from '../subjects/reference/bytes.ts';
import * as flat from '../subjects/reference/modes.ts';
import { arc4, chacha, xchacha } from '../subjects/reference/stream.ts';
import { doubled, longer, randomBytes, sized } from './keys.ts';
import type { CipherStep, KeyRule, SkcipherRow } from './row.ts';

const kept = ({ iv }: CipherStep): Uint8Array => iv;

function mode(
  name: string,
  block: FlatBlock,
  crypt: flat.FlatMode,
  fields: Partial<SkcipherRow>,
): SkcipherRow {
  return {
    name: `${name}(${block.name})`,
    kind: 'skcipher',
    key: sized(...block.keys),
    leaks: [],
    ivsize: block.size,
    least: 0,
    unit: block.size,
    crypt: (enc, key, iv, text) => crypt(block, enc, key, iv, text),
    ivAfter: kept,
    ivRefused: 'blocks',
    ...fields,
  };
}

/** The last block of one side of an operation, or the IV when there is none. */
function lastBlock({ iv }: CipherStep, side: Uint8Array): Uint8Array {
  return side.length === 0 ? iv : side.slice(-iv.length);
}

/** Some counters are about to wrap at 32, 64 or 128 bits, which random bytes never are. */
function counters(size: number): (prng: Prng) => Bytes {
  return (prng) => {
    if (!prng.oneIn(8)) return randomBytes(prng, size);
    const ones = prng.pick([4, 8, 16].filter((n) => n <= size));
    return 'a5'.repeat(size - ones) + 'ff'.repeat(ones - 1) + prng.pick(['fd', 'fe', 'ff']);
  };
}

export function ecb(block: FlatBlock): SkcipherRow {
  return mode('ecb', block, flat.ecb, { ivsize: 0 });
}

export function cbc(block: FlatBlock): SkcipherRow {
  const ivAfter = (step: CipherStep): Uint8Array =>
    lastBlock(step, step.enc ? step.output : step.input);
  return mode('cbc', block, flat.cbc, { ivAfter });
}

export function ctr(block: FlatBlock): SkcipherRow {
  return mode('ctr', block, flat.ctr, {
    unit: 1,
    drawIv: counters(block.size),
    ivAfter: ({ iv, input }) => counterPlus(iv, Math.ceil(input.length / block.size)),
  });
}

function pcbc(block: FlatBlock): SkcipherRow {
  const ivAfter = (step: CipherStep): Uint8Array =>
    step.input.length === 0
      ? step.iv
      : xor(lastBlock(step, step.input), lastBlock(step, step.output));
  return mode('pcbc', block, flat.pcbc, { ivAfter });
}

function cfb(block: FlatBlock): SkcipherRow {
  const { size } = block;
  const ivAfter = (step: CipherStep): Uint8Array => {
    const side = step.enc ? step.output : step.input;
    return lastBlock(step, side.subarray(0, side.length - (side.length % size)));
  };
  return mode('cfb', block, flat.cfb, { unit: 1, ivAfter });
}

function ofb(block: FlatBlock): SkcipherRow {
  const ivAfter = ({ key, iv, input }: CipherStep): Uint8Array => {
    const count = Math.ceil(input.length / block.size);
    return concat(iv, flat.ofbKeystream(block, key, iv, count)).slice(-block.size);
  };
  return mode('ofb', block, flat.ofb, { unit: 1, ivAfter });
}

function xctr(block: FlatBlock): SkcipherRow {
  return mode('xctr', block, flat.xctr, { unit: 1 });
}

function xts(block: FlatBlock): SkcipherRow {
  return mode('xts', block, flat.xts, { key: doubled(...block.keys), least: 16, unit: 1 });
}

function lrw(block: FlatBlock): SkcipherRow {
  return mode('lrw', block, flat.lrw, {
    key: longer(sized(...block.keys), block.size),
    drawIv: counters(block.size),
    ivAfter: ({ iv, input }) => counterPlus(iv, input.length / block.size),
    ivRefused: 'kept',
  });
}

/** The IV afterwards is that of the CBC below: 3.3 of the kernel's semantics, golden on four kernels. */
function cts(block: FlatBlock): SkcipherRow {
  const { size } = block;
  return mode('cts', block, flat.cts, {
    name: `cts(cbc(${block.name}))`,
    least: size,
    unit: 1,
    ivAfter: ({ enc, input, output }) => {
      const whole = enc ? output : input;
      if (input.length === size) return whole.slice();
      const at = Math.floor((input.length - 1) / size) * size;
      // Encryption: the last block of the first pass was moved behind the one that is left there.
      return whole.slice(at - size, at);
    },
  });
}

/** A nonce of 4 bytes at the end of the key, an IV of 8, and a block number from 1 on. RFC 3686 */
export const RFC3686: SkcipherRow = rfc3686(AES);

function rfc3686(block: FlatBlock): SkcipherRow {
  const counter = (key: Uint8Array, iv: Uint8Array): Uint8Array =>
    concat(key.subarray(-4), iv, Uint8Array.of(0, 0, 0, 1));
  return mode('rfc3686', block, flat.ctr, {
    name: `rfc3686(ctr(${block.name}))`,
    key: longer(sized(...block.keys), 4),
    ivsize: 8,
    unit: 1,
    crypt: (enc, key, iv, text) =>
      flat.ctr(block, enc, key.subarray(0, -4), counter(key, iv), text),
  });
}

/** The IV that CBC begins with is the caller's, encrypted under the hash of the key. */
function essiv(block: FlatBlock, hash: string): SkcipherRow {
  const inner = cbc(block);
  const ivOf = (key: Uint8Array, iv: Uint8Array): Uint8Array => flat.essivIv(block, hash, key, iv);
  return {
    ...inner,
    name: `essiv(${inner.name},${hash})`,
    leaks: [{ part: 'iv', reason: 'the IV of the caller is encrypted where it is' }],
    crypt: (enc, key, iv, text) => inner.crypt(enc, key, ivOf(key, iv), text),
    ivAfter: kept,
  };
}

/** The tweak is as long as the IV, and the mode takes no less than a block. */
function hctr2(block: FlatBlock): SkcipherRow {
  return mode('hctr2', block, flat.hctr2, { ivsize: 32, least: 16, unit: 1 });
}

/**
 * Encryption makes the IV, decryption checks it. What is refused for its length is refused before
 * anything is written.
 */
function kw(block: FlatBlock): SkcipherRow {
  return {
    ...mode('kw', block, flat.ecb, { ivsize: 8, least: 16, unit: 8, ivRefused: 'kept' }),
    leaks: [{ part: 'failed', reason: 'every step of the unwrapping is written to dst' }],
    crypt: (enc, key, iv, text) =>
      enc ? flat.wrap(block, key, text).text : flat.unwrap(block, key, iv, text).text,
    unwraps: (key, iv, text) =>
      flat.unwrap(block, key, iv, text).first.every((byte) => byte === flat.KW_MAGIC)
        ? 0
        : -EBADMSG,
    ivAfter: ({ enc, key, iv, input }) => (enc ? flat.wrap(block, key, input).first : iv),
  };
}

function stream(name: string, ivsize: number, crypt: SkcipherRow['crypt']): SkcipherRow {
  return {
    name,
    kind: 'skcipher',
    key: sized(32),
    leaks: [],
    ivsize,
    least: 0,
    unit: 1,
    crypt,
    ivAfter: kept,
    ivRefused: 'blocks',
  };
}

/** The block number of 32 bits is about to wrap now and then. */
const CHACHA20: SkcipherRow = {
  ...stream('chacha20', 16, (_enc, key, iv, text) => chacha(20, key, iv, text)),
  drawIv: (prng) => (prng.oneIn(8) ? `feffffff${'a5'.repeat(12)}` : randomBytes(prng, 16)),
};

function xchachaRow(rounds: number): SkcipherRow {
  return stream(`xchacha${rounds}`, 32, (_enc, key, iv, text) => xchacha(rounds, key, iv, text));
}

function adiantum(rounds: number, block: FlatBlock): SkcipherRow {
  const crypt: SkcipherRow['crypt'] = (enc, key, iv, text) =>
    flatAdiantum(block, rounds, enc, key, iv, text);
  return { ...stream(`adiantum(xchacha${rounds},${block.name})`, 32, crypt), least: 16 };
}

export const CTS: SkcipherRow = cts(AES);

/** The key's stream, from its beginning: a case has one key for one text. */
const ARC4: SkcipherRow = {
  ...stream('ecb(arc4)', 0, (_enc, key, _iv, text) => arc4(key, text)),
  streams: true,
  key: sized(...Array.from({ length: 256 }, (_, i) => i + 1)),
};

const NULL_KEY: KeyRule = {
  check: (key) => (key.length === 0 ? 0 : -EINVAL),
  draw: () => '',
  optional: true,
};

export const CIPHER_NULL: SkcipherRow = {
  ...stream('ecb(cipher_null)', 0, (_enc, _key, _iv, text) => text),
  key: NULL_KEY,
};

/** Ciphers of 16-byte blocks that the kernel has in all of the common modes. */
const WIDE: readonly FlatBlock[] = [AES, CAMELLIA, CAST6, SERPENT, TWOFISH];
/** In the modes without data units. */
const OTHERS: readonly FlatBlock[] = [ARIA, SM4, BLOWFISH, CAST5, DES, DES3_EDE];

export const SKCIPHERS: readonly SkcipherRow[] = [
  ...[...WIDE, ...OTHERS].flatMap((block) => [ecb(block), cbc(block), ctr(block)]),
  ...WIDE.flatMap((block) => [xts(block), lrw(block)]),
  ...[ANUBIS, FCRYPT, KHAZAD, SEED, TEA, XETA, XTEA].map(ecb),
  cbc(ANUBIS),
  pcbc(AES),
  pcbc(FCRYPT),
  ...[AES, ARIA, SM4, DES3_EDE].map(cfb),
  ...[AES, SM4, DES3_EDE].map(ofb),
  xctr(AES),
  hctr2(AES),
  kw(AES),
  xts(SM4),
  CTS,
  cts(CAMELLIA),
  RFC3686,
  rfc3686(SM4),
  essiv(AES, 'sha256'),
  CHACHA20,
  xchachaRow(20),
  xchachaRow(12),
  adiantum(12, AES),
  adiantum(20, AES),
  ARC4,
  CIPHER_NULL,
];
