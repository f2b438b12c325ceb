/**
 * What the front door rejects with.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { type Errno, errnoName } from '../../src/errno.ts';

/**
 * The names of errnos that operations of the front door reject with.
 * @example
 * const sha = createCrypto().hash('sha256');
 * await sha.digest('text').catch((error) => console.log(error.name));
 * try {
 *   createCrypto().hash('none');
 * } catch ({ code }) {
 *   console.log(code === 'ENOENT');
 * }
 */
export type ErrnoCode =
  | 'EBADMSG'
  | 'EBUSY'
  | 'EFAULT'
  | 'EINVAL'
  | 'EIO'
  | 'ENOENT'
  | 'ENOKEY'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'ENOSYS'
  | 'EOPNOTSUPP'
  | 'EOVERFLOW'
  | (string & Record<never, never>);

/**
 * An error of the API: a negative errno with its name.
 *
 * @example
 * import { CryptoError, createCrypto } from 'sg2iter';
 * const sg = createCrypto();
 * try {
 *   sg.aead('no(such)', { key: new Uint8Array(16) });
 * } catch (error) {
 *   if (error instanceof CryptoError) console.log(error.code, error.errno);
 * }
 * await sg.close();
 */
export class CryptoError extends Error {
  override readonly name: string = 'CryptoError';
  /** Negative, as the kernel returns it. */
  readonly errno: Errno;
  /** The name of the errno, `EBADMSG`. */
  readonly code: ErrnoCode;

  constructor(errno: Errno, what: string) {
    super(`${what}: ${errnoName(errno)}`);
    this.errno = errno;
    this.code = errnoName(errno);
  }
}
