/**
 * What every kernel that is certified has. Another algorithm may be missing from a kernel, and its cases
 * are left out by name; that a lookup of these fails is a difference.
 * @module
 */
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

/** Did the lookup of the name fail: -ENOENT at allocation? */
export function isUnknown(view: View): boolean {
  return view.errno === '-2 alloc';
}

/** Is a kernel allowed to lack what it says it does not know? */
export function mayLack(algorithm: string): boolean {
  return !REQUIRED.has(algorithm);
}
