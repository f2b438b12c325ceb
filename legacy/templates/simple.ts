/**
 * Templates over one block cipher: ecb, cbc, ctr, pcbc.
 * C: crypto/skcipher.c skcipher_alloc_instance_simple (6.1)
 * @module
 */
import { CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { CipherAlg } from '../cipher.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabCipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import type { SkcipherAlg } from '../skcipher.ts';

/** What a mode says of itself. @kernel none: fields that the create functions set */
export interface SimpleMode extends Pick<SkcipherAlg, 'init' | 'ivsize' | 'blocksize'> {
  /** Default: the blocksize of the cipher. */
  readonly chunksize?: number;
}

/**
 * An instance `mode(cipher)` with the sizes of the cipher.
 * @returns -EINVAL when the caller looks for another type, -ENOENT without such a cipher.
 * @kernel skcipher_alloc_instance_simple
 */
export function skcipherAllocInstanceSimple(
  request: TemplateRequest,
  template: string,
  mode: (cipher: CipherAlg) => SimpleMode | Errno,
): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const cipher = cryptoGrabCipher(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof cipher === 'number') return cipher;
  const fields = mode(cipher);
  if (typeof fields === 'number') return fields;
  const name = `${template}(${cipher.name})`;
  const driverName = `${template}(${cipher.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    chunksize: cipher.blocksize,
    walksize: cipher.blocksize,
    ...fields,
    kind: 'skcipher',
    name,
    driverName,
    priority: cipher.priority,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [cipher]),
    alignmask: cipher.alignmask,
    minKeysize: cipher.minKeysize,
    maxKeysize: cipher.maxKeysize,
    spawns: [cipher],
  };
}
