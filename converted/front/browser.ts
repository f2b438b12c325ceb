/**
 * What a bundle for browsers gets instead of the front door: the same names, so that it can be built, and
 * one clear error as soon as it is loaded.
 * @module
 */

export const Aead: never = refuse();
export const CryptoError: never = refuse();
export const createCrypto: never = refuse();
export const Hash: never = refuse();
export const HashMessage: never = refuse();
export const SgCrypto: never = refuse();
export const Skcipher: never = refuse();

function refuse(): never {
  throw new Error(
    'sg2iter runs on Node.js 20.19 or later: it needs node:crypto and synchronous memory',
  );
}
