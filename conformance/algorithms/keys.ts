/**
 * Rules for keys.
 * @module
 */
import { EINVAL, ENOSYS } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { type Bytes, materialise } from '../case/case.ts';
import { bigEndian, concat } from '../subjects/reference/bytes.ts';
import type { KeyRule } from './row.ts';

/** How often a key is drawn that is refused. */
const WRONG = 96;
/** How often both halves of a double key are equal. */
const EQUAL = 24;
/** Kernel rtattr of the type CRYPTO_AUTHENC_KEYA_PARAM, 8 bytes long. */
const AUTHENC_HEAD = Uint8Array.of(8, 0, 1, 0);

/** Any bytes of a drawn description. */
export function randomBytes(prng: Prng, len: number): Bytes {
  return { seed: prng.u32(), len };
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Keys of these sizes and no others. */
export function sized(...sizes: readonly number[]): KeyRule {
  return {
    check: (key) => (sizes.includes(key.length) ? 0 : -EINVAL),
    draw: (prng) => {
      const size = prng.pick(sizes);
      return randomBytes(prng, prng.oneIn(WRONG) ? size + 1 : size);
    },
    optional: false,
  };
}

/** Keys of any size; these are drawn. */
export function anySize(...sizes: readonly number[]): KeyRule {
  return {
    check: () => 0,
    draw: (prng) => randomBytes(prng, prng.pick(sizes)),
    optional: false,
  };
}

/**
 * The same keys, and none where the hash also works without one.
 * @param accepts sizes that are taken, where these are more than those that are drawn
 */
export function optional(rule: KeyRule, accepts?: (size: number) => boolean): KeyRule {
  const check: KeyRule['check'] = (key) => (accepts?.(key.length) === true ? 0 : rule.check(key));
  return { ...rule, check, optional: true };
}

/** A hash without key. */
export const UNKEYED: KeyRule = { check: () => -ENOSYS, draw: null, optional: true };

/** The same keys with `more` bytes of any kind behind them. */
export function longer(rule: KeyRule, more: number): KeyRule {
  return {
    ...rule,
    check: (key) => (key.length < more ? -EINVAL : rule.check(key.subarray(0, key.length - more))),
    draw: (prng) => {
      const own = drawn(rule, prng);
      return typeof own === 'string'
        ? own + toHex(materialise(randomBytes(prng, more)))
        : { ...own, len: own.len + more };
    },
  };
}

/** Twice the key; the halves may be equal, where nobody forbids weak keys. */
export function doubled(...sizes: readonly number[]): KeyRule {
  const rule = sized(...sizes.map((size) => 2 * size));
  return {
    ...rule,
    draw: (prng) =>
      prng.oneIn(EQUAL)
        ? toHex(materialise(randomBytes(prng, prng.pick(sizes)))).repeat(2)
        : drawn(rule, prng),
  };
}

/** The two keys of a blob. C: crypto_authenc_extractkeys */
export function splitAuthenc(key: Uint8Array): { auth: Uint8Array; enc: Uint8Array } | null {
  if (key.length < 8 || !AUTHENC_HEAD.every((byte, i) => key[i] === byte)) return null;
  const enclen = new DataView(key.buffer, key.byteOffset).getUint32(4);
  const at = key.length - enclen;
  return at < 8 ? null : { auth: key.subarray(8, at), enc: key.subarray(at) };
}

/** A key of a hash and a key of a cipher in one blob. */
export function authencKeys(auth: KeyRule, enc: KeyRule): KeyRule {
  return {
    check: (key) => {
      const keys = splitAuthenc(key);
      if (keys === null) return -EINVAL;
      return auth.check(keys.auth) || enc.check(keys.enc);
    },
    draw: (prng) => {
      const [authkey, enckey] = [auth, enc].map((rule) => materialise(drawn(rule, prng)));
      const claimed = prng.oneIn(WRONG) ? 1000 : enckey.length;
      return toHex(concat(AUTHENC_HEAD, bigEndian(claimed, 4), authkey, enckey));
    },
    optional: false,
  };
}

function drawn(rule: KeyRule, prng: Prng): Bytes {
  return rule.draw === null ? '' : rule.draw(prng);
}
