/**
 * Names of algorithms for editors to complete; any other string is looked up as well.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
type Any = string & Record<never, never>;

/** Ciphers. */
export type SkcipherName =
  | 'ctr(aes)'
  | 'cbc(aes)'
  | 'ecb(aes)'
  | 'xts(aes)'
  | `cryptd(${string})`
  | Any;
/** Authenticated ciphers. */
export type AeadName = 'gcm(aes)' | 'ccm(aes)' | `cryptd(${string})` | Any;
/** Hashes and MACs. */
export type HashName = 'sha256' | 'hmac(sha256)' | `cryptd(${string})` | Any;
