/**
 * A scenario: the lists that one caller of the kernel hands to crypto, as a named generator. It takes a
 * random case of its algorithm (key, IV, driver, memory order) and gives it the lengths, lists and flags
 * of the caller; what of the caller a case cannot show is said in `omits`.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { randomBytes, toHex } from '../algorithms/keys.ts';
import {
  type Bytes,
  bytesLength,
  type Case,
  type CaseContext,
  materialise,
  type Segment,
} from './case.ts';
import { coverLayout } from './generate-layout.ts';

export interface Scenario {
  readonly name: string;
  /** Function of the caller. */
  readonly from: string;
  /** Algorithms that this caller asks for. */
  readonly algs: readonly string[];
  /** What of the caller is not shown. */
  readonly omits?: string;
  /** @param c a case of one of the algorithms */
  readonly make: (prng: Prng, c: Case) => Case;
}

type Flags = Pick<CaseContext, 'sleep' | 'backlog' | 'atomic'>;

/** How callers submit. */
export const NONE: Flags = { sleep: false, backlog: false, atomic: false };
export const BACKLOG: Flags = { ...NONE, backlog: true };
export const WAIT: Flags = { ...BACKLOG, sleep: true };
export const ATOMIC: Flags = { ...NONE, atomic: true };

export const BLOCK = 16;
/** AEADs that records and disks are protected with. */
export const GCM: readonly string[] = ['gcm(aes)', 'ccm(aes)', 'rfc7539(chacha20,poly1305)'];

interface Asked {
  readonly op?: Case['op'];
  readonly text: number;
  /** Absent: what the algorithm's own rules drew. */
  readonly ad?: number;
  readonly authsize?: number;
  readonly flags: Flags;
}

/** The case with other lengths; what depended on the old ones follows. */
export function asked(prng: Prng, c: Case, { op = c.op, text, ad, authsize, flags }: Asked): Case {
  const adBytes = ad === undefined ? c.ad : randomBytes(prng, ad);
  const isTampered = op === 'decrypt' && c.tamper !== null;
  const part = c.tamper?.part === 'ad' && bytesLength(adBytes) === 0 ? 'tag' : c.tamper?.part;
  const updates = c.hash.updates.map((len) => Math.min(len, text));
  return {
    ...c,
    op,
    text: randomBytes(prng, text),
    ad: adBytes,
    authsize: authsize ?? c.authsize,
    tamper: isTampered && c.tamper !== null ? { ...c.tamper, part: part ?? 'tag' } : null,
    hash: { ...c.hash, updates },
    context: { ...c.context, ...flags },
  };
}

/** The case over these lists, made long enough. */
export function over(
  c: Case,
  inplace: 'no' | 'same' | 'twin',
  src: readonly Segment[],
  dst: readonly Segment[] = [],
  chain = 0,
): Case {
  return coverLayout({ ...c, layout: { inplace, src, dst, chain } });
}

/** Bytes of AD, text and tag: what a list in place has, whichever the direction. */
export function whole(c: Case): number {
  return bytesLength(c.ad) + bytesLength(c.text) + c.authsize;
}

/** The bytes, with zeros wherever the page of zeros is in a list that they are the beginning of. */
export function zeroed(bytes: Bytes, list: readonly Segment[]): Bytes {
  const out = materialise(bytes);
  let at = 0;
  for (const { len, shares } of list) {
    if (shares === 'zero') out.fill(0, at, at + len);
    at += len;
  }
  return toHex(out);
}

/** A multiple of a block that the algorithm takes. */
export function blocks(prng: Prng, least: number, most: number): number {
  return BLOCK * prng.between(least, most);
}

/** The case on a driver that is done when it returns, where there is one. */
export function sync(prng: Prng, c: Case): Case {
  const drivers = driversOf(c.alg).filter(({ async }) => !async);
  if (!c.async || drivers.length === 0) return c;
  return { ...c, driver: prng.pick(drivers).driver, async: false };
}
