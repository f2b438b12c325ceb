/**
 * Tests of public collections as vectors that the kernel's interface can express, or the reason why it cannot.
 * @module
 */
import { z } from 'zod';
import { EFAULT } from '../../../src/errno.ts';
import { isDataRow } from '../../algorithms/row.ts';
import { algorithmOf } from '../../algorithms.ts';
import type { Vector } from '../vector.ts';

/** Bytes of a curve's coordinate. */
const COORDINATE: Readonly<Record<string, number>> = { secp256r1: 32, secp384r1: 48 };

/** Bytes as public collections write them. */
export const hex: z.ZodString = z.string().regex(/^([0-9a-f]{2})*$/, 'no bytes in lower-case hex');

/** One test of Project Wycheproof; others are brought into this form. Bytes are lower-case hex. */
export interface WycheproofTest {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly flags: readonly string[];
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

export const testSchema: z.ZodType<WycheproofTest> = z.object({
  tcId: z.number(),
  result: z.enum(['valid', 'invalid', 'acceptable']),
  flags: z.array(z.string()).default([]),
  key: hex.default(''),
  iv: hex.default(''),
  aad: hex.default(''),
  msg: hex.default(''),
  ct: hex.default(''),
  tag: hex.default(''),
  public: hex.default(''),
  private: z
    .string()
    .regex(/^[0-9a-f]*$/)
    .default(''),
  shared: hex.default(''),
});
type Fields = Pick<Vector, 'key' | 'iv' | 'ad' | 'input' | 'output' | 'tag'>;
/** The vector's bytes, or why the kernel has no such thing. */
export type Reader = (test: WycheproofTest) => Fields | string;

export function aead(
  ivOf: (test: WycheproofTest) => string | null,
  sizes: readonly number[],
): Reader {
  return (test) => {
    const { key, aad: ad, msg, ct: output, tag, result } = test;
    const iv = ivOf(test);
    if (iv === null) return 'a nonce of a length that the kernel does not take';
    if (!sizes.includes(tag.length / 2)) return 'a tag of a length that the kernel does not take';
    return { key, iv, ad, input: result === 'invalid' ? '' : msg, output, tag };
  };
}

export function nonceOf(size: number): (test: WycheproofTest) => string | null {
  return ({ iv }) => (iv.length === 2 * size ? iv : null);
}

/** The first byte says how many are left for the length. */
export function ccmIv({ iv }: WycheproofTest): string | null {
  const size = iv.length / 2;
  return size < 7 || size > 13 ? null : `0${14 - size}${iv}`.padEnd(32, '0');
}

export const mac: Reader = ({ key, msg, tag }) => {
  if (tag === '') return 'a tag of no bytes';
  return { ...{ key, iv: '', ad: '', output: tag, tag: '' }, input: msg };
};

export const vmac: Reader = (test) => {
  const { iv, msg, key } = test;
  if (key.length !== 32) return 'a key of a length that the kernel does not take';
  if (iv.length > 32 || (iv.length === 32 && Number.parseInt(iv[0], 16) > 7)) {
    return 'a nonce of a length that the kernel does not take';
  }
  return mac({ ...test, msg: iv.padStart(32, '0') + msg });
};

/** The first eight bytes of what is wrapped are the IV. */
export const wrap: Reader = ({ key, msg, ct, result }) => {
  const size = ct.length / 2;
  if (![16, 24, 32].includes(key.length / 2))
    return 'a key of a length that the kernel does not take';
  if (size < 24 || size % 8 !== 0) return 'a length that is refused before anything is unwrapped';
  const fields = { key, iv: ct.slice(0, 16), ad: '', output: ct.slice(16), tag: '' };
  return { ...fields, input: result === 'invalid' ? '' : msg };
};

/** A secret as the kernel packs it, and a point without the byte that says what follows. */
export function ecdh(alg: string, curve: string): Reader {
  return ({ public: peer, private: secret, shared, flags, result }) => {
    if (flags.includes('CompressedPoint')) return 'a point of one coordinate';
    if (secret === '') return 'no private key';
    const size = COORDINATE[curve];
    const key = BigInt(`0x${secret}`)
      .toString(16)
      .padStart(2 * size, '0');
    const low = (value: number) => Buffer.of(value & 255, value >>> 8).toString('hex');
    const packed = `0200${low(6 + size)}${low(size)}${key}`;
    if (refuses(alg, packed)) return 'a private key that 6.1 refuses: it looks at it backwards';
    if (result === 'invalid' && !peer.startsWith('04')) return 'a point in another form';
    if (findsNothing(alg, packed, peer.slice(2)))
      return 'a private key that the ladder of 6.1 fails at';
    return { ...{ key: packed, iv: '', ad: '', tag: '' }, input: peer.slice(2), output: shared };
  };
}

export const x25519: Reader = ({ public: peer, private: key, shared }) => {
  if (refuses('curve25519', key)) return 'a private key that the kernel refuses';
  return { ...{ key, iv: '', ad: '', tag: '' }, input: peer, output: shared };
};

function findsNothing(alg: string, key: string, peer: string): boolean {
  const row = algorithmOf(alg);
  if (row === null || !isDataRow(row)) return false;
  const [secret, text] = [key, peer].map((bytes) => Uint8Array.from(Buffer.from(bytes, 'hex')));
  const message = { op: 'agree', key: secret, text, digest: new Uint8Array(0), room: 96 } as const;
  return row.answer(message).result === -EFAULT;
}

export function refuses(alg: string, key: string): boolean {
  return algorithmOf(alg)?.key.check(Buffer.from(key, 'hex')) !== 0;
}
