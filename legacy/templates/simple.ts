/**
 * Templates over one block cipher: ecb, cbc, ctr, pcbc.
 * C: crypto/skcipher.c skcipher_alloc_instance_simple (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabCipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import type {
  CryptoSkcipher,
  SkcipherAlg,
  SkcipherRequest,
  SkcipherTransform,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

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

/** A transform whose key is the key of its cipher. @kernel none: what the simple modes have in common */
export abstract class SimpleTransform implements SkcipherTransform {
  protected readonly tfm: CryptoSkcipher;
  protected readonly cipher: CipherAlg;
  private kernel: CipherKernel | null = null;

  constructor(tfm: CryptoSkcipher, cipher: CipherAlg) {
    this.tfm = tfm;
    this.cipher = cipher;
  }

  /** @kernel skcipher_setkey_simple */
  setkey(key: Uint8Array): Errno {
    const kernel = this.cipher.setkey(key, this.tfm.flags);
    if (typeof kernel === 'number') return kernel;
    this.kernel = kernel;
    return 0;
  }

  /** @throws KernelBug before the first setkey. */
  protected key(): CipherKernel {
    if (this.kernel === null) throw new KernelBug('cipher without key');
    return this.kernel;
  }

  abstract encrypt(req: SkcipherRequest): Errno;
  abstract decrypt(req: SkcipherRequest): Errno;
}

/** A mode of whole blocks: what a step of the walk holds beyond them goes back to the walk. */
export abstract class BlockTransform extends SimpleTransform {
  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  /** Handles the first `len` bytes of the step, a multiple of the blocksize, and moves the IV on. */
  protected abstract blocks(key: CipherKernel, walk: SkcipherWalk, len: number, enc: boolean): void;

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const { api } = this.tfm;
    const key = this.key();
    const bsize = this.cipher.blocksize;
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes > 0) {
      const rest = walk.nbytes % bsize;
      this.blocks(key, walk, walk.nbytes - rest, enc);
      err = skcipherWalkDone(walk, rest);
    }
    return err;
  }
}
