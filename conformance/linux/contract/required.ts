/**
 * What every kernel that is certified has. Another algorithm may be missing from a kernel, and its cases
 * are left out by name; that a lookup of these fails is a difference.
 * @module
 */

import { overruns842 } from '../../subjects/reference/sw842.ts';
import { type Series, since } from '../models/model.ts';
import { arenaBytes, bytesOf, kindOf, pageOfBytes, type TextCase } from '../text/case.ts';
import type { View } from './contract.ts';

const REQUIRED: ReadonlySet<string> = new Set([
  'ecb(aes)',
  'cbc(aes)',
  'ctr(aes)',
  'xts(aes)',
  'cts(cbc(aes))',
  'rfc3686(ctr(aes))',
  'lrw(aes)',
  'essiv(cbc(aes),sha256)',
  'xchacha20',
  'adiantum(xchacha12,aes)',
  'gcm(aes)',
  'ccm(aes)',
  'rfc4106(gcm(aes))',
  'rfc7539(chacha20,poly1305)',
  'authenc(hmac(sha256),cbc(aes))',
  'sha1',
  'sha256',
  'sha512',
  'hmac(sha1)',
  'hmac(sha256)',
  'hmac(sha512)',
  'cmac(aes)',
]);

/** Did the lookup of the name fail: -ENOENT at allocation? Or has the kernel no call for the operation? */
export function isUnknown(view: View): boolean {
  return view.errno === '-2 alloc' || view.errno === '-95 operation';
}

/** Series from which on padding with a hash is a type of its own, for signatures, and no public key cipher. */
const SIGNATURES: Series = [6, 13];

/** Has a kernel moved the algorithm to another type, whose name stands in its way? */
export function isMoved(c: TextCase, view: View, series: Series): boolean {
  const mayBe = c.op === 'akcipher' && /^pkcs1pad\(rsa,/.test(c.algorithm);
  return mayBe && since(series, SIGNATURES) && /^-(17|22) alloc$/.test(view.errno ?? '');
}

/** Is a kernel allowed to lack what it says it does not know? */
export function mayLack(algorithm: string): boolean {
  return !REQUIRED.has(algorithm);
}

/**
 * Does a kernel refuse to put cryptd over this hash? From 7.2 on that is -EEXIST over an hmac template, where
 * that hmac was instantiated before: there is no request to compare.
 */
export function isUnqueued(c: TextCase, view: View, series: Series): boolean {
  return (
    since(series, [7, 2]) &&
    kindOf(c) === 'hash' &&
    'algorithm' in c &&
    c.async &&
    c.algorithm.startsWith('hmac(') &&
    view.errno === '-17 alloc'
  );
}

/**
 * Series from which on a compressor writes its result while it reads, and into the room of the caller: it had
 * copies of both before.
 */
const NO_SCRATCH: Series = [6, 12];

/** Is a request, in place of a compressor, none that a kernel promises anything for? */
export function isOverwritten(c: TextCase, series: Series): boolean {
  if (c.op !== 'acomp' || !since(series, NO_SCRATCH)) return false;
  return c.dst === null || pageOfBytes(c.dst) === pageOfBytes(c.src);
}

/** Would the decoder of 842 write behind the room of the caller (FINDINGS.md, section 13)? It is not asked to. */
export function isWrittenBehind(c: TextCase, series: Series): boolean {
  if (c.op !== 'acomp' || c.algorithm !== '842' || c.what !== 'decompress') return false;
  if (!since(series, NO_SCRATCH)) return false;
  return overruns842(bytesOf(arenaBytes(c), c.src).subarray(0, c.length), c.room);
}
